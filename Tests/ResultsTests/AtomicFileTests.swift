import Foundation
import Glibc
import Results
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder
  let file: URL

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write("old", to: "b.json")
  }

  var content: String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []).sorted()
  }

  @Test func `new content replaces old and leaves no temporary file`() throws {
    try AtomicFile.write(Array("new".utf8), to: file, named: "b.json")
    #expect(content == "new")
    #expect(names == ["b.json"])
  }

  @Test func `a disk that fills up half-way leaves the old file intact`() {
    let system = AtomicFile.System(write: { descriptor, bytes in
      if lseek(descriptor, 0, SEEK_CUR) >= 4 {
        errno = ENOSPC
        return -1
      }
      return Glibc.write(descriptor, bytes.baseAddress, min(2, bytes.count))
    })
    #expect(
      throws: ResultsError.notWritten(file: "b.json", reason: "write: No space left on device")
    ) { try AtomicFile.write(Array("new content".utf8), to: file, named: "b.json", system: system) }
    #expect(content == "old")
    #expect(names == ["b.json"])
  }

  @Test func `a disk that fills up at fsync leaves the old file intact`() {
    let system = AtomicFile.System(synchronize: { _ in
      errno = ENOSPC
      return -1
    })
    #expect(
      throws: ResultsError.notWritten(file: "b.json", reason: "fsync: No space left on device")
    ) { try AtomicFile.write(Array("new".utf8), to: file, named: "b.json", system: system) }
    #expect(content == "old")
    #expect(names == ["b.json"])
  }

  @Test func `short writes are continued`() throws {
    let system = AtomicFile.System(write: { Glibc.write($0, $1.baseAddress, min(1, $1.count)) })
    try AtomicFile.write(Array("longer text".utf8), to: file, named: "b.json", system: system)
    #expect(content == "longer text")
  }

  @Test func `a folder that cannot be made is an error with its name`() {
    let inside = file.appendingPathComponent("x.json")
    #expect(throws: ResultsError.self) {
      try AtomicFile.write([1], to: inside, named: "x.json")
    }
    #expect(content == "old")
  }
}
