import CKernels

/// A microscaling format: 32 elements that share a power of two.
///
/// The shared exponent is ⌊log₂ of the largest magnitude⌋ − `element.largestExponent`, at least −127; what then lies
/// beyond the largest element saturates. The specification leaves the storage order open: here the scale (e8m0) comes
/// first, then the elements, the first in the lowest bits. A block of zeros has scale 2⁻¹²⁷.
public struct MXFormat: BlockFormat, Hashable {
  /// The name in scheme files.
  public let name: String
  /// The elements' type.
  public let element: MXElement
  /// Where elements midway between two codes go.
  public let ties: Minifloat.Ties

  /// Creates a format of elements of 4, 6 or 8 bits.
  public init(name: String, element: MXElement, ties: Minifloat.Ties = .toEven) {
    precondition([4, 6, 8].contains(element.bits), "no block has such elements")
    self.name = name
    self.element = element
    self.ties = ties
  }

  /// FP4 elements.
  public static let mxfp4 = MXFormat(name: "mxfp4", element: .float(.e2m1fn))
  /// FP6 elements with three mantissa bits.
  public static let mxfp6e2m3 = MXFormat(name: "mxfp6-e2m3", element: .float(.e2m3fn))
  /// FP6 elements with two mantissa bits.
  public static let mxfp6e3m2 = MXFormat(name: "mxfp6-e3m2", element: .float(.e3m2fn))
  /// FP8 elements with three mantissa bits.
  public static let mxfp8e4m3 = MXFormat(name: "mxfp8-e4m3", element: .float(.e4m3fn))
  /// FP8 elements with two mantissa bits.
  public static let mxfp8e5m2 = MXFormat(name: "mxfp8-e5m2", element: .float(.e5m2))
  /// Integer elements.
  public static let mxint8 = MXFormat(name: "mxint8", element: .int8)

  /// All of them, widest first.
  public static let all = [mxfp8e4m3, mxfp8e5m2, mxint8, mxfp6e2m3, mxfp6e3m2, mxfp4]

  /// Bits of one element.
  public var bits: Int { element.bits }
  /// As `ties` says.
  public var rounding: Rounding { ties.rounding }
  /// The specification.
  public var source: String { "OCP Microscaling Formats Specification 1.0" }
  /// 32.
  public var blockElements: Int { 32 }
  /// 1 for the scale and 4 for every bit of an element.
  public var blockBytes: Int {
    switch bits {
    case 4: MemoryLayout<qg_block_mx4>.size
    case 6: MemoryLayout<qg_block_mx6>.size
    default: MemoryLayout<qg_block_mx8>.size
    }
  }
  /// The scale, then the elements.
  public var layout: [BlockField] {
    [BlockField("scale", bytes: 1), BlockField("elements", bytes: 4 * bits)]
  }
  /// None; ggml orders its MXFP4 differently (`GGMLMXFP4`).
  public var ggufType: UInt32? { nil }

  /// The bound of a block whose largest magnitude is scale · (2^(bits−1) − 1), as symmetric `bits`-bit integers of this
  /// step would hold it.
  public func errorBound(scale: Float) -> Float {
    let largest = scale * Float((1 << (bits - 1)) - 1)
    return element.errorBound * Minifloat.e8m0.decode(Self.scaleCode(of: largest, element: element))
  }

  /// Encodes 32 values; no block of finite numbers is refused.
  public func encode(_ values: Span<Float>, into block: inout MutableRawSpan) throws(BlockFault) {
    let code = Self.scaleCode(of: Self.largestMagnitude(values), element: element)
    let scale = Minifloat.e8m0.decode(code)
    block.setBits(code, count: 8, at: 0)
    for index in values.indices {
      // Dividing by a power of two is exact, unless the result is so small that its code is 0 anyway.
      let number = element.encode(values[index] / scale, ties: ties)
      block.setBits(number, count: bits, at: 8 + index * bits)
    }
  }

  /// Decodes 32 values: element · scale. Scale 255 makes NaN of all of them.
  public func decode(_ block: RawSpan, into values: inout MutableSpan<Float>) {
    let scale = Minifloat.e8m0.decode(block.bits(8, at: 0))
    for index in values.indices {
      values[index] = element.decode(block.bits(bits, at: 8 + index * bits)) * scale
    }
  }

  /// The largest magnitude among finite numbers.
  static func largestMagnitude(_ values: Span<Float>) -> Float {
    var largest = Float(0)
    for index in values.indices { largest = max(largest, abs(values[index])) }
    return largest
  }

  /// The shared exponent as an e8m0 code.
  static func scaleCode(of largest: Float, element: MXElement) -> UInt16 {
    guard largest > 0 else { return 0 }
    // `exponent` is ⌊log₂⌋, exactly, of subnormal numbers too.
    return UInt16(max(Int(largest.exponent) - element.largestExponent + 127, 0))
  }
}

extension Minifloat.Ties {
  var rounding: Rounding {
    switch self {
    case .toEven: .halfToEven
    case .toLowerIndex: .halfToLowerIndex
    }
  }
}
