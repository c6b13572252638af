import NumberFormats
import TestSupport
import Testing

@Suite struct MXFormatTests {
  static func row(_ values: [Float]) -> FloatMatrix {
    FloatMatrix(name: "w", rows: 1, columns: values.count, values: values)
  }

  static func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

  @Test(arguments: MXFormat.all)
  func `bytes and values equal an independent computation`(format: MXFormat) throws {
    let golden = try GoldenText("mx")
    let matrix = try BlockMatrix(encoding: Self.row(golden.floats("input")), as: format)
    let bytes = try golden.bytes("\(format.name).bytes")
    for index in bytes.indices where matrix.bytes[index] != bytes[index] {
      Issue.record("\(format.name): byte \(index) is \(matrix.bytes[index]), not \(bytes[index])")
    }
    #expect(try Self.bits(matrix.decoded()) == Self.bits(golden.floats("\(format.name).decoded")))
  }

  @Test func `a layout fills its block and counts the scale`() {
    let formats: [any BlockFormat] = MXFormat.all + [GGMLMXFP4(), GGMLNVFP4()]
    for format in formats {
      #expect(format.layout.reduce(0) { $0 + $1.bytes } == format.blockBytes)
      #expect(FormatRegistry.format(named: format.name) != nil)
    }
    let grouping = Grouping(.tensor, symmetric: true)
    #expect(
      formats.map { $0.bitsPerWeight(rows: 2, columns: 64, grouping: grouping) }
        == [8.25, 8.25, 8.25, 6.25, 6.25, 4.25, 4.25, 4.5])
  }

  /// Every element code under a few scales, which must come back as it was: a block that holds the largest element
  /// takes the scale it was decoded with.
  @Test(arguments: MXFormat.all)
  func `every element code survives under every kind of scale`(format: MXFormat) throws {
    let codes = (0..<UInt16(1 << format.bits)).filter { code in
      switch format.element {
      case .float(let type): type.decode(code).isFinite
      case .int8: code != 0x80
      }
    }
    let values = codes.map { code in
      switch format.element {
      case .float(let type): type.decode(code)
      case .int8: Float(Int8(truncatingIfNeeded: code)) / 64
      }
    }
    let largest = values.max() ?? 0
    for exponent in [-127, -100, 0, 60, 127 - format.element.largestExponent] {
      let scale = Float(sign: .plus, exponent: exponent, significand: 1)
      for start in stride(from: 0, to: values.count, by: 31) {
        var block = values[start..<min(start + 31, values.count)].map { $0 * scale }
        block += [Float](repeating: largest * scale, count: 32 - block.count)
        let matrix = try BlockMatrix(encoding: Self.row(block), as: format)
        #expect(matrix.bytes[0] == UInt8(exponent + 127))
        #expect(Self.bits(matrix.decoded()) == Self.bits(block), "\(format.name), 2^\(exponent)")
      }
    }
  }

  @Test(arguments: MXFormat.all)
  func `random blocks keep the error bound of their magnitude`(format: MXFormat) throws {
    let seed: UInt64 = 31
    var random = SeededGenerator(seed: seed)
    for exponent in stride(from: -148, through: 127, by: 5) {
      let magnitude = Float(sign: .plus, exponent: exponent, significand: 1)
      let block = (0..<32).map { _ in magnitude * Float.random(in: -1.99...1.99, using: &random) }
      let largest = block.map(abs).max() ?? 0
      let bound = format.errorBound(scale: largest / Float((1 << (format.bits - 1)) - 1) * 1.0001)
      let found = try BlockMatrix(encoding: Self.row(block), as: format).decoded()
      // Below the smallest scale the elements are as coarse as they come.
      let floor = format.element.errorBound * 0x1p-127
      for (value, approximate) in zip(block, found) {
        #expect(
          abs(value - approximate) <= max(bound, floor), "\(format.name), seed \(seed), \(value)")
      }
    }
  }

  @Test func `the tie rule is the one named`() throws {
    var block = [Float](repeating: 0, count: 32)
    block[0] = 4
    block[1] = 0.75
    block[2] = -3.5
    block[3] = 1.25
    let even = try BlockMatrix(encoding: Self.row(block), as: MXFormat.mxfp4).decoded()
    #expect(even.prefix(4) == [4, 1, -4, 1])
    let lower = MXFormat(name: "mxfp4", element: .float(.e2m1fn), ties: .toLowerIndex)
    let down = try BlockMatrix(encoding: Self.row(block), as: lower).decoded()
    #expect(down.prefix(4) == [4, 0.5, -3, 1])
    #expect(lower.rounding == .halfToLowerIndex && MXFormat.mxfp4.rounding == .halfToEven)
    block[0] = 1
    block[1] = 1.5 / 64 / 2
    block[2] = -0.5 / 64
    block[3] = 1.5 / 64
    let integer = MXFormat(name: "mxint8", element: .int8, ties: .toLowerIndex)
    #expect(
      try BlockMatrix(encoding: Self.row(block), as: integer).decoded().prefix(4)
        == [1, 1 / 64, 0, 1 / 64])
    #expect(
      try BlockMatrix(encoding: Self.row(block), as: MXFormat.mxint8).decoded().prefix(4)
        == [1, 1 / 64, 0, 2 / 64])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `what is not finite is refused with its place`(value: Float) {
    var values = [Float](repeating: 1, count: 64)
    values[40] = value
    for format in MXFormat.all {
      #expect(throws: FormatError.notFinite(tensor: "w", index: 40, value: value)) {
        try BlockMatrix(encoding: Self.row(values), as: format)
      }
    }
    #expect(throws: FormatError.notFinite(tensor: "w", index: 40, value: value)) {
      try NVFP4Matrix(encoding: Self.row(values))
    }
  }

  @Test func `a block whose scale is NaN decodes to NaN`() throws {
    let bytes = [UInt8](repeating: 255, count: 1) + [UInt8](repeating: 0x11, count: 16)
    let matrix = try BlockMatrix(
      name: "w", format: MXFormat.mxfp4, rows: 1, columns: 32, bytes: bytes)
    #expect(matrix.decoded().allSatisfy { $0.isNaN })
  }
}
