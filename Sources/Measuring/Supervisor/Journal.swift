import Foundation
public import Results

/// The finished cases of a run, one JSON line each, appended as they finish, so that an interrupted run
/// can go on where it stopped.
public final class Journal {
  /// One line.
  private struct Entry: Codable {
    let plan: String
    let content: String?
    let quick: Bool
    let fault: String?
    let result: CaseResult
  }

  private let file: String
  private let quick: Bool
  private var entries: [Entry] = []

  /// Opens a journal.
  ///
  /// - Parameters:
  ///   - file: Is created when it does not exist.
  ///   - quick: Whether budgets are cut: such results are no others' substitutes.
  ///   - resume: Whether what it holds counts; otherwise it starts empty.
  /// - Throws: `MeasuringError.malformed` for a damaged line, except the last: that one was being
  ///   written when the run ended. `MeasuringError.journal` when the file cannot be written.
  public init(file: String, quick: Bool, resume: Bool) throws(MeasuringError) {
    self.file = file
    self.quick = quick
    guard resume, FileManager.default.fileExists(atPath: file) else {
      try write(Data(), appending: false)
      return
    }
    let content: Data
    do {
      content = try Data(contentsOf: URL(fileURLWithPath: file))
    } catch {
      throw .malformed(what: file, reason: "cannot be read: \(error.localizedDescription)")
    }
    // Bytes, not characters: an interrupted write may end in the middle of one.
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      let isUnfinished = number == lines.count - 1
      do {
        entries.append(try JSONDecoder().decode(Entry.self, from: Data(line)))
        if isUnfinished { try write(Data("\n".utf8), appending: true) }
      } catch let error as MeasuringError {
        throw error
      } catch {
        guard isUnfinished else {
          throw .malformed(what: "\(file):\(number + 1)", reason: "not a finished case: \(error)")
        }
        try shorten(to: content.count - line.count)
      }
    }
  }

  /// The result of a case that finished under the same plan, content, budget and fault; `nil` when it has
  /// to run.
  public func result(of item: MeasuredCase, fault: Fault?) -> CaseResult? {
    entries.last {
      $0.result.id == item.id && $0.plan == item.planDigest
        && $0.content == item.contentDigest && $0.quick == quick && $0.fault == fault?.description
        && $0.result.outcome == .completed
    }?.result
  }

  /// Adds a finished case; it is on its way to the disk when this returns.
  package func append(_ result: CaseResult, of item: MeasuredCase, fault: Fault?)
    throws(MeasuringError)
  {
    let entry = Entry(
      plan: item.planDigest, content: item.contentDigest, quick: quick, fault: fault?.description,
      result: result)
    let line: Data
    do {
      line = try JSONEncoder().encode(entry) + Data("\n".utf8)
    } catch {
      throw .malformed(what: "journal", reason: "\(error)")
    }
    try write(line, appending: true)
    entries.append(entry)
  }

  private func write(_ data: Data, appending: Bool) throws(MeasuringError) {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    let descriptor = open(file, flags, 0o644)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var offset = 0
    while offset < data.count {
      let written = data.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress.map { $0 + offset }, data.count - offset)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw failure() }
      offset += written
    }
  }

  /// Drops the end of the file; what comes before is not touched, whatever happens meanwhile.
  private func shorten(to length: Int) throws(MeasuringError) {
    guard truncate(file, off_t(length)) == 0 else { throw failure() }
  }

  private func failure() -> MeasuringError {
    .journal(file: file, reason: String(cString: strerror(errno)))
  }
}
