import Foundation
import NumberFormats
import TestSupport
import Testing

@Suite struct GGMLFP4Tests {
  static func row(_ values: [Float]) -> FloatMatrix {
    FloatMatrix(name: "w", rows: 1, columns: values.count, values: values)
  }

  @Test(
    .enabled(
      if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))))
  func `bytes and values equal ggml's, bit for bit`() throws {
    let file = try #require(RealData.folder("formats"))
      .appendingPathComponent("ggml/golden.safetensors")
    let golden = try GoldenTensors(file)
    let input = try golden.floats("input")
    let matrix = FloatMatrix(name: "w", rows: 108, columns: 256, values: input)
    let encoded = [
      "MXFP4": try BlockMatrix(encoding: matrix, as: GGMLMXFP4()),
      "NVFP4": try BlockMatrix(encoding: matrix, as: GGMLNVFP4(outOfRange: .saturate)),
    ]
    for (name, found) in encoded.sorted(by: { $0.key < $1.key }) {
      let bytes = try golden.bytes("\(name).bytes")
      #expect(found.bytes == bytes, "\(name)")
      let stored = try BlockMatrix(
        name: "w", format: found.format, rows: 108, columns: 256, bytes: bytes)
      let values = try golden.floats("\(name).dequantized")
      #expect(stored.decoded().map(\.bitPattern) == values.map(\.bitPattern), "\(name)")
    }
  }

  @Test func `MXFP4 splits its block in halves and takes the lower index`() throws {
    var values = [Float](repeating: 0, count: 32)
    values[0] = 6
    values[16] = -6
    values[1] = 0.75
    values[17] = -0.25
    let lower = try BlockMatrix(encoding: Self.row(values), as: GGMLMXFP4())
    #expect(lower.bytes.prefix(3) == [127, 0xF7, 0x01])
    let even = try BlockMatrix(encoding: Self.row(values), as: GGMLMXFP4(ties: .toEven))
    #expect(even.bytes.prefix(3) == [127, 0xF7, 0x02])
    #expect(GGMLMXFP4().ggufType == 39 && GGMLNVFP4().ggufType == 40)
  }

  @Test func `zeros, the smallest and the largest numbers have a scale`() throws {
    for (value, scale) in [(Float(0), UInt8(0)), (0x1p-149, 0), (.greatestFiniteMagnitude, 252)] {
      let values = [Float](repeating: -value, count: 32)
      let matrix = try BlockMatrix(encoding: Self.row(values), as: GGMLMXFP4())
      #expect(matrix.bytes[0] == scale)
      #expect(matrix.decoded().allSatisfy { $0.isFinite && abs($0) <= value })
    }
  }

  @Test func `NVFP4 refuses what exceeds its scales, or saturates when asked to`() throws {
    var values = [Float](repeating: 1, count: 128)
    values[100] = 2700
    #expect(
      throws: FormatError.block(
        tensor: "w", index: 64, format: "nvfp4-gguf",
        fault: .scaleOverflow(scale: 450, largest: 448))
    ) { try BlockMatrix(encoding: Self.row(values), as: GGMLNVFP4()) }
    let saturated = try BlockMatrix(
      encoding: Self.row(values), as: GGMLNVFP4(outOfRange: .saturate))
    #expect(saturated.decoded()[100] == 2688)
  }

  @Test func `NVFP4 rounds scales as ggml does`() throws {
    // Halves up, no 8th subnormal number, and 448 for whatever rounds to 256 or more.
    let expected: [(scale: Float, code: UInt8)] = [
      (0, 0), (0x1p-10, 1), (0x1p-11, 0), (7.9 * 0x1p-9, 7), (0x1p-6, 8), (1.0625, 0x39),
      (1.06, 0x38), (247, 0x77), (248, 0x7E), (256, 0x7E), (448, 0x7E),
    ]
    for (scale, code) in expected {
      let values = [Float](repeating: 6 * scale, count: 64)
      let matrix = try BlockMatrix(encoding: Self.row(values), as: GGMLNVFP4())
      #expect(matrix.bytes.prefix(4) == [code, code, code, code], "\(scale)")
    }
  }

  @Test func `blocks of any magnitude keep the error bound`() throws {
    let seed: UInt64 = 37
    var random = SeededGenerator(seed: seed)
    for step in -100...89 {
      let magnitude = Float(sign: .plus, exponent: step / 8, significand: 1 + Float(step & 7) / 8)
      let values = (0..<64).map { _ in magnitude * Float.random(in: -1.4...1.4, using: &random) }
      let largest = values.map(abs).max() ?? 0
      let formats: [any BlockFormat] = [GGMLMXFP4(), GGMLNVFP4(outOfRange: .saturate)]
      for format in formats where largest < 2688 || format.ggufType == 39 {
        let found = try BlockMatrix(encoding: Self.row(values), as: format).decoded()
        let bound = format.errorBound(scale: largest / 7 * 1.0001)
        for (value, approximate) in zip(values, found) where abs(value - approximate) > bound {
          Issue.record("\(format.name), seed \(seed), \(largest): \(value) → \(approximate)")
        }
      }
    }
  }

  @Test func `every NVFP4 scale decodes as unsigned e4m3`() throws {
    for code in UInt8(0)...127 {
      let bytes = [code, code, code, code] + [UInt8](repeating: 0x92, count: 32)
      let matrix = try BlockMatrix(
        name: "w", format: GGMLNVFP4(), rows: 1, columns: 64, bytes: bytes)
      let scale = code == 127 ? 0 : Minifloat.e4m3fn.decode(UInt16(code))
      #expect(matrix.decoded()[0] == scale && matrix.decoded()[8] == -scale / 2)
    }
  }
}
