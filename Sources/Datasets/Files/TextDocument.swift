/// A run of a text file that is tokenized on its own.
struct TextDocument: Sendable {
  let bytes: ArraySlice<UInt8>
  /// Values of the header fields, in the order in which they were asked for.
  let headers: [String]
  /// Where it begins, for messages.
  let place: String

  /// The documents of a file. Where there is a separator, white space around each document is dropped, and
  /// so are documents of nothing else.
  ///
  /// With `headers`, a document begins with lines `field: value` down to an empty line, which are not
  /// part of its text. Every field that is asked for must be there once; others may be there.
  static func all(
    in bytes: [UInt8], separator: String?, headers: [String], file: String
  ) throws(DatasetError) -> [TextDocument] {
    guard let separator else {
      return [TextDocument(bytes: bytes[...], headers: [], place: "byte 0")]
    }
    var documents: [TextDocument] = []
    for part in split(bytes, at: Array(separator.utf8)) {
      let trimmed = trimmed(part)
      if trimmed.isEmpty { continue }
      let place = "document \(documents.count) at byte \(trimmed.startIndex)"
      if headers.isEmpty {
        documents.append(TextDocument(bytes: trimmed, headers: [], place: place))
      } else {
        documents.append(try headed(trimmed, headers, file: file, place: place))
      }
    }
    return documents
  }

  /// The text.
  ///
  /// - Throws: `DatasetError.malformed` where it is not UTF-8.
  func text(file: String) throws(DatasetError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformed(file: file, place: place, expected: "UTF-8", found: "other bytes")
    }
    return text
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = bytes.firstIndex(where: { !isSpace($0) }),
      let last = bytes.lastIndex(where: { !isSpace($0) })
    else { return [] }
    return bytes[first...last]
  }

  private static func split(_ bytes: [UInt8], at separator: [UInt8]) -> [ArraySlice<UInt8>] {
    guard let head = separator.first else { return [bytes[...]] }
    var parts: [ArraySlice<UInt8>] = []
    var start = 0
    var place = 0
    while place + separator.count <= bytes.count {
      if bytes[place] == head,
        bytes[place..<place + separator.count].elementsEqual(separator)
      {
        parts.append(bytes[start..<place])
        place += separator.count
        start = place
      } else {
        place += 1
      }
    }
    return parts + [bytes[start...]]
  }

  private static func headed(
    _ bytes: ArraySlice<UInt8>, _ headers: [String], file: String, place: String
  ) throws(DatasetError) -> TextDocument {
    var found: [(field: String, value: String)] = []
    var rest = bytes
    while true {
      let line = trimmed(rest.prefix { $0 != 10 })
      rest = rest.dropFirst(rest.prefix { $0 != 10 }.count + 1)
      if line.isEmpty { break }
      guard let text = String(validating: line, as: UTF8.self),
        let colon = text.firstIndex(of: ":")
      else {
        throw .malformed(
          file: file, place: "\(place), line \(found.count + 1)",
          expected: "'field: value', or an empty line after the header",
          found: "'\(String(decoding: line.prefix(40), as: UTF8.self))'")
      }
      let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      found.append((String(text[..<colon]), String(value)))
    }
    var values: [String] = []
    for header in headers {
      let matches = found.filter { $0.field == header }
      guard matches.count == 1, !matches[0].value.isEmpty else {
        throw .malformed(
          file: file, place: place, expected: "the header field '\(header)' once",
          found: matches.count == 1 ? "no value" : "it \(matches.count) times")
      }
      values.append(matches[0].value)
    }
    return TextDocument(bytes: trimmed(rest), headers: values, place: place)
  }
}
