/// GPT-2's names of the 256 bytes: a visible character each, so that pieces of bytes are text.
///
/// Printable Latin-1 stands for itself; the others follow from U+0100 on.
enum ByteAlphabet {
  /// The character of each byte.
  static let characters: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) -> Unicode.Scalar in
      let isVisible =
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
      defer { if !isVisible { next += 1 } }
      return Unicode.Scalar(isVisible ? byte : next) ?? " "
    }
  }()

  private static let bytes: [UInt32: UInt8] = Dictionary(
    uniqueKeysWithValues: characters.enumerated().map { ($1.value, UInt8($0)) })

  /// The byte of a character, or `nil`.
  static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    if (0x21...0x7E).contains(scalar.value) { return UInt8(scalar.value) }
    return bytes[scalar.value]
  }

  /// Appends the characters of a scalar's UTF-8.
  @inline(__always)
  static func append(_ scalar: Unicode.Scalar, to scalars: inout [Unicode.Scalar]) {
    if scalar.value < 0x80 {
      scalars.append(characters[Int(scalar.value)])
    } else {
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
        scalars.append(characters[Int(byte)])
      }
    }
  }
}
