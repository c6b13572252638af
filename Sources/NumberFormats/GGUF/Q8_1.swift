import CKernels

extension GGUF {
  /// Q8_0 with the sum of a block beside it: value = d · code, s = d · (sum of the codes).
  ///
  /// ggml quantizes activations to it, for weights with minima; it is not found in files.
  public struct Q8_1: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q8_1`.
    public var name: String { "q8_1" }
    /// 8.
    public var bits: Int { 8 }
    /// Half away from zero, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfAwayFromZero }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q8_1 and quantize_row_q8_1_ref" }
    /// 32.
    public var blockElements: Int { 32 }
    /// 36.
    public var blockBytes: Int { MemoryLayout<qg_block_q8_1>.size }
    /// The scale, the sum, then the codes in two's complement.
    public var layout: [BlockField] {
      [BlockField("d", bytes: 2), BlockField("s", bytes: 2), BlockField("qs", bytes: 32)]
    }
    /// GGML_TYPE_Q8_1.
    public var ggufType: UInt32? { 9 }

    /// Half a step, and the scale's rounding to half precision.
    public func errorBound(scale: Float) -> Float { GGUF.byteErrorBound(scale: scale) }

    /// Encodes 32 values; the sum is multiplied by the scale before that is rounded.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when the scale or the sum reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      let step = abs(GGUF.extreme(values)) / 127
      try block.setHalf(step, at: 0)
      let sum = GGUF.encodeBytes(values, step: step, into: &block, at: 4)
      try block.setHalf(Float(sum) * step, at: 2)
    }

    /// Decodes 32 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(0)
      for index in 0..<32 {
        values[index] = Float(block.signedOctet(4 + index)) * step
      }
    }
  }
}
