import Datasets
import TestSupport
import Testing

@Suite struct IDXFileTests {
  private func read(_ bytes: [UInt8]) throws(DatasetError) -> IDXFile {
    try IDXFile(bytes: bytes, file: "x.idx")
  }

  @Test(arguments: [false, true])
  func `extents and values are read, plain and gzipped`(compressed: Bool) throws {
    let values = (0..<24).map { UInt8($0 * 10) }
    let plain = Bytes.idx([2, 3, 4], values)
    let file = try read(compressed ? Bytes.gzip(plain) : plain)
    #expect(file.extents == [2, 3, 4])
    #expect(file.values == values)
  }

  @Test func `extents are big-endian`() throws {
    let file = try read(Bytes.idx([260], [UInt8](repeating: 7, count: 260)))
    #expect(file.extents == [260])
  }

  @Test(
    arguments: [
      ([], "byte 0", "an IDX header of 4 bytes", "the end of the file"),
      ([0, 0, 8], "byte 3", "an IDX header of 4 bytes", "the end of the file"),
      ([1, 0, 8, 1, 0, 0, 0, 0], "byte 0", "IDX's two zero bytes", "1, 0"),
      ([0, 0, 13, 1, 0, 0, 0, 0], "byte 2", "type 8 (unsigned bytes)", "type 13"),
      ([0, 0, 8, 0], "byte 3", "1 to 4 extents", "0"),
      ([0, 0, 8, 9], "byte 3", "1 to 4 extents", "9"),
      ([0, 0, 8, 2, 0, 0, 0, 1, 0], "byte 9", "2 extents", "the end of the file"),
      ([0, 0, 8, 1, 0, 0, 0, 3, 5, 6], "byte 10", "3 values for 3", "2"),
      ([0, 0, 8, 1, 0, 0, 0, 1, 5, 6], "byte 9", "1 values for 1", "2"),
      (
        [0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], "byte 4",
        "at most 1073741824 values", "4294967295 × 4294967295 × 4294967295"
      ),
    ] as [([UInt8], String, String, String)])
  func `each damage is named with its place`(
    bytes: [UInt8], place: String, expected: String, found: String
  ) {
    #expect(
      throws: DatasetError.malformed(
        file: "x.idx", place: place, expected: expected, found: found)
    ) {
      try read(bytes)
    }
  }

  @Test func `a compressed file that holds more than it declares is refused`() {
    let bomb = Bytes.gzip(Bytes.idx([10], [UInt8](repeating: 0, count: 5_000_000)))
    #expect(bomb.count < 10_000)
    let error = #expect(throws: DatasetError.self) { try read(bomb) }
    guard case .malformed(_, _, let expected, let found) = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
    #expect(expected == "18 bytes after decompression")
    #expect(found == "more")
  }

  @Test func `a compressed file that declares more than it holds is refused`() {
    let short = Bytes.gzip(Bytes.idx([1 << 29], [1, 2, 3]))
    #expect(
      throws: DatasetError.malformed(
        file: "x.idx", place: "byte 11", expected: "536870912 values for 536870912", found: "3")
    ) {
      try read(short)
    }
  }

  @Test func `a damaged, shortened or lengthened gzip stream is refused`() {
    let whole = Bytes.gzip(Bytes.idx([40], (0..<40).map { UInt8($0) }))
    func message(_ bytes: [UInt8]) -> String {
      do {
        _ = try read(bytes)
        return "read"
      } catch {
        return error.description
      }
    }
    var wrongSum = whole
    wrongSum[whole.count - 6] ^= 1
    #expect(message(wrongSum).hasSuffix("expected gzip data, found damaged data"))
    #expect(
      message(Array(whole.dropLast(3))).hasSuffix("expected gzip data, found the end of the file"))
    #expect(message(whole + [0]).hasSuffix("expected the end of the file, found 1 more bytes"))
  }

  @Test(arguments: [false, true])
  func `no mutation crashes`(compressed: Bool) {
    let plain = Bytes.idx([6, 3, 3], (0..<54).map { UInt8($0) })
    let original = compressed ? Bytes.gzip(plain) : plain
    var refused = 0
    for seed in UInt64(0)..<3000 {
      var random = SeededGenerator(seed: seed)
      let bytes = Bytes.mutated(original, &random)
      do {
        let file = try read(bytes)
        #expect(file.values.count == file.extents.reduce(1, *), "seed \(seed)")
      } catch {
        refused += 1
        guard case .malformed(let name, let place, _, _) = error else {
          Issue.record("seed \(seed): \(error)")
          continue
        }
        #expect(name == "x.idx" && place.hasPrefix("byte "), "seed \(seed): \(error)")
      }
    }
    #expect(refused > 1000)
  }

}
