import CKernels

extension GGUF {
  /// 3-bit codes around zero in 16 groups of 16: value = d · (scale − 32) · (code − 4), with a six-bit scale
  /// for each group.
  ///
  /// Up to five passes over a group move single codes to minimise the squared error weighted by x²; then
  /// the codes are rounded again to the scales as they are stored.
  public struct Q3_K: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `q3_k`.
    public var name: String { "q3_k" }
    /// 3.
    public var bits: Int { 3 }
    /// Half to even, to the scales as stored.
    public var rounding: Rounding { .halfToEven }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_q3_K and quantize_row_q3_K_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 110.
    public var blockBytes: Int { MemoryLayout<qg_block_q3_k>.size }
    /// The codes' third bits, their lower two, the scales (the lower four bits of 16, then the upper two),
    /// the scales' step.
    public var layout: [BlockField] {
      [
        BlockField("hmask", bytes: 32), BlockField("qs", bytes: 64),
        BlockField("scales", bytes: 12), BlockField("d", bytes: 2),
      ]
    }
    /// GGML_TYPE_Q3_K.
    public var ggufType: UInt32? { 11 }

    /// The largest magnitude: no value decodes further from itself than zero is, and a group far
    /// smaller than its superblock decodes to zero.
    public func errorBound(scale: Float) -> Float { GGUF.magnitude(scale: scale, bits: bits) }

    /// Encodes 256 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` when the step reaches 65,520.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      try GGUF.requireSearchable(values, codes: 32 * 4)
      var groups = SignedGroups(values, half: 4, search: ScaleSearch.byCoordinates)
      let extreme = groups.extreme
      var scales = [UInt8](repeating: 0, count: 16)
      if extreme != 0 {
        let inverse = -32 / extreme
        scales = groups.scales.map { UInt8(GGUF.nearest(inverse * $0, in: -32...31) + 32) }
        let step = try block.setHalf(1 / inverse, at: 108)
        groups.round(values, steps: scales.map { step * Float(Int($0) - 32) })
      } else {
        try block.setHalf(0, at: 108)
      }
      Self.store(scales, in: &block)
      let codes = groups.codes
      for index in 0..<32 {
        let thirds = (0..<8).reduce(UInt8(0)) { $0 | (codes[32 * $1 + index] >> 2) << UInt8($1) }
        block.setOctet(thirds, at: index)
      }
      block.setBitPairs(codes, at: 32)
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      for index in 0..<GGUF.superblock {
        let step = block.half(108) * Float(Self.scale(index / 16, from: block) - 32)
        let third = block.octet(index % 32) >> UInt8(index / 32) & 1
        values[index] = step * Float(Int(block.bitPair(index, at: 32) | third << 2) - 4)
      }
    }

    private static func store(_ scales: [UInt8], in block: inout MutableRawSpan) {
      for index in 0..<8 {
        block.setOctet(scales[index] & 0xF | scales[index + 8] << 4, at: 96 + index)
      }
      for index in 0..<4 {
        let tops = (0..<4).reduce(UInt8(0)) { $0 | (scales[4 * $1 + index] >> 4) << UInt8(2 * $1) }
        block.setOctet(tops, at: 104 + index)
      }
    }

    private static func scale(_ group: Int, from block: RawSpan) -> Int {
      let low = block.octet(96 + group % 8)
      let top = block.octet(104 + group % 4) >> UInt8(group / 4 * 2) & 3
      return Int((group < 8 ? low & 0xF : low >> 4) | top << 4)
    }
  }
}
