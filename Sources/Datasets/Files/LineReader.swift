import Foundation

/// Reads a file line by line in bounded memory.
struct LineReader: ~Copyable {
  /// Longest line in bytes.
  static let longest = 16 << 20
  private static let chunk = 1 << 18

  private let handle: FileHandle
  private let file: String
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false
  /// The number of the line that was read last, from 1.
  private(set) var line = 0

  /// Opens a file.
  ///
  /// - Throws: `DatasetError.unreadable` when it is no regular file or cannot be opened.
  init(_ location: DataRoot.Location) throws(DatasetError) {
    file = location.shown
    let attributes = try? FileManager.default.attributesOfItem(atPath: location.path)
    // A pipe or a device could block for ever.
    guard attributes?[.type] as? FileAttributeType == .typeRegular else {
      throw .unreadable(file: file, reason: "it is not a regular file")
    }
    guard let handle = FileHandle(forReadingAtPath: location.path) else {
      throw .unreadable(file: file, reason: "no permission, or a read error")
    }
    self.handle = handle
  }

  deinit { try? handle.close() }

  /// The next line without its end (`\n` or `\r\n`), or `nil` behind the last.
  ///
  /// - Throws: `DatasetError` for a read error or a line longer than ``longest``.
  mutating func next() throws(DatasetError) -> [UInt8]? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        return try finish(position..<end)
      }
      guard buffer.count - position <= Self.longest else { throw tooLong() }
      if isAtEnd {
        guard position < buffer.count else { return nil }
        defer { position = buffer.count }
        return try finish(position..<buffer.count)
      }
      buffer.removeFirst(position)
      position = 0
      searched = buffer.count
      try fill()
    }
  }

  private func tooLong() -> DatasetError {
    .malformed(
      file: file, place: "line \(line + 1)", expected: "at most \(Self.longest) bytes",
      found: "more")
  }

  private mutating func finish(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
    guard range.count <= Self.longest else { throw tooLong() }
    line += 1
    let content = buffer[range]
    return Array(content.last == UInt8(ascii: "\r") ? content.dropLast() : content)
  }

  private mutating func fill() throws(DatasetError) {
    do {
      let data = try handle.read(upToCount: Self.chunk) ?? Data()
      isAtEnd = data.isEmpty
      buffer.append(contentsOf: data)
    } catch {
      throw .unreadable(file: file, reason: "a read error")
    }
  }
}
