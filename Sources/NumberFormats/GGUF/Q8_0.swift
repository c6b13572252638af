import CKernels

extension GGUF {
  /// 8-bit codes: value = d · code, d = largest magnitude / 127.
  public struct Q8_0: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q8_0`.
    public var name: String { "q8_0" }
    /// 8.
    public var bits: Int { 8 }
    /// Half away from zero, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfAwayFromZero }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q8_0 and quantize_row_q8_0_ref" }
    /// 32.
    public var blockElements: Int { 32 }
    /// 34.
    public var blockBytes: Int { MemoryLayout<qg_block_q8_0>.size }
    /// The scale, then the codes in two's complement.
    public var layout: [BlockField] { [BlockField("d", bytes: 2), BlockField("qs", bytes: 32)] }
    /// GGML_TYPE_Q8_0.
    public var ggufType: UInt32? { 8 }

    /// Half a step, and the scale's rounding to half precision.
    public func errorBound(scale: Float) -> Float { GGUF.byteErrorBound(scale: scale) }

    /// Encodes 32 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` for magnitudes of 8,321,040 or more.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      let step = abs(GGUF.extreme(values)) / 127
      try block.setHalf(step, at: 0)
      _ = GGUF.encodeBytes(values, step: step, into: &block, at: 2)
    }

    /// Decodes 32 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(0)
      for index in 0..<32 {
        values[index] = Float(block.signedOctet(2 + index)) * step
      }
    }
  }

  /// What Q8_0 and Q8_1 promise.
  static func byteErrorBound(scale: Float) -> Float {
    let magnitude = magnitude(scale: scale, bits: 8)
    return magnitude * (1 / 254 + halfPrecision + 0x1p-20) + 127 * halfSpacing
  }

  /// Writes round(x / step), halves away from zero, for 32 values.
  ///
  /// - Returns: The sum of the codes.
  static func encodeBytes(
    _ values: Span<Float>, step: Float, into block: inout MutableRawSpan, at offset: Int
  ) -> Int {
    let inverse = reciprocal(step)
    var sum = 0
    for index in 0..<32 {
      let steps = (values[index] * inverse).rounded(.toNearestOrAwayFromZero)
      let code = Int8(min(max(steps, -127), 127))
      block.set(code, at: offset + index)
      sum += Int(code)
    }
    return sum
  }
}
