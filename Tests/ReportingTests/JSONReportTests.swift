import Comparison
import Foundation
import Reporting
import Results
import Testing

@Suite struct JSONReportTests {
  struct Report: Decodable {
    let schema_version: Int
    let exit_code: Int
    let meaning: String
    let summary: String
    let counts: [String: Int]
    let verdicts: [Verdict]
    let table: [TableRow]
    let accept: [String]
  }

  let job: JobVerdict

  init() throws {
    job = JobVerdict(verdicts: Fixture.everyRuling.verdicts, table: [try Fixture.row()])
  }

  @Test func `every verdict and row comes back as it was`() throws {
    let report = try JSONDecoder().decode(Report.self, from: Data(JSONReport().text(job).utf8))
    #expect(report.verdicts == job.verdicts)
    #expect(report.table == job.table)
    #expect(report.schema_version == JSONReport.schemaVersion)
    #expect(report.exit_code == 2)
    #expect(report.meaning == "regression")
    #expect(
      report.summary
        == "FAIL: 1 failed, 1 undecided, 1 improved, 1 not run, 1 not gated, 1 passed; "
        + "exit code 2 (regression)")
    #expect(report.accept == ["quantgate baseline update sample --reason \"…\""])
    #expect(Set(report.counts.keys) == Set(Verdict.Ruling.allCases.map(\.rawValue)))
    #expect(report.counts.values.allSatisfy { $0 == 1 })
  }

  @Test func `rulings that do not occur are counted as 0`() throws {
    let text = try JSONReport().text(JobVerdict(verdicts: [Fixture.pass], table: []))
    let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
    #expect(report.counts["FAIL"] == 0)
    #expect(report.counts["PASS"] == 1)
  }

  @Test func `keys are sorted in every object and nothing depends on the process`() throws {
    let text = try JSONReport().text(job)
    #expect(text.hasSuffix("}\n"))
    var stack: [(indent: Int, key: String)] = []
    for line in text.split(separator: "\n") {
      let indent = line.prefix { $0 == " " }.count
      while let last = stack.last, last.indent > indent { stack.removeLast() }
      guard let match = line.firstMatch(of: #/^ *"([^"]+)" ?: /#) else {
        stack.removeAll { $0.indent >= indent }
        continue
      }
      let key = String(match.1)
      if let last = stack.last, last.indent == indent {
        #expect(last.key < key, "\(last.key) before \(key)")
        stack.removeLast()
      }
      stack.append((indent, key))
    }
    #expect(try JSONReport().text(job) == text)
  }

  @Test func `a figure that JSON cannot hold is an error, never a null`() {
    let broken = Verdict(
      .fail, scenario: "s", subject: "x", metric: "m", figures: Figures(unit: .ratio, now: .nan),
      message: "m", exitCode: .regression)
    #expect(throws: ResultsError.self) {
      try JSONReport().text(JobVerdict(verdicts: [broken], table: []))
    }
  }
}
