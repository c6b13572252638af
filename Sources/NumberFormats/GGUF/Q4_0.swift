import CKernels

extension GGUF {
  /// 4-bit codes around zero: value = d · (code − 8).
  ///
  /// d = the first value of largest magnitude / −8, so that value has the code 0; one of the same
  /// magnitude and the other sign is cut by a step.
  public struct Q4_0: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q4_0`.
    public var name: String { "q4_0" }
    /// 4.
    public var bits: Int { 4 }
    /// Half up, counted in codes: ⌊x / d + 8.5⌋, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfUp }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q4_0 and quantize_row_q4_0_ref" }
    /// 32.
    public var blockElements: Int { 32 }
    /// 18.
    public var blockBytes: Int { MemoryLayout<qg_block_q4_0>.size }
    /// The scale, then the codes.
    public var layout: [BlockField] {
      [BlockField("d", bytes: 2), BlockField("qs", bytes: 16)]
    }
    /// GGML_TYPE_Q4_0.
    public var ggufType: UInt32? { 2 }

    /// A step of the largest magnitude / 8, and the scale's rounding to half precision.
    public func errorBound(scale: Float) -> Float {
      let magnitude = GGUF.magnitude(scale: scale, bits: bits)
      return magnitude * (1 / 8 + GGUF.halfPrecision + 0x1p-20) + 8 * GGUF.halfSpacing
    }

    /// Encodes 32 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` for magnitudes of 524,160 or more.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      let step = GGUF.extreme(values) / -8
      let inverse = GGUF.reciprocal(step)
      try block.setHalf(step, at: 0)
      var codes = [UInt8](repeating: 0, count: 32)
      for index in 0..<32 {
        codes[index] = GGUF.truncated(values[index] * inverse + 8.5, top: 15)
      }
      block.setNibbles(codes, at: 2)
    }

    /// Decodes 32 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(0)
      for index in 0..<32 {
        values[index] = Float(block.nibble(index, at: 2) - 8) * step
      }
    }
  }
}
