import Datasets
import Digests
import Engines
import Execution
import Host
import Quantization
package import Results

extension CaseRun {
  /// Finds out how long everything lasts, and from it what every timing process does.
  package func calibrate() throws(MeasuringError) -> TimingSchedule {
    let cores = try cores()
    let pinned = try hostCall { () throws(HostError) in try PinnedThread(to: [cores[0]]) }
    defer { _ = pinned.cores }
    let options = try options(cores: cores)
    reporter.enter(.load)
    let model = try load()
    reporter.enter(.quantize)
    let subject = try prepare(model, scheme: materials.scheme, options: options)
    let bench = Bench(materials, outputSize: subject.outputSize, seed: job.seed)
    reporter.enter(.warmUp)
    let warmUp = try bench.warmUp(subject, atMost: job.budget.warmUpAtMost)
    reporter.enter(.calibrate)
    let single = warmUp.median / 1e9
    let batch = job.storedControl?.batchedInferences ?? ScheduleMaking.batch(seconds: single)
    let blend = try blend(subject, bench, batch: batch)
    var floatSeconds = 0.0
    if !isFloat {
      let twin = try prepare(model, scheme: .float32, options: options)
      let runs = max(5, min(100, Int(0.05 / max(single, 1e-9))))
      floatSeconds = try bench.median(twin, iterations: runs) / 1e9
    }
    return ScheduleMaking.schedule(
      budget: job.budget, batch: batch, warmUpIterations: warmUp.iterations,
      subjectSeconds: single, floatSeconds: floatSeconds, blend: blend)
  }

  /// The stored control if these are still its controls, else a fitted one.
  private func blend(
    _ subject: E.Running, _ bench: borrowing Bench, batch: Int
  ) throws(MeasuringError) -> ControlBlend {
    let identity = Controls.identity().description
    if let stored = job.storedControl?.blend, stored.controls == identity { return stored }
    // Beyond this, every further byte misses the last-level cache like the one before.
    let workingSet = min(subject.packedWeightBytes + subject.arenaBytes, 256 << 20)
    var control = ControlWorkload(workingSet: workingSet)
    do {
      return try BlendFit.fit(
        controls: identity, workingSet: control.workingSet, unitBytes: Controls.streamUnitBytes
      ) { (compute, stream) throws(EngineError) in
        try bench.observe(subject, &control, units: (compute, stream), batch: batch)
      }.blend
    } catch {
      throw .engine(error)
    }
  }
}

/// Inputs and room for outputs and durations: what a workload needs to run alone.
struct Bench: ~Copyable {
  private let inputs: FixedMemory<Float>
  private let output: FixedMemory<Float>
  private let examples: Int
  private let seed: UInt64

  init(_ materials: CaseMaterials, outputSize: Int, seed: UInt64) {
    let set = materials.evaluation
    examples = min(set.count, Replay.mostInputs)
    inputs = FixedMemory(set.inputs.prefix(examples * set.inputSize))
    output = FixedMemory(repeating: 0, count: outputSize)
    self.seed = seed
  }

  /// Runs until the medians of consecutive windows agree, for so many seconds at most.
  func warmUp<W: Workload>(
    _ workload: W, atMost seconds: Double
  ) throws(MeasuringError) -> (iterations: Int, median: Double) {
    let start = MonotonicClock.seconds()
    let first = try median(workload, iterations: 3) / 1e9
    let window = WarmUp.window(secondsPerIteration: first)
    var warmUp = WarmUp()
    var iterations = 3
    repeat {
      warmUp.add(window: try durations(workload, iterations: window))
      iterations += window
    } while !warmUp.isStable && MonotonicClock.seconds() - start < seconds
    return (iterations, warmUp.median ?? first * 1e9)
  }

  /// Median nanoseconds of so many runs.
  func median<W: Workload>(
    _ workload: W, iterations: Int
  ) throws(MeasuringError) -> Double {
    Median.of(try durations(workload, iterations: iterations))
  }

  private func durations<W: Workload>(
    _ workload: W, iterations: Int
  ) throws(MeasuringError) -> [UInt32] {
    let sequence = FixedMemory(Replay.inputs(count: iterations, examples: examples, seed: seed))
    let durations = FixedMemory<UInt32>(repeating: 0, count: iterations)
    do {
      try SampleLoop.solo(
        workload, inputs: inputs.readOnly, sequence: sequence.readOnly, batch: 1,
        output: output.elements, durations: durations.elements)
    } catch {
      throw .engine(error)
    }
    return Array(durations.readOnly)
  }

  /// Runs subject and control in turns, for about a twentieth of a second.
  func observe<W: Workload>(
    _ subject: W, _ control: inout ControlWorkload, units: (compute: Int, stream: Int),
    batch: Int
  ) throws(EngineError) -> BlendFit.Observation {
    let deadline = MonotonicClock.seconds() + 0.05
    var pairs = 0
    var seen = (subject: [UInt32](), control: [UInt32]())
    let durations = InterleavedDurations(pairs: 8)
    let idle = IdleWorkload()
    while pairs < 24 || (MonotonicClock.seconds() < deadline && pairs < 2000) {
      let sequence = FixedMemory(
        Replay.inputs(count: 8, examples: examples, seed: seed &+ UInt64(pairs)))
      let order = FixedMemory(
        Replay.order(pairs: 8, participants: [.subject, .control], seed: UInt64(pairs)))
      try SampleLoop.interleaved(
        subject, float: idle, control: &control, units: units, order: order.readOnly,
        participants: 2, inputs: inputs.readOnly, sequence: sequence.readOnly, batch: batch,
        output: output.elements, durations: durations)
      seen.subject += durations.subject.readOnly
      seen.control += durations.control.readOnly
      pairs += 8
    }
    return BlendFit.Observation(
      subject: Median.of(seen.subject), control: Median.of(seen.control))
  }
}

/// Turns durations and a budget into numbers of iterations.
package enum ScheduleMaking {
  /// Shorter inferences are batched: a time stamp's own cost and grain would show.
  package static let shortestSeconds = 20e-6
  /// Fewest and most iterations of either part, whatever the budget.
  package static let iterations = 64...200_000

  /// Inferences per time stamp.
  package static func batch(seconds: Double) -> Int {
    seconds >= shortestSeconds ? 1 : Int((shortestSeconds / max(seconds, 1e-9)).rounded(.up))
  }

  /// Half of a process's time, less its warm-up, goes to the solo part, half to the interleaved one.
  package static func schedule(
    budget: TimingBudget, batch: Int, warmUpIterations: Int, subjectSeconds: Double,
    floatSeconds: Double, blend: ControlBlend
  ) -> TimingSchedule {
    let share = budget.seconds / Double(budget.processes)
    let timed = max(share - Double(warmUpIterations) * subjectSeconds, share / 2)
    let stamp = subjectSeconds * Double(batch)
    // The control lasts as long as the subject.
    let pair = 2 * stamp + floatSeconds * Double(batch)
    let solo = clamp(timed / 2 / max(stamp, 1e-9))
    let pairs = clamp(timed / 2 / max(pair, 1e-9))
    let blockLength = max(8, min(500, pairs / 24))
    return TimingSchedule(
      batchedInferences: batch, warmUpIterations: warmUpIterations, soloIterations: solo,
      blockLength: blockLength, blocks: max(1, pairs / blockLength), blend: blend)
  }

  private static func clamp(_ count: Double) -> Int {
    Int(min(max(count, Double(iterations.lowerBound)), Double(iterations.upperBound)))
  }
}
