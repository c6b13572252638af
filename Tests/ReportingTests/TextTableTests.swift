import Comparison
import Reporting
import Testing

@Suite struct TextTableTests {
  func lines(width: Int) throws -> [Substring] {
    let verdict = JobVerdict(
      verdicts: [Fixture.pass], table: [try Fixture.row(scheme: "fp32"), try Fixture.row()])
    return TextReport(width: width).text(verdict)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test func `what does not fit follows in further tables with the same names`() throws {
    let text = try lines(width: 80).joined(separator: "\n")
    #expect(
      text == """
        architecture  scheme      size  accuracy  vs float          worst slice      p50
        ────────────────────────────────────────────────────────────────────────────────
        tiny          fp32    12.5 KiB   96.10 %  −1.25 pp  writer=left 86.25 %  50.0 µs
        tiny          int8    12.5 KiB   96.10 %  −1.25 pp  writer=left 86.25 %  50.0 µs

        architecture  scheme      p99  speed-up  intrinsic tail  peak memory
        ────────────────────────────────────────────────────────────────────
        tiny          fp32    60.0 µs     2.00×           1.012     8.00 KiB
        tiny          int8    60.0 µs     2.00×           1.012     8.00 KiB

        architecture  scheme  allocations load+steady
        ─────────────────────────────────────────────
        tiny          fp32                  1,234 + 0
        tiny          int8                  1,234 + 0

        PASS: 1 passed; exit code 0 (every gate holds)

        """)
  }

  @Test(arguments: [40, 60, 80, 100, 200])
  func `every column is in exactly one table, whatever the width`(width: Int) throws {
    let lines = try lines(width: width)
    let headers = lines.filter { $0.hasPrefix("architecture") }
    let columns = headers.flatMap { $0.split(separator: #/  +/#).dropFirst(2) }
    #expect(
      columns == [
        "size", "accuracy", "vs float", "worst slice", "p50", "p99", "speed-up", "intrinsic tail",
        "peak memory", "allocations load+steady",
      ])
    #expect(lines.count { $0.hasPrefix("tiny          int8") } == headers.count)
    if width >= 60 { #expect(lines.allSatisfy { $0.count <= width }) }
  }

  @Test func `numbers are right-aligned and lines end without blanks`() throws {
    let lines = try lines(width: 200)
    #expect(lines.allSatisfy { $0.last != " " })
    #expect(lines[0].count == lines[1].count && lines[2].count == lines[1].count)
  }
}
