import Comparison
import Results
import Testing

@Suite struct CalibrationCoverageTests {
  @Test func `a slice that calibration never saw is flagged, not failed`() throws {
    let verdict = try Fixture(coverage: ["writer": ["left": 0, "right": 40]]).judged()
    #expect(verdict.exitCode == .pass)
    #expect(
      verdict.notes == [
        "vision/mlp/int8: no calibration example has writer=left: its ranges were never observed; "
          + "calibrate on more or other samples"
      ])
  }

  @Test func `coverage of every slice is reported`() throws {
    let verdict = try Fixture(coverage: ["writer": ["left": 3, "right": 40]]).judged()
    #expect(verdict.notes.isEmpty)
    #expect(
      verdict.verdict("calibration")?.message
        == "coverage of the scored slices: writer 2 of 2 values, fewest examples 3 (left)")
  }

  @Test func `schemes that calibrate nothing say nothing`() throws {
    #expect(try Fixture().judged().verdict("calibration") == nil)
  }
}

@Suite struct SelectionTests {
  @Test func `cases that were not selected are counted and not missed`() throws {
    let options = ComparisonOptions(failOnImprovement: true, requireTiming: false, requireAll: true)
    let verdict = try Fixture(outcome: .notSelected).judged(options: options)
    #expect(verdict.exitCode == .pass, "\(verdict.notable)")
    let said = verdict.verdicts.filter { $0.metric == "case" }
    #expect(said.map(\.ruling) == [.notRun])
    #expect(said.map(\.message) == ["1 of 2 cases were not selected"])
  }

  @Test func `recording a selection keeps what was not selected`() throws {
    let stored = try Fixture().baseline()
    let run = Fixture(outcome: .notSelected).run
    let renewed = try Baseline.recording(
      run.scenarios[0], of: run, replacing: stored, who: "ada", when: "2026-08-02T12:00:00Z",
      why: "float only")
    #expect(renewed.entries == stored.entries)
  }
}
