import NumberFormats
import TestSupport
import Testing

@Suite struct EncodeKernelTests {
  /// Rows of every size from subnormal to far beyond what a scale can hold.
  private static func values(_ rows: Int, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<rows).flatMap { _ -> [Float] in
      let exponent = Int.random(in: -148...12, using: &random)
      let unit = Float(sign: .plus, exponent: exponent, significand: 1)
      let shape = Int.random(in: 0..<5, using: &random)
      return (0..<256).map { index in
        let value = Float.random(in: -1...1, using: &random)
        return switch shape {
        case 0: unit * (value * 8).rounded()
        case 1: unit * abs(value)
        case 2: index.isMultiple(of: 9) ? unit * value : unit * value / 512
        case 3: index < 64 ? 0 : unit
        default: unit * value
        }
      }
    }
  }

  @Test(arguments: [GGUF.Q4_0() as any BlockFormat, GGUF.Q8_0(), GGUF.Q4_K()])
  func `whole matrices have the bytes of blocks encoded one by one`(_ format: any BlockFormat)
    throws
  {
    for seed in UInt64(0)..<6 {
      let rows = 67
      let values = Self.values(rows, seed: seed)
      let matrix = FloatMatrix(name: "w", rows: rows, columns: 256, values: values)
      let whole = try BlockMatrix(encoding: matrix, as: format)
      var expected: [UInt8] = []
      for first in stride(from: 0, to: values.count, by: format.blockElements) {
        var block = [UInt8](repeating: 0, count: format.blockBytes)
        var storage = block.mutableSpan
        var bytes = storage.mutableBytes
        try format.encode(
          values.span.extracting(first..<first + format.blockElements), into: &bytes)
        expected += block
      }
      let difference = zip(whole.bytes, expected).enumerated().first { $1.0 != $1.1 }
      #expect(difference == nil, "\(format.name), seed \(seed)")
      #expect(whole.bytes.count == expected.count)
    }
  }

  @Test(arguments: [GGUF.Q4_0() as any BlockFormat, GGUF.Q8_0(), GGUF.Q4_K()])
  func `a scale that overflows is refused with its place`(_ format: any BlockFormat) throws {
    var values = Self.values(9, seed: 7)
    for index in 5 * 256..<6 * 256 { values[index] = index.isMultiple(of: 2) ? 1e9 : -1e9 }
    let matrix = FloatMatrix(name: "w", rows: 9, columns: 256, values: values)
    let error = #expect(throws: FormatError.self) {
      try BlockMatrix(encoding: matrix, as: format)
    }
    #expect(error?.description.hasPrefix("w[1280]: \(format.name) cannot store") == true)
  }
}
