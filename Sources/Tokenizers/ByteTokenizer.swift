/// The simplest tokenizer: an id is a byte of UTF-8.
public struct ByteTokenizer: Tokenizer {
  /// The only value.
  public init() {}

  /// 256.
  public var vocabularyCount: Int { 256 }

  /// None has a role.
  public var specialTokens: SpecialTokens { SpecialTokens() }

  /// The name alone: there is nothing to configure.
  public var canonicalForm: [UInt8] { Array("bytes".utf8) }

  /// The bytes of the text's UTF-8.
  public func encode(_ text: String, addSpecialTokens: Bool) throws(TokenizerError) -> [Int] {
    text.utf8.map { Int($0) }
  }

  /// The text of the bytes; ill-formed UTF-8 becomes U+FFFD.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool) throws(TokenizerError) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ids.count)
    for (position, id) in ids.enumerated() {
      guard let byte = UInt8(exactly: id) else {
        throw .identifier(position: position, expected: "an id in 0..<256", found: id)
      }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
