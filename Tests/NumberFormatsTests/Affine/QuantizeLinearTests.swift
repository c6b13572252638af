import Foundation
import NumberFormats
import TestSupport
import Testing

/// ONNX QuantizeLinear and DequantizeLinear as onnxruntime computes them.
@Suite struct QuantizeLinearTests {
  static let ranges: [String: CodeRange] = [
    "int8": AffineFormat.int8.codes, "uint8": .uint8, "int4": AffineFormat.int4.codes,
    "uint4": CodeRange(lower: 0, upper: 15),
  ]

  /// The row-major index of an element's scale.
  static func scaleIndex(_ element: Int, shape: [Int], axis: Int?, block: Int?) -> Int {
    guard let axis else { return 0 }
    let inner = shape[(axis + 1)...].reduce(1, *)
    let position = element / inner % shape[axis]
    guard let block else { return position }
    let blocks = (shape[axis] + block - 1) / block
    let outer = element / (inner * shape[axis])
    return (outer * blocks + position / block) * inner + element % inner
  }

  @Test(
    .enabled(
      if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))))
  func `codes and values equal onnxruntime's, bit for bit`() throws {
    let folder = try #require(RealData.folder("formats"))
      .appendingPathComponent("onnx-quantizelinear")
    let golden = try GoldenTensors(folder.appendingPathComponent("golden.safetensors"))
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.appendingPathComponent("manifest.json")))
    let cases = try #require((json as? [String: Any])?["cases"] as? [[String: Any]])
    #expect(cases.count == 28)
    for item in cases {
      let name = try #require(item["case"] as? String)
      let range = try #require(Self.ranges[String(name.split(separator: ".")[1])])
      let shape = try golden.shape("\(name).input")
      let input = try golden.floats("\(name).input")
      let scales = try golden.floats("\(name).scale")
      let zeros = try golden.codes("\(name).zero_point")
      let codes = try golden.codes("\(name).quantized")
      let values = try golden.floats("\(name).dequantized")
      for index in input.indices {
        let place = Self.scaleIndex(
          index, shape: shape, axis: item["axis"] as? Int, block: item["block_size"] as? Int)
        let affine = AffineParameters(scale: scales[place], zeroPoint: zeros[place])
        let code = range.code(of: input[index], affine)
        let value = affine.value(of: code)
        if code != codes[index] || value.bitPattern != values[index].bitPattern {
          Issue.record("\(name)[\(index)]: \(input[index]) → \(code), not \(codes[index])")
        }
      }
    }
  }
}
