import NumberFormats
import TestSupport
import Testing

@Suite struct NVFP4Tests {
  static func row(_ values: [Float]) -> FloatMatrix {
    FloatMatrix(name: "w", rows: 1, columns: values.count, values: values)
  }

  @Test func `bytes and values equal an independent computation`() throws {
    let golden = try GoldenText("mx")
    let matrix = try NVFP4Matrix(encoding: Self.row(golden.floats("nvfp4.input")))
    #expect(try [matrix.tensorScale] == golden.floats("nvfp4.tensor"))
    #expect(try matrix.scales == golden.bytes("nvfp4.scales"))
    #expect(try matrix.codes == golden.bytes("nvfp4.codes"))
    let decoded = try golden.floats("nvfp4.decoded")
    #expect(matrix.decoded().map(\.bitPattern) == decoded.map(\.bitPattern))
    let stored = try NVFP4Matrix(
      name: "w", rows: 1, columns: matrix.columns, codes: matrix.codes, scales: matrix.scales,
      tensorScale: matrix.tensorScale)
    #expect(stored == matrix)
  }

  @Test func `random tensors of any magnitude keep the error bound`() throws {
    let seed: UInt64 = 41
    var random = SeededGenerator(seed: seed)
    for exponent in stride(from: -149, through: 126, by: 5) {
      let magnitude = Float(sign: .plus, exponent: exponent, significand: 1)
      let values = (0..<128).map { index in
        magnitude * Float.random(in: -1...1, using: &random) * (index < 32 ? 0.0003 : 1)
      }
      let largest = values.map(abs).max() ?? 0
      let bound = NVFP4Format().errorBound(scale: largest / 7)
      for (value, found) in zip(values, try NVFP4Matrix(encoding: Self.row(values)).decoded()) {
        #expect(abs(value - found) <= bound, "seed \(seed), 2^\(exponent): \(value) → \(found)")
      }
    }
  }

  @Test func `a small group keeps the smallest scale rather than none`() throws {
    var values = [Float](repeating: 2688, count: 32)
    for index in 16..<32 { values[index] = 0x1p-9 }
    let matrix = try NVFP4Matrix(encoding: Self.row(values))
    #expect(matrix.tensorScale == 1 && matrix.scales == [0x7E, 1])
    #expect(matrix.decoded() == values)
  }

  @Test func `zeros and constants are exact`() throws {
    #expect(
      try NVFP4Matrix(encoding: Self.row([Float](repeating: 0, count: 32))).decoded()
        == [Float](repeating: 0, count: 32))
    // 2688 = 6 · 448 makes every scale exact.
    let constant = [Float](repeating: -2688, count: 32)
    #expect(try NVFP4Matrix(encoding: Self.row(constant)).decoded() == constant)
  }

  @Test func `sizes that contradict each other are refused`() throws {
    func matrix(
      _ columns: Int, _ codes: Int, _ scales: Int, _ scale: Float = 1
    ) throws -> NVFP4Matrix {
      try NVFP4Matrix(
        name: "w", rows: 2, columns: columns, codes: [UInt8](repeating: 0, count: codes),
        scales: [UInt8](repeating: 0, count: scales), tensorScale: scale)
    }
    #expect(try matrix(32, 32, 4).decoded().count == 64)
    #expect(
      throws: FormatError.blockColumns(tensor: "w", format: "nvfp4", multipleOf: 16, found: 24)
    ) { try matrix(24, 24, 3) }
    #expect(throws: FormatError.packedBytes(tensor: "w", expected: 32, found: 33)) {
      try matrix(32, 33, 4)
    }
    #expect(throws: FormatError.scaleCount(tensor: "w", expected: 4, found: 5)) {
      try matrix(32, 32, 5)
    }
    #expect(throws: FormatError.notFinite(tensor: "w", index: 0, value: .infinity)) {
      try matrix(32, 32, 4, .infinity)
    }
    #expect(throws: FormatError.packedBytes(tensor: "w", expected: Int.max, found: 0)) {
      try NVFP4Matrix(
        name: "w", rows: Int.max, columns: 64, codes: [], scales: [], tensorScale: 1)
    }
    #expect(
      throws: FormatError.blockColumns(tensor: "w", format: "nvfp4", multipleOf: 16, found: 8)
    ) { try NVFP4Matrix(encoding: Self.row([Float](repeating: 1, count: 8))) }
  }
}
