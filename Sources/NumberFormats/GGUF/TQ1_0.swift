import CKernels

extension GGUF {
  /// Ternary digits, five to a byte: value = d · (digit − 1), d = the largest magnitude.
  ///
  /// A byte holds ⌈n · 256 / 243⌉ for its digits n in base 3, first element first; digit k comes back as
  /// (byte · 3^k mod 256) · 3 / 256. Bytes 0–31 hold elements i, i + 32 … i + 128; bytes 32–47 elements
  /// 160 + i, 176 + i … 224 + i; the last four bytes four digits each, of 240 + i … 252 + i.
  public struct TQ1_0: BlockFormat, Hashable {
    /// Creates the format.
    public init() {}

    /// `tq1_0`.
    public var name: String { "tq1_0" }
    /// 2: of a digit's log₂ 3, rounded up.
    public var bits: Int { 2 }
    /// Half away from zero, with the reciprocal of d rounded first.
    public var rounding: Rounding { .halfAwayFromZero }
    /// ggml's type and its reference quantizer.
    public var source: String { "ggml, block_tq1_0 and quantize_row_tq1_0_ref" }
    /// 256.
    public var blockElements: Int { GGUF.superblock }
    /// 54.
    public var blockBytes: Int { MemoryLayout<qg_block_tq1_0>.size }
    /// Bytes of five digits, bytes of four, the scale.
    public var layout: [BlockField] {
      [BlockField("qs", bytes: 48), BlockField("qh", bytes: 4), BlockField("d", bytes: 2)]
    }
    /// GGML_TYPE_TQ1_0.
    public var ggufType: UInt32? { 34 }

    /// Half the largest magnitude, and the scale's rounding to half precision.
    public func errorBound(scale: Float) -> Float { Ternary.errorBound(scale: scale) }

    /// Encodes 256 values.
    ///
    /// - Throws: `BlockFault.scaleOverflow` for magnitudes of 65,520 or more.
    public func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan
    ) throws(BlockFault) {
      let digits = try Ternary.encode(values, into: &block, at: 52)
      for byte in 0..<52 {
        let run = Self.run(byte)
        let number = (0..<5).reduce(UInt16(0)) { number, place in
          number * 3 + (place < run.digits ? UInt16(digits[run.first + place * run.stride]) : 0)
        }
        block.setOctet(UInt8((number * 256 + 242) / 243), at: byte)
      }
    }

    /// Decodes 256 values.
    public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
      let step = block.half(52)
      for byte in 0..<52 {
        let run = Self.run(byte)
        var rest = block.octet(byte)
        for place in 0..<run.digits {
          let digit = (UInt16(rest) * 3) >> 8
          values[run.first + place * run.stride] = Float(Int(digit) - 1) * step
          rest &*= 3
        }
      }
    }

    /// The elements a byte holds.
    private static func run(_ byte: Int) -> (first: Int, stride: Int, digits: Int) {
      switch byte {
      case ..<32: (byte, 32, 5)
      case ..<48: (160 + byte - 32, 16, 5)
      default: (240 + byte - 48, 4, 4)
      }
    }
  }

  /// What TQ1_0 and TQ2_0 have in common.
  enum Ternary {
    /// Half the largest magnitude, and the scale's rounding to half precision.
    static func errorBound(scale: Float) -> Float {
      magnitude(scale: scale, bits: 2) * (0.5 + halfPrecision + 0x1p-20) + halfSpacing
    }

    /// Writes the scale, and returns the digits 0, 1, 2 for −d, 0, d.
    static func encode(
      _ values: Span<Float>, into block: inout MutableRawSpan, at offset: Int
    ) throws(BlockFault) -> [UInt8] {
      let step = abs(extreme(values))
      try block.setHalf(step, at: offset)
      let inverse = reciprocal(step)
      return values.indices.map {
        truncated((values[$0] * inverse).rounded(.toNearestOrAwayFromZero) + 1, top: 2)
      }
    }
  }
}
