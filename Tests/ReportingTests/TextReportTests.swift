import Comparison
import Foundation
import Reporting
import Results
import Testing

@Suite struct TextReportTests {
  static let failure = Verdict(
    .fail, scenario: "sample", subject: "tiny/int8/one", metric: "memory.steady_allocations",
    limit: .atMost, message: "128, at most 0 allowed", evidence: ["in every iteration"],
    next: "fix it", exitCode: .regression)

  static func notGated(_ metric: String, subject: String) -> Verdict {
    Verdict(
      .notGated, scenario: "sample", subject: subject, metric: metric, limit: .more,
      message: "no timing baseline for this machine",
      next: "quantgate baseline record sample --timing", exitCode: .pass)
  }

  static let job = JobVerdict(
    verdicts: [
      notGated("latency.intrinsic_tail", subject: "tiny/int8/one"),
      notGated("latency.intrinsic_spikes", subject: "tiny/int8/one"),
      notGated("latency.intrinsic_tail", subject: "tiny/fp32/one"), failure,
    ], table: [])

  @Test func `what failed comes first, and what one command cures is gathered`() {
    #expect(
      TextReport(width: 80).text(Self.job) == """
        FAIL  sample/tiny/int8/one: memory.steady_allocations at_most: 128, at most 0
              allowed
              in every iteration
              → fix it

        NOT GATED  sample/2 cases: latency.intrinsic_tail more, latency.intrinsic_spikes
              more: no timing baseline for this machine
              → quantgate baseline record sample --timing

        FAIL: 1 failed, 3 not gated; exit code 2 (regression)

        """)
  }

  @Test func `a note stands after the verdicts in every language`() throws {
    let noted = JobVerdict(verdicts: [Self.failure], table: [], notes: ["look at this"])
    #expect(TextReport().text(noted).contains("fix it\n\nNOTE  look at this\n\nFAIL: 1 failed"))
    #expect(MarkdownReport().text(noted).contains("\n> look at this\n"))
    #expect(try JSONReport().text(noted).contains("\"look at this\""))
  }

  @Test func `colour is used only when asked for`() {
    #expect(!TextReport().text(Self.job).contains("\u{1B}"))
    #expect(TextReport(color: true).text(Self.job).contains("\u{1B}[1;31mFAIL\u{1B}[0m"))
  }

  @Test func `Markdown says the same`() {
    let text = MarkdownReport().text(Self.job)
    #expect(text.hasPrefix("## QuantGate: FAIL: 1 failed, 3 not gated; exit code 2 (regression)\n"))
    #expect(text.contains("### FAIL\n\n- **sample/tiny/int8/one: memory.steady\\_allocations"))
    #expect(text.contains("  - next: fix it"))
  }

  @Test func `JSON keeps every verdict`() throws {
    let text = try JSONReport().text(Self.job)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    #expect((object?["verdicts"] as? [Any])?.count == 4)
    #expect(object?["exit_code"] as? Int == 2)
    #expect(object?["schema_version"] as? Int == JSONReport.schemaVersion)
    #expect((object?["counts"] as? [String: Int])?["NOT GATED"] == 3)
  }
}
