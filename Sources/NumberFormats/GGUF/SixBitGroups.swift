/// The head of a Q4_K or Q5_K superblock: two half-precision steps, and a six-bit scale and minimum for
/// each of eight groups.
enum SixBitGroups {
  /// Bytes of the head.
  static let bytes = 16

  /// The fields of the head.
  static let layout = [
    BlockField("d", bytes: 2), BlockField("dmin", bytes: 2), BlockField("scales", bytes: 12),
  ]

  /// Fits 256 values, writes the head, and returns the codes.
  static func encode(
    _ values: Span<Float>, search: MinimumSearch, into block: inout MutableRawSpan
  ) throws(BlockFault) -> [UInt8] {
    try GGUF.requireSearchable(values, codes: Float(63 * search.top))
    var groups = MinimumGroups(
      values, groupSize: 32, scaleTop: 63, search: search,
      weigh: MinimumGroups.rootMeanSquareWeights)
    let scales = groups.quantized(groups.scales)
    let minima = groups.quantized(groups.minima)
    let step = try block.setHalf(scales.step, at: 0)
    let minimumStep = try block.setHalf(minima.step, at: 2)
    SixBitPairs.store(scales: scales.codes, minima: minima.codes, in: &block, at: 4)
    groups.round(
      values, steps: scales.codes.map { step * Float($0) },
      lows: minima.codes.map { minimumStep * Float($0) })
    return groups.codes
  }

  /// The scale and the minimum of group `index`.
  static func load(_ index: Int, from block: RawSpan) -> (step: Float, low: Float) {
    let pair = SixBitPairs.load(index, from: block, at: 4)
    return (block.half(0) * Float(pair.scale), block.half(2) * Float(pair.minimum))
  }

  /// Element i of 64 shares a byte with element i + 32: its code's lower four bits are in the low half.
  static func storeNibbles(_ codes: [UInt8], in block: inout MutableRawSpan, at offset: Int) {
    for index in 0..<128 {
      let element = index / 32 * 64 + index % 32
      block.setOctet(codes[element] & 0xF | codes[element + 32] << 4, at: offset + index)
    }
  }

  /// The four bits that `storeNibbles` wrote for an element.
  static func nibble(_ element: Int, from block: RawSpan, at offset: Int) -> UInt8 {
    let byte = block.octet(offset + element / 64 * 32 + element % 32)
    return element % 64 < 32 ? byte & 0xF : byte >> 4
  }
}
