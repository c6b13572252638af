import Comparison
import Foundation
import Reporting
import Results
import Testing

@Suite struct VerdictLineTests {
  func text(_ verdicts: [Verdict]) -> String {
    TextReport(width: 400).text(JobVerdict(verdicts: verdicts, table: []))
  }

  func figures(_ figures: Figures) -> String {
    let verdict = Verdict(
      .fail, scenario: "s", subject: "a/b/c", metric: "m", figures: figures, message: "broken",
      exitCode: .regression)
    return String(text([verdict]).prefix { $0 != "\n" }.dropFirst("FAIL  s/a/b/c: m: ".count))
  }

  @Test func `every number is written with its unit`() {
    let interval = Interval(lower: 0.01, upper: 0.03, confidence: 0.99)
    #expect(figures(Figures()) == "broken")
    #expect(
      figures(Figures(unit: .share, now: 0.9, float: 0.95, bound: 0.94))
        == "broken (float 95.00 %, now 90.00 %, limit 94.00 %)")
    #expect(
      figures(
        Figures(unit: .share, now: 0.02, interval: interval, bound: 0.05, smallestDetectable: 0.01))
        == "broken (now 2.00 %, interval [1.00 %, 3.00 %] at 99 %, limit 5.00 %, "
        + "smallest detectable change 1.00 pp)")
    #expect(
      figures(
        Figures(
          unit: .ratio, now: 1.02, baseline: 1, interval: interval, intervalIsChange: true,
          bound: 1.03, smallestDetectable: 0.01))
        == "broken (baseline 1.000, now 1.020, change [+1.00 %, +3.00 %] at 99 %, limit 1.030, "
        + "smallest detectable change 1.00 %)")
    #expect(
      figures(Figures(unit: .bytes, now: 8193, baseline: 8192, bound: 8192))
        == "broken (baseline 8,192 B, now 8,193 B, limit 8,192 B)")
  }

  @Test func `the scenario is named once`() {
    #expect(text([Fixture.notRun]).hasPrefix("NOT RUN  sample: case: 1 of 3 cases"))
    let nowhere = Verdict(
      .undecided, scenario: "", subject: "the run", metric: "case", message: "empty",
      exitCode: .undecided)
    #expect(text([nowhere]).hasPrefix("UNDECIDED  the run: case: empty\n"))
  }

  @Test func `what is not gated for one reason in one scenario is one verdict`() {
    let tail = "latency.intrinsic_tail"
    let spikes = "latency.intrinsic_spikes"
    #expect(
      text([
        Fixture.notGated(tail, subject: "tiny/int8/one"),
        Fixture.notGated(spikes, subject: "tiny/int8/one"),
        Fixture.notGated(tail, subject: "tiny/fp32/one"),
        Fixture.notGated(tail, subject: "tiny/int8/one", message: "1 session is too thin"),
        Fixture.notGated(tail, subject: "tiny/int8/one", scenario: "other"),
        Fixture.notGated(spikes, subject: "tiny/int8/one", scenario: "other"),
      ]) == """
        NOT GATED  sample/2 cases: latency.intrinsic_tail more, latency.intrinsic_spikes more: no timing baseline for this machine
              → quantgate baseline record sample --timing
        NOT GATED  sample/tiny/int8/one: latency.intrinsic_tail more: 1 session is too thin
              → quantgate baseline record sample --timing
        NOT GATED  other/tiny/int8/one: latency.intrinsic_tail more, latency.intrinsic_spikes more: no timing baseline for this machine
              → quantgate baseline record other --timing

        PASS: 6 not gated; exit code 0 (every gate holds)

        """)
  }

  @Test func `failures are never gathered`() {
    let lines = text([Fixture.failure, Fixture.failure]).split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("FAIL  sample/tiny/int8/one") } == 2)
  }

  @Test(arguments: [
    (ExitCode.pass, "PASS: 1 passed; exit code 0 (every gate holds)"),
    (.regression, "FAIL: 1 passed; exit code 2 (regression)"),
    (.workloadFailed, "FAIL: 1 passed; exit code 3 (a workload failed)"),
    (.improvement, "IMPROVED: 1 passed; exit code 4 (better than the baseline)"),
    (.noBaseline, "UNDECIDED: 1 passed; exit code 5 (a case has no baseline)"),
    (.undecided, "UNDECIDED: 1 passed; exit code 7 (a metric is missing or undecided)"),
  ])
  func `the last line says what the exit code means`(code: ExitCode, line: String) {
    let verdict = Verdict(
      .pass, scenario: "s", subject: "a", metric: "m", message: "", exitCode: code)
    #expect(text([verdict]) == "\(line)\n")
  }

  @Test func `changes that a baseline may accept come with one command a scenario`() {
    let command = "If these changes are meant, accept them all: "
    #expect(
      text([Fixture.failure, Fixture.failure]).components(separatedBy: command).count == 2)
    let fixed = Verdict(
      .fail, scenario: "sample", subject: "a", metric: "m", message: "m", next: "fix it",
      exitCode: .regression)
    #expect(!text([fixed]).contains(command))
  }
}
