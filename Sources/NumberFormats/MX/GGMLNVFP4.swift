import CKernels

/// NVFP4 as ggml stores it: 64 elements in four groups of 16, each with an unsigned e4m3 scale, and no scale of the
/// whole tensor. Byte j of a group holds element j in its low and element j + 8 in its high half.
///
/// The scale is largest / 6 with halves rounded up, and 448 where that makes 256 or more: ggml's rule, not e4m3's. ggml saturates magnitudes
/// beyond 6 · 448 silently; here they are refused unless that is asked for.
public struct GGMLNVFP4: BlockFormat, Hashable {
  /// What becomes of groups with magnitudes beyond 2688.
  public let outOfRange: MinifloatFormat.OutOfRange

  /// Creates the format.
  public init(outOfRange: MinifloatFormat.OutOfRange = .refuse) { self.outOfRange = outOfRange }

  /// `nvfp4-gguf`.
  public var name: String { "nvfp4-gguf" }
  /// 4.
  public var bits: Int { 4 }
  /// To the nearest code, the lower index first.
  public var rounding: Rounding { .halfToLowerIndex }
  /// ggml's type and its reference quantizer.
  public var source: String { "ggml, block_nvfp4 and quantize_row_nvfp4_ref" }
  /// 64.
  public var blockElements: Int { 64 }
  /// 36.
  public var blockBytes: Int { MemoryLayout<qg_block_nvfp4>.size }
  /// Four scales and the codes.
  public var layout: [BlockField] { [BlockField("d", bytes: 4), BlockField("qs", bytes: 32)] }
  /// GGML_TYPE_NVFP4.
  public var ggufType: UInt32? { 40 }

  /// The bound of a group whose largest magnitude is 7 · `scale`: a fifth of it, which is what scales of 256…448 may
  /// cost (elsewhere the widest half gap and the scale's rounding make 1.0625 / 6), and 6 steps of subnormal scales.
  public func errorBound(scale: Float) -> Float { 7 * scale * (0.2 + 0x1p-20) + 6 * 0x1p-9 }

  /// Encodes 64 values.
  ///
  /// - Throws: `BlockFault.scaleOverflow` for a magnitude beyond 2688, unless the format saturates.
  public func encode(_ values: Span<Float>, into block: inout MutableRawSpan) throws(BlockFault) {
    for group in 0..<4 {
      let members = values.extracting(group * 16..<group * 16 + 16)
      let wanted = MXFormat.largestMagnitude(members) / 6
      guard outOfRange == .saturate || wanted <= Minifloat.e4m3fn.largest else {
        throw .scaleOverflow(scale: wanted, largest: Minifloat.e4m3fn.largest)
      }
      let code = Self.scaleCode(wanted)
      let scale = Minifloat.e4m3fn.decode(code)
      block.setBits(code, count: 8, at: 8 * group)
      for index in 0..<16 {
        block.setBits(
          FP4Codes.nearest(members[index], step: scale), count: 4,
          at: Self.place(of: group * 16 + index))
      }
    }
  }

  /// Decodes 64 values. The scale's top bit is ignored and its code 127, NaN elsewhere, is 0.
  public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
    for group in 0..<4 {
      let code = block.bits(7, at: 8 * group)
      let half = code == 0x7F ? 0 : Minifloat.e4m3fn.decode(code) / 2
      for index in group * 16..<group * 16 + 16 {
        values[index] = FP4Codes.doubled(block.bits(4, at: Self.place(of: index))) * half
      }
    }
  }

  /// ggml's e4m3 code for a number that is not negative: halves up; numbers that round to 256 or more become 448, the
  /// largest; subnormal ones stop below the normal ones.
  private static func scaleCode(_ wanted: Float) -> UInt16 {
    let lowest = Minifloat.power(-6)
    guard wanted >= lowest else {
      return UInt16(min((wanted * 512 + 0.5).rounded(.down), 7))
    }
    let rounded = (min(wanted, Minifloat.e4m3fn.largest).bitPattern + (1 << 19)) >> 20
    // fp32's exponent has bias 127, e4m3's 7: 120 binades of 8 codes lie between.
    let code = UInt16(rounded - 120 * 8)
    return code >= 0x78 ? 0x7E : code
  }

  /// The first bit of an element.
  private static func place(of index: Int) -> Int {
    32 + index / 16 * 64 + index % 8 * 8 + index / 8 % 2 * 4
  }
}
