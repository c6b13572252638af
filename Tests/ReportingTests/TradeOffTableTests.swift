import Comparison
import Reporting
import Testing

@Suite struct TradeOffTableTests {
  func text(_ rows: [TableRow], width: Int = 400) -> String {
    TextReport(width: width).text(JobVerdict(verdicts: [Fixture.pass], table: rows))
  }

  func header(_ rows: [TableRow]) -> [Substring] {
    text(rows).prefix { $0 != "\n" }.split(separator: #/  +/#)
  }

  @Test func `one row per model with what changed in brackets and dashes for the unmeasured`()
    throws
  {
    let rows = [
      try Fixture.row(scheme: "fp32", measured: false),
      try Fixture.row(before: [
        "accuracy.top1": 0.9735, "memory.model_bytes": 25600, "memory.load_allocations": 1233,
      ]),
    ]
    #expect(
      text(rows) == """
        architecture  scheme                 size           accuracy  vs float          worst slice      p50      p99  speed-up  intrinsic tail  peak memory  allocations load+steady
        ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        tiny          fp32                      –                  –         –                    –        –        –         –               –            –                    – + –
        tiny          int8    12.5 KiB [25.0 KiB]  96.10 % [97.35 %]  −1.25 pp  writer=left 86.25 %  50.0 µs  60.0 µs     2.00×           1.012     8.00 KiB        1,234 [1,233] + 0
        [ ] the baseline's value where it differs

        PASS: 1 passed; exit code 0 (every gate holds)

        """)
  }

  @Test func `perplexity and divergence have columns where some model predicts tokens`() throws {
    let columns = ["accuracy", "vs float", "perplexity", "divergence", "worst slice"]
    let rows = [
      try Fixture.row(),
      try Fixture.row(
        scheme: "q4", before: ["tokens.perplexity": 5.9], perplexity: 6.014678),
    ]
    #expect(Array(header(rows)[3...7]) == columns.map { $0[...] })
    #expect(text(rows).contains("6.0147 [5.9000] ± 0.1203    0.000597"))
    #expect(!header([try Fixture.row()]).contains("perplexity"))
  }

  @Test func `brackets are explained only where there are some`() throws {
    #expect(!text([try Fixture.row()]).contains("[ ]"))
  }

  @Test func `a scenario column appears only when an architecture is in several scenarios`() throws
  {
    let names: [Substring] = ["architecture", "scheme"]
    #expect(header([try Fixture.row()]).prefix(2) == names[...])
    let apart = [
      try Fixture.row(), try Fixture.row(scenario: "other", architecture: "large"),
    ]
    #expect(header(apart).prefix(2) == names[...])
    let shared = apart + [try Fixture.row(scenario: "other")]
    #expect(header(shared).prefix(3) == (["scenario"] + names)[...])
  }

  @Test func `a hardware column appears only with several profiles`() throws {
    let rows = [try Fixture.row(), try Fixture.row(hardware: "two")]
    #expect(Array(header(rows).prefix(3)) == ["architecture", "scheme", "hardware"])
  }
}
