import Crypto
public import Foundation

/// A SHA-256 content digest. Prints as `sha256:` and 64 hexadecimal digits.
public struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  public let hexadecimal: String

  /// The digest of some bytes.
  public init(of bytes: some DataProtocol) {
    self.init(SHA256.hash(data: bytes))
  }

  /// The digest of a text's UTF-8 bytes.
  public init(of text: String) {
    self.init(of: Array(text.utf8))
  }

  fileprivate init(_ digest: SHA256Digest) {
    let digits = Array("0123456789abcdef".utf8)
    hexadecimal = String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// `sha256:` and the digits.
  public var description: String { "sha256:" + hexadecimal }

  /// The first twelve digits, for tables.
  public var short: String { String(hexadecimal.prefix(12)) }

  /// Reads the form that `description` prints.
  public init?(_ text: String) {
    guard text.hasPrefix("sha256:") else { return nil }
    let digits = text.dropFirst(7)
    guard digits.count == 64, digits.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
      return nil
    }
    hexadecimal = String(digits)
  }

  /// Decodes the form that `description` prints.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let digest = Digest(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected sha256: and 64 digits, found '\(text)'")
    }
    self = digest
  }

  /// Encodes the form that `description` prints.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Computes a digest piece by piece. Every number is hashed as little-endian bytes.
public struct Hasher256: Sendable {
  private var hash = SHA256()

  /// Creates a hasher that has seen nothing.
  public init() {}

  /// Adds raw bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bufferPointer: bytes)
  }

  /// Adds a text with its length in front, so that neighbouring texts cannot run together.
  public mutating func update(_ text: String) {
    let bytes = Array(text.utf8)
    update(Int64(bytes.count))
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// Adds an integer.
  public mutating func update<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { hash.update(bufferPointer: $0) }
  }

  /// Adds floats by bit pattern; the machine must be little-endian.
  public mutating func update(_ values: [Float]) {
    values.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// The digest of everything added.
  public consuming func finalize() -> Digest {
    Digest(hash.finalize())
  }
}
