import Datasets
import TestSupport
import Testing

@Suite struct CSVTableTests {
  private func read(
    _ text: String, columns: [String] = ["a", "b"], format: CSVFormat = CSVFormat(),
    limit: Int = .max
  ) throws(DatasetError) -> CSVTable {
    try CSVTable(
      bytes: Array(text.utf8), columns: columns, format: format, limit: limit, file: "x.csv")
  }

  @Test(
    arguments: [
      ("1,2\n3,4\n", [["1", "2"], ["3", "4"]]),
      ("1,2\r\n3,4", [["1", "2"], ["3", "4"]]),
      ("  1 ,\t2 2 \n", [["1", "2 2"]]),
      ("\n1,2\n \n", [["1", "2"]]),
      (",\n", [["", ""]]),
      ("1,\n", [["1", ""]]),
      ("\"a,b\" , \"say \"\"no\"\"\"\n", [["a,b", "say \"no\""]]),
      ("\" 1 \",2\n", [[" 1 ", "2"]]),
      ("é,→\n", [["é", "→"]]),
      ("", []),
    ] as [(String, [[String]])])
  func `fields are split and trimmed`(text: String, expected: [[String]]) throws {
    #expect(try read(text).rows == expected)
  }

  @Test func `remarks, a header and another delimiter are understood`() throws {
    let format = CSVFormat(delimiter: UInt8(ascii: ";"), remark: "|", hasHeader: true)
    let table = try read("|remark\na;b\n1;2\n| x\n3;4\n", format: format)
    #expect(table.rows == [["1", "2"], ["3", "4"]])
    #expect(table.lines == [3, 5])
  }

  @Test func `only as many records as asked for are looked at`() throws {
    #expect(try read("1,2\n3,4\nbroken", limit: 2).rows.count == 2)
  }

  @Test(
    arguments: [
      ("1,2\n3\n", "line 2", "2 fields", "1"),
      ("1,2,3,4,5\n", "line 1", "2 fields", "3"),
      ("1,\"2\n", "line 1, byte 5", "a closing double quote", "the end of the line"),
      ("\"1\"x,2\n", "line 1, byte 4", "a delimiter after a closing double quote", "byte 120"),
    ])
  func `each damage is named with its line`(
    text: String, place: String, expected: String, found: String
  ) {
    #expect(
      throws: DatasetError.malformed(
        file: "x.csv", place: place, expected: expected, found: found)
    ) {
      try read(text)
    }
  }

  @Test func `another header is refused`() {
    #expect(
      throws: DatasetError.malformed(
        file: "x.csv", place: "line 1", expected: "the header a, b", found: "b, a")
    ) {
      try read("b,a\n1,2\n", format: CSVFormat(hasHeader: true))
    }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect(
      throws: DatasetError.malformed(
        file: "x.csv", place: "line 1, byte 4", expected: "UTF-8", found: "other bytes")
    ) {
      try CSVTable(
        bytes: [49, 44, 0xFF], columns: ["a", "b"], format: CSVFormat(), limit: 9, file: "x.csv")
    }
  }

  @Test func `no mutation crashes`() {
    let original = Array("| remark\n1, \"two \"\"2\"\"\", 3\r\n4, ?, 6.5\n\n7,8,9\n".utf8)
    var refused = 0
    for seed in UInt64(0)..<3000 {
      var random = SeededGenerator(seed: seed)
      do {
        let table = try CSVTable(
          bytes: Bytes.mutated(original, &random), columns: ["a", "b", "c"],
          format: CSVFormat(remark: "|"), limit: 10, file: "x.csv")
        #expect(table.rows.allSatisfy { $0.count == 3 }, "seed \(seed)")
      } catch {
        refused += 1
        guard case .malformed(_, let place, _, _) = error else {
          Issue.record("seed \(seed): \(error)")
          continue
        }
        #expect(place.hasPrefix("line "), "seed \(seed): \(error)")
      }
    }
    #expect(refused > 300)
  }
}
