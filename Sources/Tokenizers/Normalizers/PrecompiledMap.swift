/// SentencePiece's compiled normalization: a double-array trie from UTF-8 to replacements.
///
/// The blob is the trie's length in bytes (32 bits, little endian), the trie's units, and the
/// replacements, each ended by a zero byte. A unit's layout is that of darts-clone (Yata, "Darts-clone").
struct PrecompiledMap: Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// Reads a blob.
  init(_ blob: [UInt8], at node: JSONNode) throws(TokenizerError) {
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(blob[offset + $1]) << UInt32(8 * $1) }
    }
    guard blob.count >= 4 else {
      throw node.failure(expected: "at least 4 bytes", found: "\(blob.count)")
    }
    let length = Int(word(0))
    guard length % 4 == 0, length > 0, length <= blob.count - 4 else {
      throw node.failure(
        expected: "a trie of a multiple of 4 and at most \(blob.count - 4) bytes",
        found: "\(length)")
    }
    units = stride(from: 4, to: 4 + length, by: 4).map { word($0) }
    replacements = Array(blob[(4 + length)...])
    guard replacements.isEmpty || replacements.last == 0 else {
      throw node.failure(expected: "replacements that end in a zero byte", found: "none at the end")
    }
  }

  /// The rewritten text: whole grapheme clusters of up to five bytes first, else character by
  /// character.
  func apply(
    to scalars: [Unicode.Scalar], limit: Int
  ) throws(TokenizerError) -> [Unicode.Scalar] {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count)
    for cluster in text {
      if cluster.utf8.count < 6, let replacement = replacement(of: Array(cluster.utf8)) {
        result.append(contentsOf: replacement.unicodeScalars)
      } else {
        for scalar in cluster.unicodeScalars {
          if let replacement = replacement(of: Array(String(Character(scalar)).utf8)) {
            result.append(contentsOf: replacement.unicodeScalars)
          } else {
            result.append(scalar)
          }
        }
      }
      try checkLength(result.count, limit)
    }
    return result
  }

  /// What the shortest key that begins `bytes` is replaced by. (The shortest, not the longest: this is
  /// what Hugging Face's reader does, whose ids are the reference.)
  private func replacement(of bytes: [UInt8]) -> String? {
    guard let index = shortestPrefix(of: bytes), index < replacements.count else { return nil }
    let end = replacements[index...].firstIndex(of: 0) ?? replacements.count
    return String(decoding: replacements[index..<end], as: UTF8.self)
  }

  private func shortestPrefix(of bytes: [UInt8]) -> Int? {
    var position = Self.offset(units[0])
    for byte in bytes {
      guard byte != 0 else { return nil }
      position ^= Int(byte)
      guard position < units.count, units[position] & 0x8000_00FF == UInt32(byte) else {
        return nil
      }
      let unit = units[position]
      position ^= Self.offset(unit)
      if unit >> 8 & 1 == 1 {
        guard position < units.count else { return nil }
        return Int(units[position] & 0x7FFF_FFFF)
      }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int {
    Int((unit >> 10) << ((unit & (1 << 9)) >> 6))
  }
}
