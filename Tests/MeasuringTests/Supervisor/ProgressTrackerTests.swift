import Measuring
import TestSupport
import Testing

@Suite struct ProgressTrackerTests {
  @Test func `progress starts at 0, never goes back and stays below 1`() {
    for seed in 0..<50 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let items = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
        Sample.item(
          seconds: Double.random(in: 0.01...20, using: &generator),
          processes: Int.random(in: 1...12, using: &generator))
      }
      var tracker = ProgressTracker(items)
      var last = 0.0
      for (index, item) in items.enumerated() {
        if Bool.random(using: &generator) && index > 0 {
          tracker.skip(case: index)
          continue
        }
        let workers: [(WorkerRole, Int)] =
          [(.quality, 0), (.memory, 0), (.calibrate, 0)]
          + (0..<item.budget.processes).map { (.time, $0) }
        for (role, number) in workers {
          let progress = tracker.at(case: index, role: role, number: number, phase: "load")
          #expect(progress.fraction >= last && progress.fraction < 1, "seed \(seed)")
          #expect((progress.secondsLeft ?? 0) >= 0, "seed \(seed)")
          if index == 0 && role == .quality { #expect(progress.fraction == 0) }
          last = progress.fraction
        }
      }
    }
  }

  @Test func `no case at all is no progress and no crash`() {
    _ = ProgressTracker([])
  }
}
