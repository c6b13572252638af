import Measuring
import Results
import TestSupport
import Testing

@Suite struct BlendFitTests {
  /// A machine on which everything costs a fixed time, with noise on what is seen of it.
  private struct Machine {
    var computeUnit = 100.0
    var streamUnit = 200.0
    var subject = 50_000.0
    var noise = 0.0

    func control(_ compute: Int, _ stream: Int) -> Double {
      30 + computeUnit * Double(compute) + streamUnit * Double(stream)
    }
  }

  private func fit(
    _ machine: Machine, workingSet: Int, seed: UInt64
  ) -> (compute: Int, stream: Int, ratio: Double, calls: Int) {
    var generator = SeededGenerator(seed: seed)
    var calls = 0
    let (blend, _) = BlendFit.fit(controls: "c", workingSet: workingSet, unitBytes: 4096) {
      (compute, stream) throws(Never) -> BlendFit.Observation in
      calls += 1
      func wander() -> Double {
        1 + Double.random(in: -1...1, using: &generator) * machine.noise
      }
      return BlendFit.Observation(
        subject: machine.subject * wander(), control: machine.control(compute, stream) * wander())
    }
    #expect(blend.controls == "c")
    #expect(blend.workingSet == workingSet)
    let truth = machine.control(blend.computeUnits, blend.streamUnits) / machine.subject
    return (blend.computeUnits, blend.streamUnits, truth, calls)
  }

  @Test func `the control lasts as long as the subject, within the tolerance`() {
    for seed in 0..<300 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      // 20 µs (shorter ones are batched) to 20 ms; 4 KiB to 64 MiB.
      let machine = Machine(
        computeUnit: Double.random(in: 20...200, using: &generator),
        streamUnit: Double.random(in: 40...500, using: &generator),
        subject: 20_000 * Double(1 << Int.random(in: 0...10, using: &generator)),
        noise: 0.005)
      let workingSet = 4096 << Int.random(in: 0...14, using: &generator)
      let found = fit(machine, workingSet: workingSet, seed: seed)
      #expect(
        abs(found.ratio - 1) <= BlendFit.tolerance, "seed \(seed): \(found) of \(machine)")
      #expect(found.calls <= 12, "seed \(seed)")
    }
  }

  @Test func `a working set that fits is walked over once and the rest is arithmetic`() {
    let found = fit(Machine(), workingSet: 100 * 4096, seed: 1)
    #expect(found.stream == 100)
    #expect(found.compute > 0)
  }

  @Test func `streaming never takes the whole duration of a subject that computes`() {
    let found = fit(Machine(), workingSet: 10_000 * 4096, seed: 1)
    #expect(found.stream > 0)
    #expect(Double(found.stream) * 200 <= 0.7 * 50_000)
    #expect(found.compute > 0)
  }

  @Test func `a first look that misleads is corrected by later ones`() {
    let machine = Machine()
    var calls = 0
    let (_, ratio) = BlendFit.fit(controls: "c", workingSet: 4096, unitBytes: 4096) {
      (compute, stream) throws(Never) -> BlendFit.Observation in
      calls += 1
      // The first arithmetic runs on a core that is not awake yet.
      let slowdown = calls == 1 ? 1.5 : 1
      return BlendFit.Observation(
        subject: machine.subject, control: machine.control(compute, stream) * slowdown)
    }
    #expect(abs(ratio - 1) <= BlendFit.tolerance)
  }

  @Test func `a subject shorter than any unit still gets a control`() {
    let found = fit(Machine(subject: 10), workingSet: 4096, seed: 1)
    #expect(found.compute + found.stream >= 1)
  }
}
