import Foundation
import Results
import TestSupport
import Testing

@Suite struct BaselineStoreTests {
  let folder: TemporaryFolder
  let store: BaselineStore

  init() throws {
    folder = try TemporaryFolder()
    store = BaselineStore(folder: folder.url.appendingPathComponent("Baselines"))
  }

  var timing: TimingBaseline {
    let session = TimingSession(
      when: "2026-08-01T12:00:00Z",
      processes: [ProcessStatistics(p50: 1000, p99: 1200, ratioToControl: 1.1, ratioToFloat: nil)],
      metrics: ["latency.p50": 1e-6], subject: StoredHistogram(durations: [1000, 1001]),
      control: StoredHistogram(durations: [900]))
    return TimingBaseline(
      scenario: "vision", fingerprint: Fixture.fingerprint,
      cases: [
        TimingBaseline.key(Fixture.id("int8")): TimingCase(
          blend: Fixture.timing.blend, batchedInferences: Fixture.timing.batchedInferences,
          sessions: [session])
      ])
  }

  @Test func `an absent baseline is nil and a present one comes back`() throws {
    #expect(try store.baseline(scenario: "vision") == nil)
    try store.write(Fixture.baseline())
    #expect(try store.baseline(scenario: "vision") == Fixture.baseline())
    #expect(store.scenarios() == ["vision"])
    #expect(store.verify().isEmpty)
  }

  @Test func `recording timing touches only its own file`() throws {
    try store.write(Fixture.baseline())
    let file = try store.file(scenario: "vision")
    let before = try Data(contentsOf: file)
    try store.write(timing)
    #expect(try Data(contentsOf: file) == before)
    #expect(
      try store.timing(scenario: "vision", fingerprint: Fixture.fingerprint) == timing)
    #expect(store.timings().map(\.fingerprint) == [Fixture.fingerprint.key])
    #expect(store.scenarios() == ["vision"])
    #expect(store.verify().isEmpty)
  }

  @Test func `another machine has no timing baseline`() throws {
    try store.write(timing)
    let other = Fingerprint(
      cpu: "other", features: [], cores: 2, caches: [:], hypervisor: "none", allocator: "j",
      compiler: "s")
    #expect(try store.timing(scenario: "vision", fingerprint: other) == nil)
    #expect(other.key != Fixture.fingerprint.key)
  }

  @Test func `verify names what was edited, renamed or damaged`() throws {
    try store.write(Fixture.baseline())
    let file = try store.file(scenario: "vision")
    let text = try String(contentsOf: file, encoding: .utf8)
    let edited = text.replacing("\"memory.arena_bytes\" : 512", with: "\"memory.arena_bytes\" : 5")
    try folder.write(edited, to: "Baselines/vision.json")
    try folder.write(text, to: "Baselines/renamed.json")
    try folder.write("{", to: "Baselines/damaged.json")
    #expect(
      store.verify() == [
        "Baselines/damaged.json:1:2: not JSON: found the end of the file instead of a key",
        "Baselines/renamed.json: scenario: expected renamed, found vision",
        "Baselines/vision.json: approvals: the last one is not of this content: "
          + "the file was edited after it was approved",
      ])
  }

  @Test(arguments: ["../x", "", "a/b", ".hidden", "a b", "é"])
  func `a name that leaves the folder is refused`(name: String) {
    #expect(throws: ResultsError.badName(name)) { try store.file(scenario: name) }
  }

  @Test func `a folder in place of a baseline is unreadable, not absent`() throws {
    try folder.write("x", to: "Baselines/vision.json/inner")
    let error = #expect(throws: ResultsError.self) { try store.baseline(scenario: "vision") }
    guard case .unreadable(let file, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(file == "Baselines/vision.json")
  }
}
