import CKernels

extension GGUF {
  /// IQ4_NL in eight groups of 32 with six-bit scales: value = d · (scale − 32) · table[code].
  ///
  /// The search is IQ4_NL's; codes belong to the scales as they are stored, times the step before it is
  /// rounded to half precision.
  public struct IQ4_XS: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `iq4_xs`.
    public var name: String { "iq4_xs" }
    /// 4.
    public var bits: Int { 4 }
    /// To the nearest value of the table; midway to the higher code.
    public var rounding: Rounding { .halfUp }
    /// ggml's type and its quantizer.
    public var source: String { "ggml, block_iq4_xs and quantize_iq4_xs" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 136.
    public var blockBytes: Int { MemoryLayout<qg_block_iq4_xs>.size }
    /// The scales' step, their upper two bits, their lower four, then the codes.
    public var layout: [BlockField] {
      [
        BlockField("d", bytes: 2), BlockField("scales_h", bytes: 2),
        BlockField("scales_l", bytes: 4), BlockField("qs", bytes: 128),
      ]
    }
    /// GGML_TYPE_IQ4_XS.
    public var ggufType: UInt32? { 23 }

    /// A little more than the largest magnitude: a search for the smallest squared error may cut off any
    /// one value, and a group far smaller than its superblock decodes to zero.
    public func errorBound(scale: Float) -> Float {
      NonlinearSearch.errorBound(scale: scale, largest: 32 * 127)
    }

    /// Encodes 256 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when the step reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      try GGUF.requireSearchable(values, codes: 32 * 127)
      let scales = (0..<8).map {
        NonlinearSearch.scale(values.extracting(32 * $0..<32 * $0 + 32))
      }
      let step = -GGUF.extreme(scales.span) / 32
      try block.setHalf(step, at: 0)
      let inverse = step != 0 ? 1 / step : 0
      var stored = [UInt8](repeating: 0, count: 8)
      for group in 0..<8 {
        let scale = GGUF.nearest(inverse * scales[group], in: -32...31)
        stored[group] = UInt8(scale + 32)
        let product = step * Float(scale)
        let divisor = product != 0 ? 1 / product : 0
        block.setNibbles(
          (0..<32).map { NonlinearSearch.code(divisor * values[32 * group + $0]) },
          at: 8 + 16 * group)
      }
      let tops = (0..<8).reduce(UInt16(0)) { $0 | UInt16(stored[$1] >> 4) << UInt16(2 * $1) }
      block.set(tops, at: 2)
      for pair in 0..<4 {
        block.setOctet(stored[2 * pair] & 0xF | stored[2 * pair + 1] << 4, at: 4 + pair)
      }
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      for group in 0..<8 {
        let low = block.octet(4 + group / 2) >> UInt8(group % 2 * 4) & 0xF
        let top = block.octet(2 + group / 4) >> UInt8(group % 4 * 2) & 3
        let scale = block.half(0) * Float(Int(low | top << 4) - 32)
        for index in 0..<32 {
          let code = block.nibble(index, at: 8 + 16 * group)
          values[32 * group + index] = scale * Float(NonlinearSearch.table[code])
        }
      }
    }
  }
}
