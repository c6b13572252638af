/// NVFP4: FP4 elements, an e4m3 scale for every 16 of a row, and an fp32 scale of the whole tensor.
///
/// tensor scale t = largest magnitude of the tensor / (6 · 448), at least 2⁻¹²⁶ and 1 for zeros; group scale =
/// e4m3(largest of the group / 6 / t), at least its smallest positive number unless the group is all zeros; element =
/// e2m1(x / (group scale · t)), halves to even, saturating. Every quotient and product is rounded to fp32.
public struct NVFP4Format: NumberFormat, Hashable {
  /// Elements that share an e4m3 scale.
  public static let groupElements = 16

  /// Creates the format.
  public init() {}

  /// `nvfp4`.
  public var name: String { "nvfp4" }
  /// 4.
  public var bits: Int { 4 }
  /// A row is a whole number of groups.
  public var rowMultiple: Int { Self.groupElements }
  /// Half to even.
  public var rounding: Rounding { .halfToEven }
  /// The vendor's definition.
  public var source: String { "NVIDIA TensorRT, NVFP4 double quantization" }

  /// 4.5 and the tensor's scale.
  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double {
    4.5 + 32 / Double(rows * columns)
  }

  /// The bound for a tensor whose largest magnitude m is 7 · `scale`: half of the widest gap (m/6), what the group
  /// scale's rounding cuts off (m/16), and 6 times the half step of its subnormal numbers.
  public func errorBound(scale: Float) -> Float {
    let largest = 7 * scale
    return largest * (1.0625 / 6 + 0x1p-18) + 6 * 0x1p-9 * NVFP4Matrix.tensorScale(of: largest)
  }

  /// decode(encode(matrix)), row-major.
  ///
  /// - Throws: What `NVFP4Matrix(encoding:)` throws.
  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    try NVFP4Matrix(encoding: matrix).decoded()
  }
}

/// A matrix `[rows, columns]` in NVFP4.
public struct NVFP4Matrix: Sendable, Hashable {
  /// The tensor's name, used in errors.
  public let name: String
  /// Output channels.
  public let rows: Int
  /// Summation length; a multiple of 16.
  public let columns: Int
  /// `[rows, columns / 2]`: the even column in the low half.
  public let codes: [UInt8]
  /// `[rows, columns / 16]`: e4m3 codes.
  public let scales: [UInt8]
  /// What every group scale is multiplied with.
  public let tensorScale: Float

  /// A matrix as a checkpoint holds it.
  ///
  /// - Throws: `FormatError.blockColumns`, `.packedBytes` or `.scaleCount` when the sizes contradict each other,
  ///   `.notFinite` for the tensor's scale.
  public init(
    name: String, rows: Int, columns: Int, codes: [UInt8], scales: [UInt8], tensorScale: Float
  ) throws(FormatError) {
    let size = NVFP4Format.groupElements
    guard rows >= 0, columns >= 0, columns.isMultiple(of: size) else {
      throw .blockColumns(tensor: name, format: "nvfp4", multipleOf: size, found: columns)
    }
    let (groups, overflow) = rows.multipliedReportingOverflow(by: columns / size)
    guard !overflow, codes.count / 8 == groups, codes.count.isMultiple(of: 8) else {
      let expected = groups.multipliedReportingOverflow(by: 8)
      throw .packedBytes(
        tensor: name, expected: overflow || expected.overflow ? Int.max : expected.partialValue,
        found: codes.count)
    }
    guard scales.count == groups else {
      throw .scaleCount(tensor: name, expected: groups, found: scales.count)
    }
    guard tensorScale.isFinite else { throw .notFinite(tensor: name, index: 0, value: tensorScale) }
    self.name = name
    self.rows = rows
    self.columns = columns
    self.codes = codes
    self.scales = scales
    self.tensorScale = tensorScale
  }

  /// Encodes a matrix.
  ///
  /// - Throws: `FormatError.notFinite`, or `.blockColumns` when columns are no multiple of 16.
  public init(encoding matrix: FloatMatrix) throws(FormatError) {
    try matrix.requireFinite()
    let size = NVFP4Format.groupElements
    guard matrix.columns.isMultiple(of: size) else {
      throw .blockColumns(
        tensor: matrix.name, format: "nvfp4", multipleOf: size, found: matrix.columns)
    }
    let values = matrix.values.span
    let tensorScale = Self.tensorScale(of: MXFormat.largestMagnitude(values))
    var codes = [UInt8](repeating: 0, count: values.count / 2)
    var scales: [UInt8] = []
    scales.reserveCapacity(values.count / size)
    for first in stride(from: 0, to: values.count, by: size) {
      let members = values.extracting(first..<first + size)
      let scale = Self.groupScale(of: MXFormat.largestMagnitude(members), tensorScale: tensorScale)
      scales.append(UInt8(scale))
      guard scale > 0 else { continue }
      let step = Minifloat.e4m3fn.decode(scale) * tensorScale
      for index in 0..<size {
        let code = Minifloat.e2m1fn.encode(members[index] / step, overflow: .saturate)
        codes[(first + index) / 2] |= UInt8(code) << (index.isMultiple(of: 2) ? 0 : 4)
      }
    }
    name = matrix.name
    rows = matrix.rows
    columns = matrix.columns
    self.codes = codes
    self.scales = scales
    self.tensorScale = tensorScale
  }

  /// The values the codes stand for, row-major: element · (group scale · tensor scale).
  public func decoded() -> [Float] {
    (0..<rows * columns).map { index in
      let scale = Minifloat.e4m3fn.decode(UInt16(scales[index / NVFP4Format.groupElements]))
      let code = codes[index / 2] >> (index.isMultiple(of: 2) ? 0 : 4)
      return Minifloat.e2m1fn.decode(UInt16(code & 0xF)) * (scale * tensorScale)
    }
  }

  static func tensorScale(of largest: Float) -> Float {
    // Not below the normal numbers, so that no step is 0.
    largest == 0 ? 1 : max(largest / (6 * 448), Float.leastNormalMagnitude)
  }

  private static func groupScale(of largest: Float, tensorScale: Float) -> UInt16 {
    guard largest > 0 else { return 0 }
    return max(Minifloat.e4m3fn.encode(largest / 6 / tensorScale, overflow: .saturate), 1)
  }
}
