import Foundation
import NumberFormats
import TestSupport
import Testing

/// Blocks as ggml's reference quantizers and dequantizers compute them.
@Suite(
  .enabled(if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))))
struct GgmlVectorTests {
  static let types = [
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
    "IQ4_XS",
  ]

  static func golden() throws -> GoldenTensors {
    let folder = try #require(RealData.folder("formats")).appendingPathComponent("ggml")
    return try GoldenTensors(folder.appendingPathComponent("golden.safetensors"))
  }

  static func format(_ name: String) throws -> any BlockFormat {
    try #require(FormatRegistry.format(named: name.lowercased()) as? any BlockFormat)
  }

  @Test(arguments: types) func `decoded values equal ggml's, bit for bit`(name: String) throws {
    let golden = try Self.golden()
    let matrix = try BlockMatrix(
      name: name, format: Self.format(name), rows: 108, columns: 256,
      bytes: golden.bytes("\(name).bytes"))
    let expected = try golden.floats("\(name).dequantized")
    let decoded = matrix.decoded()
    #expect(decoded.count == expected.count)
    let first = decoded.indices.first { decoded[$0].bitPattern != expected[$0].bitPattern }
    #expect(first == nil)
  }

  @Test(arguments: types) func `encoded bytes equal ggml's`(name: String) throws {
    let golden = try Self.golden()
    let input = FloatMatrix(
      name: "input", rows: 108, columns: 256, values: try golden.floats("input"))
    let expected = try golden.bytes("\(name).bytes")
    let bytes = try BlockMatrix(encoding: input, as: Self.format(name)).bytes
    #expect(bytes.count == expected.count)
    let rowBytes = expected.count / 108
    let rows = (0..<108).filter { row in
      bytes[row * rowBytes..<(row + 1) * rowBytes]
        != expected[row * rowBytes..<(row + 1) * rowBytes]
    }
    #expect(rows == [])
  }
}
