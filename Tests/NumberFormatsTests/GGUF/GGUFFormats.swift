import NumberFormats
import Testing

/// A format as an argument of a test.
struct GGUFFormat: Sendable, CustomTestStringConvertible {
  let value: any BlockFormat

  /// ggml's name of the type.
  var title: String { value.name.uppercased() }

  var testDescription: String { value.name }

  /// Encodes one row.
  func encode(_ values: [Float], name: String = "w") throws(FormatError) -> BlockMatrix {
    try BlockMatrix(
      encoding: FloatMatrix(name: name, rows: 1, columns: values.count, values: values), as: value)
  }

  /// The largest error allowed in a block of these values; the division by codes may round a subnormal
  /// magnitude down.
  func errorBound(_ values: some Sequence<Float>) -> Float {
    let magnitude = values.reduce(0) { max($0, abs($1)) }
    let codes = Float((1 << (value.bits - 1)) - 1)
    return value.errorBound(scale: (magnitude / codes).nextUp) + 0x1p-140
  }
}

enum GGUFFormats {
  /// Every format with its bytes and elements per block and its number in GGUF files.
  static let facts: [(format: any BlockFormat, elements: Int, bytes: Int, type: UInt32)] = [
    (GGUF.Q4_0(), 32, 18, 2), (GGUF.Q4_1(), 32, 20, 3), (GGUF.Q5_0(), 32, 22, 6),
    (GGUF.Q5_1(), 32, 24, 7), (GGUF.Q8_0(), 32, 34, 8), (GGUF.Q8_1(), 32, 36, 9),
    (GGUF.Q2_K(), 256, 84, 10), (GGUF.Q3_K(), 256, 110, 11), (GGUF.Q4_K(), 256, 144, 12),
    (GGUF.Q5_K(), 256, 176, 13), (GGUF.Q6_K(), 256, 210, 14), (GGUF.Q8_K(), 256, 292, 15),
    (GGUF.IQ4_NL(), 32, 18, 20), (GGUF.IQ4_XS(), 256, 136, 23), (GGUF.TQ1_0(), 256, 54, 34),
    (GGUF.TQ2_0(), 256, 66, 35),
  ]

  static let all = facts.map { GGUFFormat(value: $0.format) }
}
