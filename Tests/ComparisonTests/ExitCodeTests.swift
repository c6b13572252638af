import Comparison
import Results
import Testing

@Suite struct ExitCodeTests {
  /// A verdict for every code but 0, and what each alone must end with.
  static let codes: [ExitCode] = [
    .regression, .workloadFailed, .noBaseline, .undecided, .improvement,
  ]

  static func job(_ codes: [ExitCode]) -> JobVerdict {
    JobVerdict(
      verdicts: codes.map {
        Verdict(.pass, scenario: "s", subject: "x", metric: "m", message: "m", exitCode: $0)
      }, table: [])
  }

  @Test func `the numbers are those of the manual`() {
    #expect(
      ([.pass] + Self.codes).map(\.rawValue) == [0, 2, 3, 5, 7, 4])
  }

  @Test func `of any two codes the one that comes first in 2, 3, 5, 7, 4 wins, in either order`() {
    for (place, first) in Self.codes.enumerated() {
      #expect(Self.job([.pass, first]).exitCode == first)
      for second in Self.codes[place...] {
        #expect(Self.job([first, .pass, second]).exitCode == first)
        #expect(Self.job([second, .pass, first]).exitCode == first)
      }
    }
    #expect(Self.job(Self.codes.reversed()).exitCode == .regression)
  }

  @Test func `a real job with a crash, a missing baseline and a regression ends with 2`() throws {
    let crash = CaseResult(
      id: CaseID(scenario: "vision", architecture: "a", scheme: "int8", hardware: "one-core"),
      outcome: .failed(.crashed(signal: 11), phase: "steady", message: ""), quality: nil,
      memory: nil, timing: nil)
    func judged(_ fixture: Fixture, baseline: Baseline?) throws -> JobVerdict {
      let run = fixture.run
      let sound = run.scenarios[0]
      let scenario = ScenarioResults(
        name: sound.name, file: sound.file, gates: sound.gates, floatScheme: sound.floatScheme,
        cases: sound.cases + [crash])
      let both = RunResults(
        tool: run.tool, startedAt: run.startedAt, quick: false, fingerprint: run.fingerprint,
        scenarios: [scenario])
      return Comparison.compare(
        results: both, baselines: baseline.map { ["vision": $0] } ?? [:], timing: [:],
        options: ComparisonOptions())
    }
    #expect(try judged(Fixture(steadyAllocations: 1), baseline: nil).exitCode == .regression)
    #expect(try judged(Fixture(), baseline: nil).exitCode == .workloadFailed)
    #expect(try judged(Fixture(), baseline: Fixture().baseline()).exitCode == .workloadFailed)
  }

  @Test(arguments: [false, true])
  func `cases that were left out are one NOT RUN a scenario, never missing`(
    requireAll: Bool
  ) throws {
    let all = ["fp32", "int8", "int4"]
    let skipped = Fixture(schemes: all, outcome: .notSelected)
    let baseline = try Fixture(schemes: all).baseline()
    let verdict = try skipped.judged(
      by: baseline, options: ComparisonOptions(requireAll: requireAll))
    let notable = verdict.notable
    #expect(notable.count == 1, "\(notable)")
    #expect(notable.first?.ruling == .notRun)
    #expect(notable.first?.subject == "vision")
    #expect(notable.first?.message == "1 of 3 cases were not selected")
    #expect(notable.first?.next == "quantgate check vision")
    #expect(verdict.exitCode == .pass)
    #expect(verdict.table.map(\.scheme) == ["fp32", "int4"])
  }

  @Test func `a left-out case needs no baseline, and one that ran still does`() throws {
    let floatOnly = try Fixture(schemes: ["fp32"]).baseline()
    #expect(try Fixture(outcome: .notSelected).judged(by: floatOnly).exitCode == .pass)
    #expect(try Fixture().judged(by: floatOnly).exitCode == .noBaseline)
  }

  @Test func `a case without baseline beside left-out ones is still found`() throws {
    let verdict = try Fixture(outcome: .notSelected).judged(
      by: Fixture(schemes: ["int8"]).baseline())
    #expect(verdict.exitCode == .noBaseline)
  }
}
