/// How a format brings a number onto its grid.
public enum Rounding: Hashable, Sendable {
  /// Every fp32 value is on the grid.
  case exact
  /// To the nearest code; a value midway between two goes to the even one.
  case halfToEven
  /// To the nearest code; a value midway between two goes to the one with the lower index.
  case halfToLowerIndex
  /// To the nearest code; a value midway between two goes to the one further from zero.
  case halfAwayFromZero
  /// To the nearest code; a value midway between two goes to the higher code.
  case halfUp
}

/// How the values of a matrix share scales, what the scales are, and which codes they map to.
///
/// Formats that bring their own scales, or need none, ignore all of it.
public struct Grouping: Hashable, Sendable {
  /// What shares a scale.
  public let granularity: Granularity
  /// Whether the code of 0 is fixed in the middle of the range.
  public let symmetric: Bool
  /// Which codes symmetric use has; asymmetric use has all of them.
  public let codeUse: CodeUse
  /// How a scale is stored.
  public let scaleType: ScaleType
  /// What decides a scale.
  public let scaleChoice: ScaleChoice

  /// Creates a grouping; a percentile lies above 50 and not above 100.
  public init(
    _ granularity: Granularity, symmetric: Bool, codeUse: CodeUse = .narrow,
    scaleType: ScaleType = .float32, scaleChoice: ScaleChoice = .absoluteMaximum
  ) {
    if case .percentile(let percentile) = scaleChoice {
      precondition(percentile > 50 && percentile <= 100, "not a percentile of extremes")
    }
    self.granularity = granularity
    self.symmetric = symmetric
    self.codeUse = codeUse
    self.scaleType = scaleType
    self.scaleChoice = scaleChoice
  }

  /// The same with another granularity.
  public func with(_ granularity: Granularity) -> Grouping {
    Grouping(
      granularity, symmetric: symmetric, codeUse: codeUse, scaleType: scaleType,
      scaleChoice: scaleChoice)
  }
}

/// A number format: how a matrix of weights is stored in fewer bits.
///
/// A new format is one file that conforms a value to this protocol, and one line in `FormatRegistry`.
public protocol NumberFormat: Sendable {
  /// The name in scheme files, for example `int4`.
  var name: String { get }
  /// Bits of one stored element, without its share of scales.
  var bits: Int { get }
  /// How values are brought onto the grid.
  var rounding: Rounding { get }
  /// The definition this format follows.
  var source: String { get }

  /// Bits per element of a matrix `[rows, columns]` with scales and zero points; bytes that pad ragged
  /// rows are not counted.
  func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double

  /// The largest |x − decode(encode(x))| for a value x inside the range that chose `scale`.
  func errorBound(scale: Float) -> Float

  /// decode(encode(matrix)): the values the stored codes stand for, row-major.
  ///
  /// - Throws: `FormatError` for NaN, an infinity, or an impossible group size.
  func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float]

  /// What the columns of a matrix must be a multiple of.
  var rowMultiple: Int { get }

  /// What a checkpoint keeps of a matrix of any width, decoded, and its size. Formats whose size does not
  /// follow from `bitsPerWeight` have their own.
  ///
  /// - Throws: `FormatError` for NaN, an infinity, or what the format cannot store.
  func stored(_ matrix: FloatMatrix, grouping: Grouping) throws(FormatError) -> StoredMatrix
}
