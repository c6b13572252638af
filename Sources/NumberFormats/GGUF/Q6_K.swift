import CKernels

extension GGUF {
  /// 6-bit codes around zero in 16 groups of 16: value = d · scale · (code − 32), with an eight-bit scale
  /// for each group.
  ///
  /// A search of 19 trials a group minimises the squared error weighted by x²; then the codes are rounded
  /// again to the scales as they are stored.
  public struct Q6_K: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q6_k`.
    public var name: String { "q6_k" }
    /// 6.
    public var bits: Int { 6 }
    /// Half to even, to the scales as stored.
    public var rounding: Rounding { .halfToEven }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q6_K and quantize_row_q6_K_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 210.
    public var blockBytes: Int { MemoryLayout<qg_block_q6_k>.size }
    /// The codes' lower four bits, their upper two, scales in two's complement, the scales' step.
    public var layout: [BlockField] {
      [
        BlockField("ql", bytes: 128), BlockField("qh", bytes: 64), BlockField("scales", bytes: 16),
        BlockField("d", bytes: 2),
      ]
    }
    /// GGML_TYPE_Q6_K.
    public var ggufType: UInt32? { 14 }

    /// The largest magnitude: no value decodes further from itself than zero is, and a group far
    /// smaller than its superblock decodes to zero.
    public func errorBound(scale: Float) -> Float { GGUF.magnitude(scale: scale, bits: bits) }

    /// Encodes 256 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when the step reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      try GGUF.requireSearchable(values, codes: 128 * 32)
      var groups = SignedGroups(values, half: 32, search: ScaleSearch.overDivisors)
      let extreme = groups.extreme
      guard abs(extreme) >= ScaleSearch.smallest else {
        for offset in 0..<blockBytes {
          block.setOctet(0, at: offset)
        }
        return
      }
      let inverse = -128 / extreme
      let step = try block.setHalf(1 / inverse, at: 208)
      let scales = groups.scales.map {
        Int8(truncatingIfNeeded: min(GGUF.nearest(inverse * $0), 127))
      }
      for group in 0..<16 {
        block.set(scales[group], at: 192 + group)
      }
      groups.round(values, steps: scales.map { step * Float($0) })
      let codes = groups.codes
      for index in 0..<128 {
        let element = index / 64 * 128 + index % 64
        block.setOctet(codes[element] & 0xF | codes[element + 64] << 4, at: index)
      }
      block.setBitPairs(codes.map { $0 >> 4 }, at: 128)
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      for index in 0..<GGUF.superblock {
        let step = block.half(208) * Float(block.signedOctet(192 + index / 16))
        let byte = block.octet(index / 128 * 64 + index % 64)
        let low = index % 128 < 64 ? byte & 0xF : byte >> 4
        let code = Int(low | block.bitPair(index, at: 128) << 4)
        values[index] = step * Float(code - 32)
      }
    }
  }
}
