import CKernels

extension GGUF {
  /// Ternary digits of two bits: value = d · (digit − 1), d = the largest magnitude.
  public struct TQ2_0: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `tq2_0`.
    public var name: String { "tq2_0" }
    /// 2.
    public var bits: Int { 2 }
    /// Half away from zero, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfAwayFromZero }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_tq2_0 and quantize_row_tq2_0_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 66.
    public var blockBytes: Int { MemoryLayout<qg_block_tq2_0>.size }
    /// The digits, then the scale.
    public var layout: [BlockField] { [BlockField("qs", bytes: 64), BlockField("d", bytes: 2)] }
    /// GGML_TYPE_TQ2_0.
    public var ggufType: UInt32? { 35 }

    /// Half the largest magnitude, and the scale's rounding to half precision.
    public func errorBound(scale: Float) -> Float { Ternary.errorBound(scale: scale) }

    /// Encodes 256 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` for magnitudes of 65,520 or more.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      block.setBitPairs(try Ternary.encode(values, into: &block, at: 64), at: 0)
    }

    /// Decodes 256 values; the code 3, which no encoder writes, is 2 · d.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(64)
      for index in 0..<GGUF.superblock {
        values[index] = Float(Int(block.bitPair(index, at: 0)) - 1) * step
      }
    }
  }
}
