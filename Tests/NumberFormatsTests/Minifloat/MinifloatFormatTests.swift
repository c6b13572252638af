import NumberFormats
import TestSupport
import Testing

@Suite struct MinifloatFormatTests {
  static let grouping = Grouping(.tensor, symmetric: true)

  static func row(_ values: [Float]) -> FloatMatrix {
    FloatMatrix(name: "w", rows: 1, columns: values.count, values: values)
  }

  @Test(arguments: MinifloatFormat.all)
  func `weights in the range keep the error bound`(format: MinifloatFormat) throws {
    let seed: UInt64 = 21
    var random = SeededGenerator(seed: seed)
    let limit = format.element.largest
    let values = (0..<2000).map { index in
      index.isMultiple(of: 2)
        ? limit * Float.random(in: -1...1, using: &random)
        : Float.random(in: -1...1, using: &random)
    }
    let found = try format.approximation(of: Self.row(values), grouping: Self.grouping)
    for (value, approximate) in zip(values, found) {
      #expect(
        abs(value - approximate) <= format.element.errorBound(at: value),
        "\(format.name), seed \(seed): \(value)")
    }
    let step = limit / Float((1 << (format.bits - 1)) - 1)
    #expect(format.errorBound(scale: step * 1.01) == format.element.errorBound(at: limit))
    #expect(format.errorBound(scale: step / 1000) < format.element.errorBound(at: limit))
    #expect(
      format.bitsPerWeight(rows: 3, columns: 5, grouping: Self.grouping) == Double(format.bits))
    #expect(FormatRegistry.format(named: format.name) as? MinifloatFormat == format)
  }

  @Test func `weights beyond the range are refused, or saturate when asked to`() throws {
    let matrix = Self.row([1, -448, -500])
    #expect(
      throws: FormatError.outOfRange(
        tensor: "w", index: 2, format: "fp8-e4m3", value: -500, largest: 448)
    ) { try MinifloatFormat.e4m3.encode(matrix) }
    let saturating = MinifloatFormat(
      name: "fp8-e4m3", element: .e4m3fn, outOfRange: .saturate)
    #expect(
      try saturating.approximation(of: matrix, grouping: Self.grouping) == [1, -448, -448])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `what is not finite is refused with its place`(value: Float) {
    for outOfRange in [MinifloatFormat.OutOfRange.refuse, .saturate] {
      let format = MinifloatFormat(name: "x", element: .bf16, outOfRange: outOfRange)
      #expect(throws: FormatError.notFinite(tensor: "w", index: 1, value: value)) {
        try format.encode(Self.row([0, value]))
      }
    }
  }
}
