import CKernels

extension GGUF {
  /// 5-bit codes in eight groups of 32: value = d · scale · code − dmin · minimum, with six-bit scales and
  /// minima of the groups.
  ///
  /// A search of 16 trials a group minimises the squared error, weighted by magnitude and root mean
  /// square; then the codes are rounded again to the scales as they are stored.
  public struct Q5_K: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    static let search = MinimumSearch(top: 31, first: -0.5, steps: 15, absolute: false)

    /// `q5_k`.
    public var name: String { "q5_k" }
    /// 5.
    public var bits: Int { 5 }
    /// Half to even, to the scales as stored.
    public var rounding: Rounding { .halfToEven }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q5_K and quantize_row_q5_K_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 176.
    public var blockBytes: Int { MemoryLayout<qg_block_q5_k>.size }
    /// The steps of scales and minima, these, the codes' fifth bits, their lower four.
    public var layout: [BlockField] {
      SixBitGroups.layout + [BlockField("qh", bytes: 32), BlockField("qs", bytes: 128)]
    }
    /// GGML_TYPE_Q5_K.
    public var ggufType: UInt32? { 13 }

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
      SixBitGroups.storeNibbles(codes, in: &block, at: SixBitGroups.bytes + 32)
      for index in 0..<32 {
        let fifths = (0..<8).reduce(UInt8(0)) { $0 | (codes[32 * $1 + index] >> 4) << UInt8($1) }
        block.setOctet(fifths, at: SixBitGroups.bytes + index)
      }
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      for group in 0..<8 {
        let (step, low) = SixBitGroups.load(group, from: block)
        for index in 32 * group..<32 * group + 32 {
          let fifth = block.octet(SixBitGroups.bytes + index % 32) >> UInt8(group) & 1
          let code =
            SixBitGroups.nibble(index, from: block, at: SixBitGroups.bytes + 32) | fifth << 4
          values[index] = step * Float(code) - low
        }
      }
    }
  }
}
