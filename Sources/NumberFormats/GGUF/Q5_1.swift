import CKernels

extension GGUF {
  /// 5-bit codes from a minimum up: value = d · code + m.
  ///
  /// m = the smallest value, d = (largest − smallest) / 31.
  public struct Q5_1: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q5_1`.
    public var name: String { "q5_1" }
    /// 5.
    public var bits: Int { 5 }
    /// Half up, counted in codes: ⌊(x − smallest) / d + 0.5⌋, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfUp }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q5_1 and quantize_row_q5_1_ref" }
    /// 32.
    public var blockElements: Int { 32 }
    /// 24.
    public var blockBytes: Int { MemoryLayout<qg_block_q5_1>.size }
    /// The scale, the minimum, the codes' fifth bits, their lower four.
    public var layout: [BlockField] {
      [
        BlockField("d", bytes: 2), BlockField("m", bytes: 2), BlockField("qh", bytes: 4),
        BlockField("qs", bytes: 16),
      ]
    }
    /// GGML_TYPE_Q5_1.
    public var ggufType: UInt32? { 7 }

    /// Half a step of twice the magnitude / 31, and the rounding of both scales to half precision.
    public func errorBound(scale: Float) -> Float {
      let magnitude = GGUF.magnitude(scale: scale, bits: bits)
      return magnitude * (1 / 31 + 3 * GGUF.halfPrecision + 0x1p-19) + (31 + 1) * GGUF.halfSpacing
    }

    /// Encodes 32 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when a scale reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      var low = values[0]
      var high = values[0]
      for index in 1..<32 {
        low = values[index] < low ? values[index] : low
        high = values[index] > high ? values[index] : high
      }
      let step = (high - low) / 31
      let inverse = GGUF.reciprocal(step)
      try block.setHalf(step, at: 0)
      try block.setHalf(low, at: 2)
      var codes = [UInt8](repeating: 0, count: 32)
      for index in 0..<32 {
        codes[index] = GGUF.truncated((values[index] - low) * inverse + 0.5, top: 31)
      }
      block.setFifthBits(codes, at: 4)
      block.setNibbles(codes, at: 8)
    }

    /// Decodes 32 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(0)
      let low = block.half(2)
      let fifths = block.word(4)
      for index in 0..<32 {
        let code = block.nibble(index, at: 8) | Int(fifths >> UInt32(index) & 1) << 4
        values[index] = Float(code) * step + low
      }
    }
  }
}
