/// Codes of 32 elements as most formats store them: element i in the low half of byte i, element
/// i + 16 in its high half.
extension MutableRawSpan {
  /// Writes the low four bits of 32 codes into 16 bytes.
  mutating func setNibbles(_ codes: [UInt8], at offset: Int) {
    for index in 0..<16 {
      setOctet(codes[index] & 0xF | codes[index + 16] << 4, at: offset + index)
    }
  }

  /// Writes the fifth bits of 32 codes, the first element's lowest.
  mutating func setFifthBits(_ codes: [UInt8], at offset: Int) {
    var bits = UInt32(0)
    for index in 0..<32 {
      bits |= UInt32(codes[index] >> 4 & 1) << UInt32(index)
    }
    set(bits, at: offset)
  }
}

extension RawSpan {
  /// Element `index` of 32 in the 16 bytes at an offset.
  func nibble(_ index: Int, at offset: Int) -> Int {
    let byte = octet(offset + index % 16)
    return Int(index < 16 ? byte & 0xF : byte >> 4)
  }
}
