public import Foundation
import Testing

/// The tensors of a safetensors file of golden vectors, read without the product's own reader.
public struct GoldenTensors {
  private let header: [String: [String: Any]]
  private let payload: Data

  /// Reads a file.
  public init(_ file: URL) throws {
    let data = try Data(contentsOf: file)
    let length = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let json = try JSONSerialization.jsonObject(with: data[8..<8 + length])
    header = try #require(json as? [String: Any]).compactMapValues { $0 as? [String: Any] }
    payload = data.dropFirst(8 + length)
  }

  /// The bytes of a tensor.
  public func bytes(_ name: String) throws -> [UInt8] {
    let offsets = try #require(header[name]?["data_offsets"] as? [Int])
    let start = payload.startIndex
    return Array(payload[start + offsets[0]..<start + offsets[1]])
  }

  /// The shape of a tensor.
  public func shape(_ name: String) throws -> [Int] {
    try #require(header[name]?["shape"] as? [Int])
  }

  /// A tensor of F32.
  public func floats(_ name: String) throws -> [Float] {
    let bytes = try bytes(name)
    return stride(from: 0, to: bytes.count, by: 4).map { at in
      Float(
        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) })
    }
  }

  /// A tensor of I8 or U8, one code an element.
  public func codes(_ name: String) throws -> [Int32] {
    let signed = header[name]?["dtype"] as? String == "I8"
    return try bytes(name).map { signed ? Int32(Int8(bitPattern: $0)) : Int32($0) }
  }
}
