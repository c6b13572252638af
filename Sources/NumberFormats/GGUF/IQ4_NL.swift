import CKernels

extension GGUF {
  /// 4-bit codes of sixteen unevenly spaced values: value = d · table[code].
  ///
  /// A search of 16 trials minimises the squared error weighted by x²; codes belong to the scale before it
  /// is rounded to half precision.
  public struct IQ4_NL: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `iq4_nl`.
    public var name: String { "iq4_nl" }
    /// 4.
    public var bits: Int { 4 }
    /// To the nearest value of the table; midway to the higher code.
    public var rounding: Rounding { .halfUp }
    /// ggml's type and its quantizer; the reference one (`_ref`) makes no trials and is not used for files.
    public var source: String { "ggml, block_iq4_nl and quantize_iq4_nl" }
    /// 32.
    public var blockElements: Int { 32 }
    /// 18.
    public var blockBytes: Int { MemoryLayout<qg_block_iq4_nl>.size }
    /// The scale, then the codes.
    public var layout: [BlockField] { [BlockField("d", bytes: 2), BlockField("qs", bytes: 16)] }
    /// GGML_TYPE_IQ4_NL.
    public var ggufType: UInt32? { 20 }

    /// A little more than the largest magnitude: a search for the smallest squared error may cut off any
    /// one value.
    public func errorBound(scale: Float) -> Float {
      NonlinearSearch.errorBound(scale: scale, largest: 127)
    }

    /// Encodes 32 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when the scale reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      try GGUF.requireSearchable(values, codes: 127)
      let scale = NonlinearSearch.scale(values)
      try block.setHalf(scale, at: 0)
      let inverse = scale != 0 ? 1 / scale : 0
      block.setNibbles(
        (0..<32).map { NonlinearSearch.code(inverse * values[$0]) }, at: 2)
    }

    /// Decodes 32 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let scale = block.half(0)
      for index in 0..<32 {
        values[index] = scale * Float(NonlinearSearch.table[block.nibble(index, at: 2)])
      }
    }
  }
}
