import TestSupport

/// Damages files as a bad disk, a careless editor or an attacker would.
struct Mutations {
  /// Where pieces of other files come from.
  let others: [[UInt8]]

  /// Words that mean something to one reader or another.
  private static let words: [[UInt8]] = [
    "null", "true", "[]", "{}", "-1", "1e999", "\"\"", "\"\\ud800\"", "4294967296", "nan", "[[[[",
    "9223372036854775808", "18446744073709551615", "0x7f", "\u{301}", ",", ":", "\n", "\r\n\t",
    "&a ", "*a", "<<: ", "!!str ", "- ", "? ", "../", "\0", "999999999999999999999 %",
  ].map { Array($0.utf8) }

  /// Numbers at the edges of what lengths, counts and offsets may be.
  private static let numbers: [UInt64] = [
    0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
    1 << 40, 1 << 61, .max >> 1, 1 << 63, .max - 7, .max,
  ]

  /// A copy with one to four damages.
  func damaged(_ file: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = file
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      damage(&bytes, at: Int.random(in: bytes.indices, using: &random), &random)
    }
    return bytes
  }

  private func damage(_ bytes: inout [UInt8], at place: Int, _ random: inout SeededGenerator) {
    let length = min(bytes.count - place, Int.random(in: 1...16, using: &random))
    switch Int.random(in: 0..<9, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.removeSubrange(place..<place + length)
    case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 4: bytes.removeSubrange(place...)
    case 5: bytes.insert(contentsOf: Self.words.randomElement(using: &random) ?? [], at: place)
    case 6: overwrite(&bytes, at: place, &random)
    case 7: replaceNumber(&bytes, from: place, &random)
    default:
      let other = others.randomElement(using: &random) ?? bytes
      let start = Int.random(in: 0...other.count, using: &random)
      bytes.insert(contentsOf: other[start...].prefix(4 * length), at: place)
    }
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, _ random: inout SeededGenerator) {
    let number = Self.numbers.randomElement(using: &random) ?? 0
    let width = [1, 2, 4, 8].randomElement(using: &random) ?? 8
    for index in 0..<min(width, bytes.count - place) {
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))
    }
  }

  /// Puts another number where a decimal one stands.
  private func replaceNumber(
    _ bytes: inout [UInt8], from place: Int, _ random: inout SeededGenerator
  ) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
    let number = Self.numbers.randomElement(using: &random) ?? 0
    bytes.replaceSubrange(start..<end, with: "\(number)".utf8)
  }
}
