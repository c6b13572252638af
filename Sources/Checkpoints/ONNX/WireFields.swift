/// Walks the fields of one protocol-buffer message where they lie, without decoding it: payloads of hundreds
/// of megabytes are told apart from the rest and never copied.
///
/// Source: Protocol Buffers, "Encoding". Groups, which ONNX does not use, are refused.
struct WireFields {
  /// One field of a message.
  struct Field {
    let number: Int
    /// The whole field, tag included, as offsets in the file.
    let whole: Range<Int>
    /// What a length-delimited field holds; `nil` for numbers.
    let payload: Range<Int>?
  }

  private let file: String
  private let place: String
  private let end: Int
  private var offset: Int

  /// Creates a walk over the message that lies at `range` of the file.
  ///
  /// - Parameters:
  ///   - file: What errors call the file.
  ///   - place: What errors call the message.
  init(_ range: Range<Int>, file: String, place: String) {
    offset = range.lowerBound
    end = range.upperBound
    self.file = file
    self.place = place
  }

  /// The next field; `nil` at the end.
  ///
  /// - Throws: `CheckpointError.malformed` for a field that does not fit the message.
  mutating func next(_ bytes: RawSpan) throws(CheckpointError) -> Field? {
    guard offset < end else { return nil }
    let start = offset
    let tag = try varint(bytes)
    let number = Int(truncatingIfNeeded: tag >> 3)
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else {
      throw failure(at: start, expected: "a field number of 1…536,870,911", found: "\(tag >> 3)")
    }
    switch tag & 7 {
    case 0:
      _ = try varint(bytes)
    case 1: try skip(8, from: start)
    case 5: try skip(4, from: start)
    case 2:
      let length = try varint(bytes)
      guard length <= UInt64(end - offset) else {
        throw failure(
          at: start, expected: "at most \(end - offset) bytes", found: "a length of \(length)")
      }
      let payload = offset..<offset + Int(length)
      offset = payload.upperBound
      return Field(number: number, whole: start..<offset, payload: payload)
    default:
      throw failure(at: start, expected: "a wire type of 0, 1, 2 or 5", found: "\(tag & 7)")
    }
    return Field(number: number, whole: start..<offset, payload: nil)
  }

  private mutating func skip(_ count: Int, from start: Int) throws(CheckpointError) {
    guard count <= end - offset else {
      throw failure(at: start, expected: "\(count) bytes", found: "\(end - offset)")
    }
    offset += count
  }

  private mutating func varint(_ bytes: RawSpan) throws(CheckpointError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    for place in 0..<10 {
      guard offset < end else {
        throw failure(at: start, expected: "a whole number", found: "the end of the message")
      }
      let byte = bytes.little(offset, UInt8.self)
      offset += 1
      // The tenth byte has room for one bit.
      guard place < 9 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << (7 * UInt64(place))
      if byte < 0x80 { return value }
    }
    throw failure(at: start, expected: "a number of 64 bits", found: "a longer one")
  }

  private func failure(at start: Int, expected: String, found: String) -> CheckpointError {
    .malformed(
      file: file, place: "\(place), byte \(start)", expected: expected, found: found)
  }
}
