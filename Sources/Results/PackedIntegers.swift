import Foundation

/// Integers in 0…4,294,967,295, stored in JSON as one base64 text: a width in bytes (`1:`, `2:` or
/// `4:`), then little-endian values of the smallest width that fits.
public struct PackedIntegers: Hashable, Sendable, Codable {
  /// The integers.
  public let values: [UInt32]

  /// Packs integers.
  public init(_ values: [UInt32]) {
    self.values = values
  }

  /// Packs non-negative integers.
  public init(_ values: [Int]) {
    self.values = values.map { UInt32($0) }
  }

  /// The integers as `Int`.
  public var integers: [Int] { values.map { Int($0) } }

  /// Decodes the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    func corrupt(_ why: String) -> DecodingError {
      .dataCorruptedError(in: container, debugDescription: "packed integers: \(why)")
    }
    guard let width = text.first?.wholeNumberValue, [1, 2, 4].contains(width),
      text.dropFirst().first == ":"
    else { throw corrupt("expected '1:', '2:' or '4:' and base64") }
    guard let bytes = Data(base64Encoded: String(text.dropFirst(2))) else {
      throw corrupt("the base64 is damaged")
    }
    guard bytes.count % width == 0 else { throw corrupt("\(bytes.count) bytes of width \(width)") }
    values = stride(from: 0, to: bytes.count, by: width).map { start in
      (0..<width).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
    }
  }

  /// Encodes the text form.
  public func encode(to encoder: any Encoder) throws {
    let largest = values.max() ?? 0
    let width = largest < 1 << 8 ? 1 : largest < 1 << 16 ? 2 : 4
    var bytes = Data(capacity: values.count * width)
    for value in values {
      for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))) }
    }
    var container = encoder.singleValueContainer()
    try container.encode("\(width):" + bytes.base64EncodedString())
  }
}
