import CKernels

extension GGUF {
  /// 2-bit codes in 16 groups of 16: value = d · scale · code − dmin · minimum, with four-bit scales and
  /// minima of the groups.
  ///
  /// A search of 16 trials a group minimises the error weighted by magnitude; then the codes are rounded
  /// again to the scales as they are stored.
  public struct Q2_K: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    static let search = MinimumSearch(top: 3, first: -0.5, steps: 15, absolute: true)

    /// `q2_k`.
    public var name: String { "q2_k" }
    /// 2.
    public var bits: Int { 2 }
    /// Half to even, to the scales as stored.
    public var rounding: Rounding { .halfToEven }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q2_K and quantize_row_q2_K_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 84.
    public var blockBytes: Int { MemoryLayout<qg_block_q2_k>.size }
    /// Scales (low half) and minima (high half), the codes, the steps of both.
    public var layout: [BlockField] {
      [
        BlockField("scales", bytes: 16), BlockField("qs", bytes: 64), BlockField("d", bytes: 2),
        BlockField("dmin", bytes: 2),
      ]
    }
    /// GGML_TYPE_Q2_K.
    public var ggufType: UInt32? { 10 }

    /// Twice the largest magnitude: a search for the smallest error may cut off any one value, and a
    /// group far smaller than its superblock keeps no more than a minimum; and
    /// the rounding of tiny steps to half precision.
    public func errorBound(scale: Float) -> Float {
      2 * GGUF.magnitude(scale: scale, bits: bits) + 15 * GGUF.halfSpacing
    }

    /// Encodes 256 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when a step reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      try GGUF.requireSearchable(values, codes: 45)
      var groups = MinimumGroups(
        values, groupSize: 16, scaleTop: 15, search: Self.search,
        weigh: MinimumGroups.magnitudeWeights)
      let scales = groups.quantized(groups.scales)
      let minima = groups.quantized(groups.minima)
      let step = try block.setHalf(scales.step, at: 80)
      let minimumStep = try block.setHalf(minima.step, at: 82)
      for group in 0..<16 {
        block.setOctet(scales.codes[group] | minima.codes[group] << 4, at: group)
      }
      groups.round(
        values, steps: scales.codes.map { step * Float($0) },
        lows: minima.codes.map { minimumStep * Float($0) })
      block.setBitPairs(groups.codes, at: 16)
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      for group in 0..<16 {
        let pair = block.octet(group)
        let step = block.half(80) * Float(pair & 0xF)
        let low = block.half(82) * Float(pair >> 4)
        for index in 16 * group..<16 * group + 16 {
          values[index] = step * Float(block.bitPair(index, at: 16)) - low
        }
      }
    }
  }
}
