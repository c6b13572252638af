/// Eight scales and eight minima of six bits in 12 bytes, as Q4_K and Q5_K store them.
///
/// Bytes 0–3 hold scales 0–3 and, on top, the upper two bits of scales 4–7; bytes 4–7 the same of the
/// minima; bytes 8–11 the lower four bits of scales 4–7 (low half) and minima 4–7 (high half).
enum SixBitPairs {
  /// Writes the pairs.
  static func store(
    scales: [UInt8], minima: [UInt8], in block: inout MutableRawSpan, at offset: Int
  ) {
    for index in 0..<4 {
      let (scale, minimum) = (scales[index + 4], minima[index + 4])
      block.setOctet(scales[index] | (scale >> 4) << 6, at: offset + index)
      block.setOctet(minima[index] | (minimum >> 4) << 6, at: offset + 4 + index)
      block.setOctet(scale & 0xF | minimum << 4, at: offset + 8 + index)
    }
  }

  /// Reads pair `index`.
  static func load(_ index: Int, from block: RawSpan, at offset: Int) -> (
    scale: UInt8, minimum: UInt8
  ) {
    let scale = block.octet(offset + index % 4)
    let minimum = block.octet(offset + 4 + index % 4)
    guard index >= 4 else { return (scale & 63, minimum & 63) }
    let low = block.octet(offset + 4 + index)
    return (low & 0xF | (scale >> 6) << 4, low >> 4 | (minimum >> 6) << 4)
  }
}
