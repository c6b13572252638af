import CKernels

/// MXFP4 as ggml stores it: the scale, then byte j holds element j in its low and element j + 16 in its high half.
///
/// ggml takes ⌊log₂⌋ from a rounded logarithm; a largest magnitude within 10⁻⁷ below a power of two may get the next
/// exponent there. Here it is exact, and at least −127, where ggml's would wrap around.
public struct GGMLMXFP4: BlockFormat, Hashable {
  /// Where elements midway between two codes go; ggml takes the lower index.
  public let ties: Minifloat.Ties

  /// Creates the format.
  public init(ties: Minifloat.Ties = .toLowerIndex) { self.ties = ties }

  /// `mxfp4-gguf`.
  public var name: String { "mxfp4-gguf" }
  /// 4.
  public var bits: Int { 4 }
  /// As `ties` says.
  public var rounding: Rounding { ties.rounding }
  /// ggml's type and its reference quantizer.
  public var source: String { "ggml, block_mxfp4 and quantize_row_mxfp4_ref" }
  /// 32.
  public var blockElements: Int { 32 }
  /// 17.
  public var blockBytes: Int { MemoryLayout<qg_block_mxfp4>.size }
  /// The scale (e8m0) and the codes.
  public var layout: [BlockField] { [BlockField("e", bytes: 1), BlockField("qs", bytes: 16)] }
  /// GGML_TYPE_MXFP4.
  public var ggufType: UInt32? { 39 }

  /// That of `MXFormat.mxfp4`.
  public func errorBound(scale: Float) -> Float { MXFormat.mxfp4.errorBound(scale: scale) }

  /// Encodes 32 values; no block of finite numbers is refused.
  public func encode(_ values: Span<Float>, into block: inout MutableRawSpan) throws(BlockFault) {
    let code = MXFormat.scaleCode(
      of: MXFormat.largestMagnitude(values), element: MXFormat.mxfp4.element)
    let scale = Minifloat.e8m0.decode(code)
    block.setBits(code, count: 8, at: 0)
    for index in values.indices {
      block.setBits(
        FP4Codes.code(values[index] / scale, ties: ties), count: 4, at: Self.place(of: index))
    }
  }

  /// Decodes 32 values as doubled elements times half the scale, so scale 255 stands for 2¹²⁸ here and not for NaN.
  public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
    let code = Int(block.bits(8, at: 0))
    let half = Minifloat.power(code - 128)
    for index in values.indices {
      values[index] = FP4Codes.doubled(block.bits(4, at: Self.place(of: index))) * half
    }
  }

  /// The first bit of an element.
  private static func place(of index: Int) -> Int { 8 + index % 16 * 8 + index / 16 * 4 }
}

/// ggml's reading of FP4 codes: 8, negative zero, is plain zero and is never written.
enum FP4Codes {
  /// The code nearest to a finite number, saturating.
  static func code(_ value: Float, ties: Minifloat.Ties) -> UInt16 {
    let code = Minifloat.e2m1fn.encode(value, overflow: .saturate, ties: ties)
    return code == 8 ? 0 : code
  }

  /// Twice what a code stands for.
  static func doubled(_ code: UInt16) -> Float {
    code == 8 ? 0 : 2 * Minifloat.e2m1fn.decode(code)
  }

  /// The first code whose product with `step` is nearest to a number; errors are rounded to fp32.
  static func nearest(_ value: Float, step: Float) -> UInt16 {
    var best = UInt16(0)
    var least = abs(value)
    for code in UInt16(1)..<16 where code != 8 {
      let error = abs(Minifloat.e2m1fn.decode(code) * step - value)
      if error < least {
        least = error
        best = code
      }
    }
    return best
  }
}
