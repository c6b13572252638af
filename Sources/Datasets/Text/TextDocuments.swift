import Documents

/// A document of a text file.
package struct TextDocument: Equatable, Sendable {
  /// What it says.
  package let text: String
  /// The line it begins in, from 1.
  package let line: Int
  /// The values of its header lines, by property; `nil` where it has none.
  package let header: [String?]
}

/// How a text file is divided into documents.
package enum DocumentRule: Hashable, Sendable {
  /// The file is one document, byte for byte.
  case whole
  /// Documents are divided by lines of nothing but white space.
  case blankLines
  /// Documents are divided by lines that say this, white space around it aside.
  case line(String)
  /// Documents are divided by this text, wherever it stands.
  case text(String)

  static let reader = Reader<DocumentRule>.keyed([
    "whole": .record("whole_document", "The file is one document.") { _ in .whole },
    "blank_lines": .record("blank_lines", "Blank lines divide documents.") { _ in .blankLines },
    "line": Reader<String>.string.only("text", where: { !$0.isEmpty }).map { .line($0) },
    "text": Reader<String>.string.only("text", where: { !$0.isEmpty }).map { .text($0) },
  ])
}

/// Divides a text file into documents. White space around documents that something divides is no part of
/// them, and a document of nothing but white space is none.
package enum TextDocuments {
  /// The documents, in order.
  ///
  /// - Parameter header: Names of lines `name: value` that may stand, in any order and each once, in front
  ///   of a document; they are no part of the text.
  /// - Throws: `DatasetError.malformed` for bytes that are not UTF-8 or a header line that is repeated.
  package static func split(
    _ bytes: [UInt8], by rule: DocumentRule, header: [String], file: String
  ) throws(DatasetError) -> [TextDocument] {
    try checkUTF8(bytes, file: file)
    var documents: [TextDocument] = []
    var line = 1
    for range in ranges(bytes, rule) {
      defer { line += newlines(bytes[range]) + separatorNewlines(rule) }
      var content = bytes[range]
      if rule != .whole {
        while let first = content.first, isSpace(first) { content.removeFirst() }
        while let last = content.last, isSpace(last) { content.removeLast() }
        if content.isEmpty { continue }
      }
      let before = newlines(bytes[range.lowerBound..<content.startIndex])
      documents.append(
        try document(content, line: line + before, header: header, rule: rule, file: file))
    }
    return documents
  }

  private static func separatorNewlines(_ rule: DocumentRule) -> Int {
    if case .text(let separator) = rule { newlines(Array(separator.utf8)[...]) } else { 0 }
  }

  private static func newlines(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.count { $0 == newline }
  }

  private static let newline = UInt8(ascii: "\n")

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func checkUTF8(_ bytes: [UInt8], file: String) throws(DatasetError) {
    guard String(validating: bytes, as: UTF8.self) == nil else { return }
    var line = 1
    for part in bytes.split(separator: newline, omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil {
        throw .malformed(file: file, place: "line \(line)", expected: "UTF-8", found: "other bytes")
      }
      line += 1
    }
  }

  /// Where documents lie; together with their separators they cover the file.
  private static func ranges(_ bytes: [UInt8], _ rule: DocumentRule) -> [Range<Int>] {
    switch rule {
    case .whole: [bytes.indices]
    case .blankLines: byLines(bytes) { $0.allSatisfy(isSpace) }
    case .line(let text):
      byLines(bytes) { line in
        var line = line
        while let first = line.first, isSpace(first) { line.removeFirst() }
        while let last = line.last, isSpace(last) { line.removeLast() }
        return line.elementsEqual(text.utf8)
      }
    case .text(let text): byText(bytes, Array(text.utf8))
    }
  }

  /// A separating line ends a document and counts to it, so that lines are counted once; it is white
  /// space, or is cut off here.
  private static func byLines(
    _ bytes: [UInt8], isSeparator: (ArraySlice<UInt8>) -> Bool
  ) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var (documentStart, lineStart) = (0, 0)
    while lineStart < bytes.count {
      let lineEnd = bytes[lineStart...].firstIndex(of: newline) ?? bytes.count
      if isSeparator(bytes[lineStart..<lineEnd]) {
        ranges.append(documentStart..<lineStart)
        ranges.append(lineEnd..<min(lineEnd + 1, bytes.count))
        documentStart = min(lineEnd + 1, bytes.count)
      }
      lineStart = lineEnd + 1
    }
    return ranges + [documentStart..<bytes.count]
  }

  private static func byText(_ bytes: [UInt8], _ separator: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var (start, index) = (0, 0)
    while index + separator.count <= bytes.count {
      if bytes[index] == separator[0], bytes[index...].starts(with: separator) {
        ranges.append(start..<index)
        index += separator.count
        start = index
      } else {
        index += 1
      }
    }
    return ranges + [start..<bytes.count]
  }

  /// Takes the header lines off.
  private static func document(
    _ content: ArraySlice<UInt8>, line: Int, header: [String], rule: DocumentRule, file: String
  ) throws(DatasetError) -> TextDocument {
    var values = [String?](repeating: nil, count: header.count)
    var rest = content
    var place = line
    while !header.isEmpty {
      let end = rest.firstIndex(of: newline) ?? rest.endIndex
      let text = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
      guard let colon = text.firstIndex(of: ":"),
        let index = header.firstIndex(of: String(text[..<colon]))
      else { break }
      guard values[index] == nil else {
        throw .malformed(
          file: file, place: "line \(place)", expected: "'\(header[index])' once in a document",
          found: "it again")
      }
      let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      values[index] = String(value.hasSuffix("\r") ? value.dropLast() : value)
      rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...]
      place += 1
    }
    if rule != .whole { while let first = rest.first, isSpace(first) { rest.removeFirst() } }
    return TextDocument(
      text: String(decoding: rest, as: UTF8.self), line: line, header: values)
  }
}
