import Comparison
import Reporting
import Testing

@Suite struct TextReportTests {
  @Test func `what failed comes first, then what is not decided, and the verdict is last`() {
    #expect(
      TextReport(width: 80).text(Fixture.everyRuling) == """
        FAIL  sample/tiny/int8/one: accuracy.top1 against_baseline: −1.25 pp since the
              baseline (baseline 97.35 %, now 96.10 %, limit 97.35 %)
              writer=left: 86.25 %
              → if this is meant: quantgate baseline update sample --reason "…"

        UNDECIDED  sample/tiny/int8/one: latency.p50 at_most: noise hides it (now
              50.0 µs, interval [40.0 µs, 60.0 µs] at 99 %, limit 55.0 µs, smallest
              detectable change 25.00 %)
              → run again

        IMPROVED  sample/tiny/int8/one: memory.peak_allocated more: −1 B since the
              baseline (baseline 8,192 B, now 8,191 B, limit 8,192 B)
              → keep it

        NOT RUN  sample: case: 1 of 3 cases were not selected
              → quantgate check sample

        NOT GATED  sample/tiny/int8/one: latency.intrinsic_tail more: no timing baseline
              for this machine
              → quantgate baseline record sample --timing

        If these changes are meant, accept them all: quantgate baseline update sample --reason "…"
        FAIL: 1 failed, 1 undecided, 1 improved, 1 not run, 1 not gated, 1 passed; exit code 2 (regression)

        """)
  }

  @Test func `passes are listed with what they ruled out only when asked for`() {
    let line =
      "PASS  sample/tiny/fp32/one: outputs: every output bit equals the baseline's over 400 examples"
    #expect(!TextReport().text(Fixture.everyRuling).contains("PASS  "))
    #expect(TextReport(passes: true).text(Fixture.everyRuling).contains("\n\(line)\n"))
  }

  @Test func `colour is used only when asked for, and differs by ruling`() {
    #expect(!TextReport().text(Fixture.everyRuling).contains("\u{1B}"))
    let text = TextReport(color: true, passes: true).text(Fixture.everyRuling)
    for (word, code) in [
      ("FAIL", 31), ("UNDECIDED", 33), ("IMPROVED", 36), ("NOT RUN", 35), ("NOT GATED", 35),
      ("PASS", 32),
    ] {
      #expect(text.contains("\u{1B}[1;\(code)m\(word)\u{1B}[0m  sample"), "\(word)")
    }
    #expect(text.hasSuffix("(regression)\u{1B}[0m\n"))
    let plain = text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    #expect(plain == TextReport(passes: true).text(Fixture.everyRuling))
  }

  @Test func `only a job that passes ends in green`() {
    let good = JobVerdict(verdicts: [Fixture.pass], table: [])
    #expect(
      TextReport(color: true).text(good)
        == "\u{1B}[1;32mPASS: 1 passed; exit code 0 (every gate holds)\u{1B}[0m\n")
    let open = JobVerdict(verdicts: [Fixture.undecided, Fixture.pass], table: [])
    #expect(
      TextReport(color: true).text(open).hasSuffix(
        "\u{1B}[1;31mUNDECIDED: 1 undecided, 1 passed; "
          + "exit code 7 (a metric is missing or undecided)\u{1B}[0m\n"))
  }

  @Test func `a number keeps its unit on its line`() {
    for width in 30...120 {
      let lines = TextReport(width: width, passes: true).text(Fixture.everyRuling).split(
        separator: "\n")
      for line in lines {
        let first = line.drop { $0 == " " }.prefix { $0 != " " && $0 != "," && $0 != ")" }
        #expect(
          !["%", "pp", "ms", "µs", "KiB", "MiB", "B", "dB"].contains(first), "\(width): \(line)")
      }
    }
  }

  @Test(arguments: [40, 60, 80, 120])
  func `no verdict is wider than the terminal, and commands to copy stay whole`(width: Int) {
    let lines = TextReport(width: width, passes: true).text(Fixture.everyRuling)
      .split(separator: "\n")
    #expect(lines.dropLast(2).allSatisfy { $0.count <= width })
    #expect(
      lines[lines.count - 2]
        == "If these changes are meant, accept them all: "
        + "quantgate baseline update sample --reason \"…\"")
  }

  @Test func `a message of several lines cannot pass for further verdicts`() {
    let forged = Verdict(
      .fail, scenario: "sample", subject: "tiny/int8/one", metric: "case",
      message: "stopped: no weights\nPASS  all\u{1B}[2J", exitCode: .workloadFailed)
    #expect(
      TextReport().text(JobVerdict(verdicts: [forged], table: [])) == """
        FAIL  sample/tiny/int8/one: case: stopped: no weights PASS  all [2J

        FAIL: 1 failed; exit code 3 (a workload failed)

        """)
  }
}
