/// Two bits of each of 256 codes in 64 bytes: byte 32·h + i holds, from the lowest bits up, elements
/// i, i + 32, i + 64 and i + 96 of half h.
extension MutableRawSpan {
  /// Writes the lower two bits of codes.
  mutating func setBitPairs(_ codes: [UInt8], at offset: Int) {
    for index in 0..<64 {
      let first = index / 32 * 128 + index % 32
      let byte = (0..<4).reduce(UInt8(0)) { $0 | (codes[first + 32 * $1] & 3) << UInt8(2 * $1) }
      setOctet(byte, at: offset + index)
    }
  }
}

extension RawSpan {
  /// The two bits of an element.
  func bitPair(_ element: Int, at offset: Int) -> UInt8 {
    octet(offset + element / 128 * 32 + element % 32) >> UInt8(element % 128 / 32 * 2) & 3
  }
}
