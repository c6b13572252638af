import CKernels

extension GGUF {
  /// 8-bit codes with an fp32 scale and the sums of 16 codes each: value = d · code.
  ///
  /// ggml quantizes activations to it, for products with K-quants; it is not found in files.
  public struct Q8_K: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q8_k`.
    public var name: String { "q8_k" }
    /// 8.
    public var bits: Int { 8 }
    /// Half to even, with −127 / extreme rounded first.
    public var rounding: Rounding { .halfToEven }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q8_K and quantize_row_q8_K_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 292.
    public var blockBytes: Int { MemoryLayout<qg_block_q8_k>.size }
    /// The scale in fp32, the codes in two's complement, sums of 16 codes in 16 bits each.
    public var layout: [BlockField] {
      [BlockField("d", bytes: 4), BlockField("qs", bytes: 256), BlockField("bsums", bytes: 32)]
    }
    /// GGML_TYPE_Q8_K.
    public var ggufType: UInt32? { 15 }

    /// Half a step, and the roundings of fp32; below 2⁻¹¹⁹, where a reciprocal overflows, a block is zero.
    public func errorBound(scale: Float) -> Float { scale * (0.5 + 0x1p-14) + 0x1p-119 }

    /// Encodes 256 values; the value of largest magnitude gets the code −127.
    ///
    /// - Throws: `BlockFault.scaleOverflow` at the upper end of fp32, where the step is rounded up and
    ///   127 steps are infinite.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      let inverse = -127 / GGUF.extreme(values)
      let scaled = inverse.isFinite
      let step = scaled ? 1 / inverse : 0
      guard (127 * step).isFinite else {
        throw .scaleOverflow(scale: abs(step), largest: .greatestFiniteMagnitude / 127)
      }
      block.set(step.bitPattern, at: 0)
      for group in 0..<16 {
        var sum = Int16(0)
        for index in 16 * group..<16 * group + 16 {
          let code = scaled ? Int8(GGUF.nearest(inverse * values[index], in: -127...127)) : 0
          block.set(code, at: 4 + index)
          sum += Int16(code)
        }
        block.set(sum, at: 260 + 2 * group)
      }
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = Float(bitPattern: block.word(0))
      for index in 0..<GGUF.superblock {
        values[index] = step * Float(block.signedOctet(4 + index))
      }
    }
  }
}
