/// How a table is written as text.
package struct CSVFormat: Equatable, Sendable {
  /// The byte between fields.
  package var delimiter: UInt8
  /// Lines that begin with this are skipped.
  package var remark: String?
  /// Whether the first line names the columns.
  package var hasHeader: Bool

  /// Creates a format.
  package init(
    delimiter: UInt8 = UInt8(ascii: ","), remark: String? = nil, hasHeader: Bool = false
  ) {
    self.delimiter = delimiter
    self.remark = remark
    self.hasHeader = hasHeader
  }
}

/// The records of a text table, one a line (RFC 4180 without line breaks inside fields). Spaces around
/// fields and empty lines count as nothing; a field in double quotes may hold delimiters and spaces,
/// and a double quote written twice.
package struct CSVTable: Equatable, Sendable {
  /// The fields of each record.
  package private(set) var rows: [[String]] = []
  /// The line of each record, from 1.
  package private(set) var lines: [Int] = []

  /// Parses at most `limit` records; what follows them is not looked at.
  ///
  /// - Parameters:
  ///   - columns: The names, in order; every record must have as many fields.
  ///   - file: The name that errors show.
  /// - Throws: `DatasetError.malformed` with the line.
  package init(
    bytes: [UInt8], columns: [String], format: CSVFormat, limit: Int, file: String
  ) throws(DatasetError) {
    let remark = format.remark.map { Array($0.utf8) }
    var awaitsHeader = format.hasHeader
    var (start, line) = (0, 0)
    while start < bytes.count, rows.count < limit {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      var content = bytes[start..<end]
      start = end + 1
      line += 1
      if content.last == UInt8(ascii: "\r") { content.removeLast() }
      if content.allSatisfy(CSVTable.isSpace) { continue }
      if let remark, content.starts(with: remark) { continue }
      var parser = CSVLine(content, delimiter: format.delimiter, file: file, line: line)
      let fields = try parser.fields(atMost: columns.count)
      guard fields.count == columns.count else {
        throw .malformed(
          file: file, place: "line \(line)", expected: "\(columns.count) fields",
          found: "\(fields.count)")
      }
      if awaitsHeader {
        awaitsHeader = false
        guard fields == columns else {
          throw .malformed(
            file: file, place: "line \(line)",
            expected: "the header \(columns.joined(separator: ", "))",
            found: fields.joined(separator: ", "))
        }
        continue
      }
      rows.append(fields)
      lines.append(line)
    }
  }

  /// The records from index `count` on.
  func dropping(_ count: Int) -> CSVTable {
    var rest = self
    rest.rows.removeFirst(count)
    rest.lines.removeFirst(count)
    return rest
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}

/// Splits one line into fields.
private struct CSVLine {
  private let bytes: ArraySlice<UInt8>
  private let delimiter: UInt8
  private let file: String
  private let line: Int
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>, delimiter: UInt8, file: String, line: Int) {
    self.bytes = bytes
    self.delimiter = delimiter
    self.file = file
    self.line = line
    position = bytes.startIndex
  }

  /// The fields; at most one more than `limit`, which is enough to show that there are too many.
  mutating func fields(atMost limit: Int) throws(DatasetError) -> [String] {
    var fields: [String] = []
    fields.reserveCapacity(limit)
    while fields.count <= limit {
      fields.append(try field())
      guard position < bytes.endIndex else { return fields }
      position += 1
      // A delimiter at the end announces one more, empty field.
      if position == bytes.endIndex {
        fields.append("")
        return fields
      }
    }
    return fields
  }

  /// Reads one field and stops at the delimiter or the end.
  private mutating func field() throws(DatasetError) -> String {
    while position < bytes.endIndex, bytes[position] != delimiter,
      CSVTable.isSpace(bytes[position])
    { position += 1 }
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") { return try quoted() }
    let start = position
    while position < bytes.endIndex, bytes[position] != delimiter { position += 1 }
    var end = position
    while end > start, CSVTable.isSpace(bytes[end - 1]) { end -= 1 }
    return try text(bytes[start..<end])
  }

  private mutating func quoted() throws(DatasetError) -> String {
    let quote = UInt8(ascii: "\"")
    var content: [UInt8] = []
    position += 1
    while true {
      guard position < bytes.endIndex else {
        throw malformed("a closing double quote", "the end of the line")
      }
      if bytes[position] != quote {
        content.append(bytes[position])
      } else if position + 1 < bytes.endIndex, bytes[position + 1] == quote {
        content.append(quote)
        position += 1
      } else {
        position += 1
        break
      }
      position += 1
    }
    while position < bytes.endIndex, bytes[position] != delimiter {
      guard CSVTable.isSpace(bytes[position]) else {
        throw malformed("a delimiter after a closing double quote", "byte \(bytes[position])")
      }
      position += 1
    }
    return try text(content[...])
  }

  private func text(_ content: ArraySlice<UInt8>) throws(DatasetError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw malformed("UTF-8", "other bytes")
    }
    return text
  }

  private func malformed(_ expected: String, _ found: String) -> DatasetError {
    .malformed(
      file: file, place: "line \(line), byte \(position - bytes.startIndex + 1)",
      expected: expected, found: found)
  }
}
