import CKernels

extension GGUF {
  /// 4-bit codes in eight groups of 32: value = d · scale · code − dmin · minimum, with six-bit scales and
  /// minima of the groups.
  ///
  /// A search of 21 trials a group minimises the squared error, weighted by magnitude and root mean
  /// square; then the codes are rounded again to the scales as they are stored.
  public struct Q4_K: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    static let search = MinimumSearch(top: 15, first: -1, steps: 20, absolute: false)

    /// `q4_k`.
    public var name: String { "q4_k" }
    /// 4.
    public var bits: Int { 4 }
    /// Half to even, to the scales as stored.
    public var rounding: Rounding { .halfToEven }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q4_K and quantize_row_q4_K_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 144.
    public var blockBytes: Int { MemoryLayout<qg_block_q4_k>.size }
    /// The steps of scales and minima, these, then the codes.
    public var layout: [BlockField] { SixBitGroups.layout + [BlockField("qs", bytes: 128)] }
    /// GGML_TYPE_Q4_K.
    public var ggufType: UInt32? { 12 }

    /// Twice the largest magnitude: a search for the smallest squared error may cut off any one value,
    /// and a group far smaller than its superblock keeps no more than a minimum; and
    /// the rounding of tiny steps to half precision.
    public func errorBound(scale: Float) -> Float {
      2 * GGUF.magnitude(scale: scale, bits: bits) + 63 * GGUF.halfSpacing
    }

    /// Encodes 256 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when a step reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      let codes = try SixBitGroups.encode(values, search: Self.search, into: &block)
      SixBitGroups.storeNibbles(codes, in: &block, at: SixBitGroups.bytes)
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      for group in 0..<8 {
        let (step, low) = SixBitGroups.load(group, from: block)
        for index in 32 * group..<32 * group + 32 {
          let code = SixBitGroups.nibble(index, from: block, at: SixBitGroups.bytes)
          values[index] = step * Float(code) - low
        }
      }
    }
  }
}
