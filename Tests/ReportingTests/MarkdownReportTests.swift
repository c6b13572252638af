import Comparison
import Foundation
import Reporting
import Results
import Testing

@Suite struct MarkdownReportTests {
  @Test func `the verdict is the heading and every ruling has its section`() throws {
    let verdict = JobVerdict(
      verdicts: Fixture.everyRuling.verdicts,
      table: [try Fixture.row(before: ["accuracy.top1": 0.9735])])
    #expect(
      MarkdownReport().text(verdict) == #"""
        ## QuantGate: FAIL: 1 failed, 1 undecided, 1 improved, 1 not run, 1 not gated, 1 passed; exit code 2 (regression)

        ### FAIL

        - **sample/tiny/int8/one: accuracy.top1 against\_baseline**: −1.25 pp since the baseline (baseline 97.35 %, now 96.10 %, limit 97.35 %)
          - writer=left: 86.25 %
          - next: if this is meant: quantgate baseline update sample --reason "…"

        ### UNDECIDED

        - **sample/tiny/int8/one: latency.p50 at\_most**: noise hides it (now 50.0 µs, interval \[40.0 µs, 60.0 µs\] at 99 %, limit 55.0 µs, smallest detectable change 25.00 %)
          - next: run again

        ### IMPROVED

        - **sample/tiny/int8/one: memory.peak\_allocated more**: −1 B since the baseline (baseline 8,192 B, now 8,191 B, limit 8,192 B)
          - next: keep it

        ### NOT RUN

        - **sample: case**: 1 of 3 cases were not selected
          - next: quantgate check sample

        ### NOT GATED

        - **sample/tiny/int8/one: latency.intrinsic\_tail more**: no timing baseline for this machine
          - next: quantgate baseline record sample --timing

        | architecture | scheme | size | accuracy | vs float | worst slice | p50 | p99 | speed-up | intrinsic tail | peak memory | allocations load+steady |
        | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | tiny | int8 | 12.5 KiB | 96.10 % \[97.35 %\] | −1.25 pp | writer=left 86.25 % | 50.0 µs | 60.0 µs | 2.00× | 1.012 | 8.00 KiB | 1,234 + 0 |

        \[ \] the baseline's value where it differs

        If these changes are meant, accept them all:

        ```
        quantgate baseline update sample --reason "…"
        ```

        """#)
  }

  @Test func `names, messages and cells cannot become markup`() throws {
    let name = "a|b_<img src=x>[c](http://d)`e`*f*\\~g~$h$&lt;"
    let escaped = "a\\|b\\_\\<img src=x\\>\\[c\\](http://d)\\`e\\`\\*f\\*\\\\\\~g\\~\\$h\\$\\&lt;"
    let verdict = Verdict(
      .fail, scenario: name, subject: "x", metric: name, message: name, evidence: [name],
      next: name, exitCode: .regression)
    let text = MarkdownReport().text(
      JobVerdict(verdicts: [verdict], table: [try Fixture.row(architecture: name)]))
    #expect(!text.contains(name))
    #expect(text.components(separatedBy: escaped).count == 7)
  }

  @Test func `a line break in a message starts no new block`() {
    let verdict = Verdict(
      .fail, scenario: "s", subject: "x", metric: "case", message: "boom\n\n# PASS",
      exitCode: .workloadFailed)
    let text = MarkdownReport().text(JobVerdict(verdicts: [verdict], table: []))
    #expect(text.contains("- **s/x: case**: boom  # PASS\n"))
  }

  @Test func `a table without changes explains no brackets`() throws {
    let text = MarkdownReport().text(
      JobVerdict(verdicts: [Fixture.pass], table: [try Fixture.row()]))
    #expect(
      text.hasPrefix("## QuantGate: PASS: 1 passed; exit code 0 (every gate holds)\n\n| arch"))
    #expect(!text.contains("\\["))
  }
}
