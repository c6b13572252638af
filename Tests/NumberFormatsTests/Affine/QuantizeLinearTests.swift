import Foundation
import NumberFormats
import TestSupport
import Testing

/// ONNX QuantizeLinear and DequantizeLinear as onnxruntime computes them.
@Suite struct QuantizeLinearTests {
  /// What of a golden file's tensors is needed here.
  struct Golden {
    let header: [String: [String: Any]]
    let payload: Data

    init(_ file: URL) throws {
      let data = try Data(contentsOf: file)
      let length = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
      let json = try JSONSerialization.jsonObject(with: data[8..<8 + length])
      header = try #require(json as? [String: Any]).compactMapValues { $0 as? [String: Any] }
      payload = data.dropFirst(8 + length)
    }

    func bytes(_ name: String) throws -> [UInt8] {
      let offsets = try #require(header[name]?["data_offsets"] as? [Int])
      let start = payload.startIndex
      return Array(payload[start + offsets[0]..<start + offsets[1]])
    }

    func shape(_ name: String) throws -> [Int] { try #require(header[name]?["shape"] as? [Int]) }

    func floats(_ name: String) throws -> [Float] {
      let bytes = try bytes(name)
      return stride(from: 0, to: bytes.count, by: 4).map { at in
        Float(
          bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) })
      }
    }

    func codes(_ name: String) throws -> [Int32] {
      let signed = header[name]?["dtype"] as? String == "I8"
      return try bytes(name).map { signed ? Int32(Int8(bitPattern: $0)) : Int32($0) }
    }
  }

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
    let golden = try Golden(folder.appendingPathComponent("golden.safetensors"))
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
