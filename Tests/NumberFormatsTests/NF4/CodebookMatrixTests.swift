import Foundation
import NumberFormats
import TestSupport
import Testing

@Suite struct CodebookMatrixTests {
  static func row(_ values: [Float]) -> FloatMatrix {
    FloatMatrix(name: "w", rows: 1, columns: values.count, values: values)
  }

  static func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

  @Test func `codes, scales and values equal an independent computation`() throws {
    let golden = try GoldenText("nf4")
    let formats = [
      CodebookFormat.nf4, try .nf4.with(blockElements: 100, nestedScales: false), .bitsandbytesFP4,
    ]
    for format in formats {
      let matrix = try CodebookMatrix(encoding: Self.row(golden.floats("input")), as: format)
      #expect(try matrix.codes == golden.bytes("\(format.name).codes"), "\(format.name)")
      let absmax = try golden.floats("\(format.name).absmax")
      #expect(matrix.scales == .plain(absmax), "\(format.name)")
      let decoded = try golden.floats("\(format.name).decoded")
      #expect(Self.bits(matrix.decoded()) == Self.bits(decoded), "\(format.name)")
    }
    let nested = try NestedScales(encoding: golden.floats("scales.input"))
    #expect(try [nested.offset] == golden.floats("scales.offset"))
    #expect(try nested.codes == golden.bytes("scales.codes"))
    #expect(try nested.absmax == golden.floats("scales.absmax"))
  }

  @Test func `random matrices keep the error bound`() throws {
    let seed: UInt64 = 61
    var random = SeededGenerator(seed: seed)
    let formats = [
      CodebookFormat.nf4, .nf4Nested, .bitsandbytesFP4,
      try .nf4.with(blockElements: 33, nestedScales: true),
    ]
    for exponent in [-148, -130, -126, -20, 0, 30, 125] {
      let magnitude = Float(sign: .plus, exponent: exponent, significand: 1)
      let values = (0..<2001).map { _ in magnitude * Float.random(in: -1.9...1.9, using: &random) }
      let largest = values.map(abs).max() ?? 0
      for format in formats {
        let found = try CodebookMatrix(encoding: Self.row(values), as: format).decoded()
        let bound = max(format.errorBound(scale: largest / 7), 0x1p-149)
        for (value, approximate) in zip(values, found) where abs(value - approximate) > bound {
          Issue.record("\(format.name), seed \(seed): \(value) → \(approximate)")
        }
      }
    }
  }

  @Test func `zeros stay zero and constants are exact`() throws {
    for format in [CodebookFormat.nf4, .nf4Nested, .bitsandbytesFP4] {
      let zeros = [Float](repeating: 0, count: 65)
      #expect(try CodebookMatrix(encoding: Self.row(zeros), as: format).decoded() == zeros)
      let constant = [Float](repeating: -0.3, count: 65)
      #expect(try CodebookMatrix(encoding: Self.row(constant), as: format).decoded() == constant)
      #expect(try CodebookMatrix(encoding: Self.row([]), as: format).decoded().isEmpty)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `what is not finite is refused with its place`(value: Float) {
    #expect(throws: FormatError.notFinite(tensor: "w", index: 2, value: value)) {
      try CodebookMatrix(encoding: Self.row([0, 1, value]), as: .nf4)
    }
  }

  @Test func `sizes that contradict each other are refused`() throws {
    func plain(
      _ codes: Int, _ scales: [Float], rows: Int = 5, columns: Int = 13
    ) throws -> CodebookMatrix {
      try CodebookMatrix(
        name: "w", format: .nf4, rows: rows, columns: columns,
        codes: [UInt8](repeating: 0, count: codes), scales: .plain(scales))
    }
    #expect(try plain(33, [1, 2]).decoded() == [Float](repeating: -1, count: 64) + [-2])
    #expect(throws: FormatError.packedBytes(tensor: "w", expected: 33, found: 32)) {
      try plain(32, [1, 2])
    }
    #expect(throws: FormatError.scaleCount(tensor: "w", expected: 2, found: 1)) {
      try plain(33, [1])
    }
    #expect(throws: FormatError.notFinite(tensor: "w.absmax", index: 1, value: .nan)) {
      try plain(33, [1, .nan])
    }
    #expect(throws: FormatError.packedBytes(tensor: "w", expected: Int.max, found: 0)) {
      try plain(0, [], rows: Int.max, columns: 3)
    }
    func nested(_ codes: Int, _ absmax: [Float], _ offset: Float) throws -> CodebookMatrix {
      try CodebookMatrix(
        name: "w", format: .nf4Nested, rows: 5, columns: 13,
        codes: [UInt8](repeating: 0, count: 33),
        scales: .nested(
          NestedScales(
            codes: [UInt8](repeating: 255, count: codes), absmax: absmax, offset: offset)))
    }
    #expect(try nested(2, [1], 0.5).decodedScales() == [1.5, 1.5])
    #expect(throws: FormatError.scaleCount(tensor: "w", expected: 2, found: 3)) {
      try nested(3, [1], 0)
    }
    #expect(throws: FormatError.scaleCount(tensor: "w", expected: 1, found: 2)) {
      try nested(2, [1, 1], 0)
    }
    #expect(throws: FormatError.notFinite(tensor: "w.absmax", index: 1, value: .infinity)) {
      try nested(2, [1], .infinity)
    }
  }

  @Test(arguments: [0, 31, 4097])
  func `blocks outside 32…4096 are refused`(size: Int) {
    #expect(throws: FormatError.blockSize(format: "nf4", allowed: 32...4096, found: size)) {
      try CodebookFormat.nf4.with(blockElements: size, nestedScales: false)
    }
  }

  @Test func `bits per weight count the scales`() throws {
    let grouping = Grouping(.tensor, symmetric: true)
    func bits(_ format: CodebookFormat) -> Double {
      format.bitsPerWeight(rows: 128, columns: 128, grouping: grouping)
    }
    #expect(bits(.nf4) == 4.5)
    // 256 blocks of 8 bits, and 32 bits twice, over 16384 elements.
    #expect(bits(.nf4Nested) == 4.12890625)
    #expect(try bits(.nf4.with(blockElements: 4096, nestedScales: false)) == 4.0078125)
  }
}
