public import NumberFormats

/// Where the values of a tensor come from when they are not an array in memory: a mapped file, or a
/// generator.
///
/// Reading the same range twice gives the same bits. A source is shared, never copied, so that weights of
/// any size can be passed around.
public protocol TensorSource: Sendable {
  /// How many values there are.
  var elementCount: Int { get }
  /// The format in which the bytes are stored, row by row; `nil` where there are no bytes.
  var storedFormat: (any NumberFormat)? { get }
  /// A text that names the values where something short decides all of them, such as a seed; `nil` where only
  /// the values do.
  var identity: String? { get }

  /// Whether every value is known to be finite, so that nobody has to look.
  var isKnownFinite: Bool { get }

  /// The integer weight that the values stand for, where a checkpoint stores one; `nil` elsewhere.
  var integers: StoredIntegers? { get }

  /// Writes the values of `range`, row-major, as fp32.
  ///
  /// - Parameters:
  ///   - range: Inside `0..<elementCount`.
  ///   - values: `range.count` numbers to write.
  func read(_ range: Range<Int>, into values: inout MutableSpan<Float>)

  /// Calls `body` with all stored bytes, valid only during the call; empty where there are none.
  func withStoredBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result
}

extension TensorSource {
  /// `nil`: there are no bytes.
  public var storedFormat: (any NumberFormat)? { nil }

  /// Calls `body` with no bytes.
  public func withStoredBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let none: [UInt8] = []
    return try body(none.span.bytes)
  }

  /// `nil`: the values speak for themselves.
  public var identity: String? { nil }
  /// `false`: the values have to be looked at.
  public var isKnownFinite: Bool { false }
  /// `nil`: the values are stored as they are.
  public var integers: StoredIntegers? { nil }
}

/// A weight that a checkpoint stores as codes, and what it says about the operand.
public struct StoredIntegers: Equatable, Sendable {
  /// The weight, `[outputs, summation]`.
  public let weight: QuantizedMatrix
  /// How the operand is quantized on the fly; `nil` where it is not.
  public let dynamic: DynamicRange?

  /// Creates a stored weight.
  public init(weight: QuantizedMatrix, dynamic: DynamicRange? = nil) {
    self.weight = weight
    self.dynamic = dynamic
  }
}
