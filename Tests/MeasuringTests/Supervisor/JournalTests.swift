import Foundation
import Measuring
import Results
import TestSupport
import Testing

@Suite struct JournalTests {
  private let folder: TemporaryFolder
  private let file: URL

  init() throws {
    folder = try TemporaryFolder()
    file = folder.url.appendingPathComponent("journal.jsonl")
  }

  private func open(quick: Bool = false, resume: Bool = true) throws -> Journal {
    try Journal(file: file.path, quick: quick, resume: resume)
  }

  /// A journal of two finished cases, closed.
  private func fill(fault: Fault? = nil) throws {
    let journal = try open(resume: false)
    for scheme in ["one", "two"] {
      let item = Sample.item(scheme)
      try journal.append(Sample.result(of: item), of: item, fault: fault)
    }
  }

  @Test func `what was appended is there at once and after resuming`() throws {
    let item = Sample.item()
    let result = Sample.result(of: item)
    let journal = try open(resume: false)
    #expect(journal.result(of: item, fault: nil) == nil)
    try journal.append(result, of: item, fault: nil)
    #expect(journal.result(of: item, fault: nil) == result)
    #expect(try open().result(of: item, fault: nil) == result)
  }

  @Test func `without resuming a journal starts empty`() throws {
    try fill()
    #expect(try open(resume: false).result(of: Sample.item("one"), fault: nil) == nil)
    #expect(try Data(contentsOf: file).isEmpty)
  }

  @Test func `another plan, budget, fault or case is no substitute`() throws {
    try fill()
    let journal = try open()
    #expect(journal.result(of: Sample.item("one"), fault: nil) != nil)
    #expect(journal.result(of: Sample.item("one", plan: "plan-2"), fault: nil) == nil)
    #expect(journal.result(of: Sample.item("one", hardware: "other"), fault: nil) == nil)
    #expect(journal.result(of: Sample.item("one"), fault: .allocate) == nil)
    #expect(try open(quick: true).result(of: Sample.item("one"), fault: nil) == nil)
    try fill(fault: .leak(bytes: 64))
    let broken = try open()
    #expect(broken.result(of: Sample.item("one"), fault: nil) == nil)
    #expect(broken.result(of: Sample.item("one"), fault: .leak(bytes: 65)) == nil)
    #expect(broken.result(of: Sample.item("one"), fault: .leak(bytes: 64)) != nil)
  }

  @Test func `a case that failed runs again and its later success counts`() throws {
    let item = Sample.item()
    let failed = Sample.result(
      of: item, outcome: .failed(.refused, phase: "load", message: "no"))
    let journal = try open(resume: false)
    try journal.append(failed, of: item, fault: nil)
    #expect(try open().result(of: item, fault: nil) == nil)
    try journal.append(Sample.result(of: item), of: item, fault: nil)
    #expect(try open().result(of: item, fault: nil)?.outcome == .completed)
  }

  @Test func `a last line that breaks off anywhere is dropped and the journal goes on`() throws {
    try fill()
    let whole = try Data(contentsOf: file)
    let firstEnd = try #require(whole.firstIndex(of: 0x0A)) + 1
    for length in stride(from: firstEnd, to: whole.count - 1, by: 37) {
      try whole.prefix(length).write(to: file)
      let journal = try open()
      #expect(journal.result(of: Sample.item("one"), fault: nil) != nil, "\(length) bytes")
      #expect(journal.result(of: Sample.item("two"), fault: nil) == nil, "\(length) bytes")
      let item = Sample.item("three")
      try journal.append(Sample.result(of: item), of: item, fault: nil)
      #expect(try open().result(of: item, fault: nil) != nil, "\(length) bytes")
    }
  }

  @Test func `a last line that lacks only its end counts`() throws {
    try fill()
    try Data(contentsOf: file).dropLast().write(to: file)
    let journal = try open()
    #expect(journal.result(of: Sample.item("two"), fault: nil) != nil)
    let item = Sample.item("three")
    try journal.append(Sample.result(of: item), of: item, fault: nil)
    let again = try open()
    for scheme in ["one", "two", "three"] {
      #expect(again.result(of: Sample.item(scheme), fault: nil) != nil, "\(scheme)")
    }
  }

  @Test func `a write that broke off within a character loses nothing before it`() throws {
    try fill()
    var bytes = try Data(contentsOf: file)
    bytes.append(contentsOf: [UInt8(ascii: "{"), UInt8(ascii: "\""), 0xC3])
    try bytes.write(to: file)
    let journal = try open()
    #expect(journal.result(of: Sample.item("one"), fault: nil) != nil)
    #expect(journal.result(of: Sample.item("two"), fault: nil) != nil)
  }

  @Test(arguments: ["{", "null", "[]", "{\"plan\":\"plan-1\"}", "\u{FEFF}", "\r"])
  func `a damaged line in the middle is an error that names it`(damage: String) throws {
    try fill()
    var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    lines.insert(Substring(damage), at: 1)
    try folder.write(lines.joined(separator: "\n") + "\n", to: "journal.jsonl")
    let before = try Data(contentsOf: file)
    do {
      _ = try open()
      Issue.record("expected an error")
    } catch let error as MeasuringError {
      #expect(error.description.hasPrefix("\(file.path):2: not a finished case"))
    }
    #expect(try Data(contentsOf: file) == before, "nobody's results are thrown away")
  }

  @Test func `a journal that cannot be written is an error`() throws {
    let path = folder.url.appendingPathComponent("no/folder").path
    do {
      _ = try Journal(file: path, quick: false, resume: true)
      Issue.record("expected an error")
    } catch {
      #expect(
        error.description == "\(path): cannot be written: No such file or directory")
    }
  }

  @Test func `a journal that cannot be read is an error, not an empty one`() throws {
    do {
      _ = try Journal(file: folder.url.path, quick: false, resume: true)
      Issue.record("expected an error")
    } catch {
      #expect(error.description.hasPrefix("\(folder.url.path): cannot be read"))
    }
  }
}
