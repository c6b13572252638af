import CKernels

extension GGUF {
  /// 5-bit codes around zero: value = d · (code − 16).
  ///
  /// d = the first value of largest magnitude / −16, so that value has the code 0; one of the same
  /// magnitude and the other sign is cut by a step.
  public struct Q5_0: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q5_0`.
    public var name: String { "q5_0" }
    /// 5.
    public var bits: Int { 5 }
    /// Half up, counted in codes: ⌊x / d + 16.5⌋, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfUp }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q5_0 and quantize_row_q5_0_ref" }
    /// 32.
    public var blockElements: Int { 32 }
    /// 22.
    public var blockBytes: Int { MemoryLayout<qg_block_q5_0>.size }
    /// The scale, the codes' fifth bits, their lower four.
    public var layout: [BlockField] {
      [BlockField("d", bytes: 2), BlockField("qh", bytes: 4), BlockField("qs", bytes: 16)]
    }
    /// GGML_TYPE_Q5_0.
    public var ggufType: UInt32? { 6 }

    /// A step of the largest magnitude / 16, and the scale's rounding to half precision.
    public func errorBound(scale: Float) -> Float {
      let magnitude = GGUF.magnitude(scale: scale, bits: bits)
      return magnitude * (1 / 16 + GGUF.halfPrecision + 0x1p-20) + 16 * GGUF.halfSpacing
    }

    /// Encodes 32 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` for magnitudes of 1,048,320 or more.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      let step = GGUF.extreme(values) / -16
      let inverse = GGUF.reciprocal(step)
      try block.setHalf(step, at: 0)
      var codes = [UInt8](repeating: 0, count: 32)
      for index in 0..<32 {
        codes[index] = GGUF.truncated(values[index] * inverse + 16.5, top: 31)
      }
      block.setFifthBits(codes, at: 2)
      block.setNibbles(codes, at: 6)
    }

    /// Decodes 32 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(0)
      let fifths = block.word(2)
      for index in 0..<32 {
        let code = block.nibble(index, at: 6) | Int(fifths >> UInt32(index) & 1) << 4
        values[index] = Float(code - 16) * step
      }
    }
  }
}
