/// Codes of any width up to 16 bits in a stream whose first bit is the lowest of the first byte.
extension RawSpan {
  /// The `count` bits that start at bit `offset`.
  func bits(_ count: Int, at offset: Int) -> UInt16 {
    var word: UInt32 = 0
    let first = offset / 8
    for byte in first...(offset + count - 1) / 8 {
      word |= UInt32(unsafeLoad(fromByteOffset: byte, as: UInt8.self)) << UInt32(8 * (byte - first))
    }
    return UInt16((word >> UInt32(offset % 8)) & ((1 << UInt32(count)) - 1))
  }
}

extension MutableRawSpan {
  /// Writes `count` bits from bit `offset` on and keeps the others.
  mutating func setBits(_ code: UInt16, count: Int, at offset: Int) {
    let first = offset / 8
    let mask = ((UInt32(1) << UInt32(count)) - 1) << UInt32(offset % 8)
    let word = UInt32(code) << UInt32(offset % 8) & mask
    for byte in first...(offset + count - 1) / 8 {
      let shift = UInt32(8 * (byte - first))
      let old = bytes.unsafeLoad(fromByteOffset: byte, as: UInt8.self)
      let new = old & ~UInt8(truncatingIfNeeded: mask >> shift)
      storeBytes(
        of: new | UInt8(truncatingIfNeeded: word >> shift), toByteOffset: byte, as: UInt8.self)
    }
  }
}
