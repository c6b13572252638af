import Foundation
import NumberFormats
import TestSupport
import Testing

/// Blocks computed in Python from the definitions; `Goldens/ggml_goldens.py` is the recipe.
@Suite struct GGUFGoldenTests {
  static func golden() throws -> GoldenTensors {
    let file = try #require(
      Bundle.module.url(
        forResource: "ggml", withExtension: "safetensors", subdirectory: "Goldens"))
    return try GoldenTensors(file)
  }

  @Test(arguments: GGUFFormats.all) func `encoded bytes equal the definition's`(
    format: GGUFFormat
  ) throws {
    let golden = try Self.golden()
    let input = try golden.floats("input")
    let expected = try golden.bytes("\(format.title).encoded")
    let rowBytes = expected.count / 7
    for row in 0..<7 {
      let values = Array(input[row * 256..<(row + 1) * 256])
      let matrix = FloatMatrix(name: "row \(row)", rows: 1, columns: 256, values: values)
      let bytes = try BlockMatrix(encoding: matrix, as: format.value).bytes
      #expect(bytes == Array(expected[row * rowBytes..<(row + 1) * rowBytes]), "row \(row)")
    }
  }

  @Test(arguments: GGUFFormats.all) func `random codes decode to the definition's values`(
    format: GGUFFormat
  ) throws {
    let golden = try Self.golden()
    let matrix = try BlockMatrix(
      name: "w", format: format.value, rows: 1, columns: 256,
      bytes: golden.bytes("\(format.title).random"))
    let expected = try golden.floats("\(format.title).decoded")
    #expect(matrix.decoded().map(\.bitPattern) == expected.map(\.bitPattern))
  }
}
