import CKernels

extension GGUF {
  /// 4-bit codes from a minimum up: value = d · code + m.
  ///
  /// m = the smallest value, d = (largest − smallest) / 15.
  public struct Q4_1: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q4_1`.
    public var name: String { "q4_1" }
    /// 4.
    public var bits: Int { 4 }
    /// Half up, counted in codes: ⌊(x − smallest) / d + 0.5⌋, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfUp }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q4_1 and quantize_row_q4_1_ref" }
    /// 32.
    public var blockElements: Int { 32 }
    /// 20.
    public var blockBytes: Int { MemoryLayout<qg_block_q4_1>.size }
    /// The scale, the minimum, then the codes.
    public var layout: [BlockField] {
      [
        BlockField("d", bytes: 2), BlockField("m", bytes: 2), BlockField("qs", bytes: 16),
      ]
    }
    /// GGML_TYPE_Q4_1.
    public var ggufType: UInt32? { 3 }

    /// Half a step of twice the magnitude / 15, and the rounding of both scales to half precision.
    public func errorBound(scale: Float) -> Float {
      let magnitude = GGUF.magnitude(scale: scale, bits: bits)
      return magnitude * (1 / 15 + 3 * GGUF.halfPrecision + 0x1p-19) + (15 + 1) * GGUF.halfSpacing
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
      let step = (high - low) / 15
      let inverse = GGUF.reciprocal(step)
      try block.setHalf(step, at: 0)
      try block.setHalf(low, at: 2)
      var codes = [UInt8](repeating: 0, count: 32)
      for index in 0..<32 {
        codes[index] = GGUF.truncated((values[index] - low) * inverse + 0.5, top: 15)
      }
      block.setNibbles(codes, at: 4)
    }

    /// Decodes 32 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(0)
      let low = block.half(2)
      for index in 0..<32 {
        values[index] = Float(block.nibble(index, at: 4)) * step + low
      }
    }
  }
}
