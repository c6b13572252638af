/// Bytes that someone else keeps, such as a mapped file; shared, never copied.
public protocol SharedBytes: Sendable {
  /// How many there are.
  var count: Int { get }
  /// Calls `body` with them, valid only during the call.
  func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result
}

/// Bytes in memory of their own.
struct OwnedBytes: SharedBytes {
  let values: [UInt8]

  var count: Int { values.count }

  func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let span = values.span
    return try body(span.bytes)
  }
}
