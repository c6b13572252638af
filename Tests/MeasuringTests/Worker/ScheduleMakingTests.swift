import Measuring
import Results
import TestSupport
import Testing

@Suite struct ScheduleMakingTests {
  @Test(arguments: [
    (1.0, 1), (20e-6, 1), (19.9e-6, 2), (10e-6, 2), (9e-6, 3), (3e-6, 7), (0, 20_000),
  ])
  func `short inferences share a time stamp`(seconds: Double, batch: Int) {
    #expect(ScheduleMaking.batch(seconds: seconds) == batch)
  }

  @Test func `iterations fill the budget and no more`() {
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let budget = TimingBudget(
        seconds: Double.random(in: 1...10, using: &generator),
        processes: Int.random(in: 1...8, using: &generator), warmUpAtMost: 0.5)
      let subject = Double.random(in: 25e-6...100e-6, using: &generator)
      let float = Double.random(in: 0...200e-6, using: &generator)
      let warmUp = Int.random(in: 0...500, using: &generator)
      let schedule = ScheduleMaking.schedule(
        budget: budget, batch: 1, warmUpIterations: warmUp, subjectSeconds: subject,
        floatSeconds: float, blend: Sample.blend)
      let share = budget.seconds / Double(budget.processes)
      let planned =
        Double(warmUp) * subject + Double(schedule.soloIterations) * subject
        + Double(schedule.pairs) * (2 * subject + float)
      #expect(planned <= share * 1.001, "seed \(seed): \(planned) s of \(share) s")
      // Whole blocks only: at most a twenty-fourth of a half is lost.
      #expect(planned >= share * 0.95, "seed \(seed): \(planned) s of \(share) s")
      #expect((8...500).contains(schedule.blockLength), "seed \(seed)")
      #expect(schedule.blocks >= 24, "seed \(seed)")
      #expect(schedule.pairs == schedule.blockLength * schedule.blocks)
      #expect(schedule.blend == Sample.blend && schedule.warmUpIterations == warmUp)
    }
  }

  @Test(arguments: [(0.001, 1.0, 64), (1e6, 1e-6, 200_000)])
  func `there are enough iterations for a statistic and room for them`(
    budget: Double, subject: Double, iterations: Int
  ) {
    let schedule = ScheduleMaking.schedule(
      budget: TimingBudget(seconds: budget, processes: 1, warmUpAtMost: 0), batch: 1,
      warmUpIterations: 3, subjectSeconds: subject, floatSeconds: 0, blend: Sample.blend)
    #expect(schedule.soloIterations == iterations)
    #expect((iterations - 500...iterations).contains(schedule.pairs))
  }

  @Test func `a long warm-up leaves half of the time`() {
    func iterations(warmUp: Int) -> Int {
      ScheduleMaking.schedule(
        budget: TimingBudget(seconds: 1, processes: 1, warmUpAtMost: 9), batch: 1,
        warmUpIterations: warmUp, subjectSeconds: 1e-4, floatSeconds: 0, blend: Sample.blend
      ).soloIterations
    }
    #expect(iterations(warmUp: 0) == 5000)
    #expect(iterations(warmUp: 1_000_000) == 2500)
  }
}
