import Datasets
import Engines
import Execution
import Host
import Quantization
package import Results

extension CaseRun {
  /// One process's share of the timed iterations.
  package func time(_ schedule: TimingSchedule) throws(MeasuringError) -> TimingProcess {
    let cores = try cores()
    let pinned = try hostCall { () throws(HostError) in try PinnedThread(to: [cores[0]]) }
    defer { _ = pinned.cores }
    let options = try options(cores: cores)
    var clock = PhaseClock()
    reporter.enter(.load)
    let model = try load()
    clock.end(.load)
    reporter.enter(.quantize)
    let subject = try prepare(model, scheme: materials.scheme, options: options)
    clock.end(.quantize)
    if isFloat {
      let idle = IdleWorkload()
      return try time(schedule, subject, float: idle, hasTwin: false, cores: cores, &clock)
    }
    let twin = try prepare(model, scheme: .float32, options: options)
    return try time(schedule, subject, float: twin, hasTwin: true, cores: cores, &clock)
  }

  private func time<F: Workload>(
    _ schedule: TimingSchedule, _ subject: E.Running, float: F, hasTwin: Bool,
    cores: [Int], _ clock: inout PhaseClock
  ) throws(MeasuringError) -> TimingProcess {
    // Everything the loops touch exists before the first of them starts.
    let examples = min(materials.evaluation.count, Replay.mostInputs)
    let inputs = FixedMemory(
      materials.evaluation.inputs.prefix(examples * materials.evaluation.inputSize))
    let output = FixedMemory<Float>(repeating: 0, count: subject.outputSize)
    func sequence(_ count: Int, _ part: UInt64) -> [Int32] {
      Replay.inputs(count: count, examples: examples, seed: job.seed &+ part)
    }
    let warmUpInputs = FixedMemory(sequence(schedule.warmUpIterations, 0))
    let soloInputs = FixedMemory(sequence(schedule.soloIterations, 1))
    let pairInputs = FixedMemory(sequence(schedule.pairs, 2))
    let participants: [Participant] =
      hasTwin ? [.subject, .control, .float] : [.subject, .control]
    let order = FixedMemory(
      Replay.order(pairs: schedule.pairs, participants: participants, seed: job.seed &+ 3))
    let warmUp = FixedMemory<UInt32>(repeating: 0, count: schedule.warmUpIterations)
    let solo = FixedMemory<UInt32>(repeating: 0, count: schedule.soloIterations)
    let pairs = InterleavedDurations(pairs: schedule.pairs)
    var control = ControlWorkload(workingSet: schedule.blend.workingSet)
    let batch = schedule.batchedInferences

    reporter.enter(.outputs)
    let digest = Self.digest(of: try outputs(of: subject, batch: 1))
    reporter.enter(.warmUp)
    clock.restart()
    try engineCall { () throws(EngineError) in
      try SampleLoop.solo(
        subject, inputs: inputs.readOnly, sequence: warmUpInputs.readOnly, batch: 1,
        output: output.elements, durations: warmUp.elements)
    }
    clock.end(.warmUp)
    reporter.enter(.steady)
    let before = try Surroundings.beforePart(cores: cores)
    try engineCall { () throws(EngineError) in
      try SampleLoop.solo(
        subject, inputs: inputs.readOnly, sequence: soloInputs.readOnly, batch: batch,
        output: output.elements, durations: solo.elements)
    }
    let between = try Surroundings.afterPart(cores: cores)
    try warmTwin(float, inputs: inputs.readOnly, output: output.elements, hasTwin: hasTwin)
    let again = try Surroundings.beforePart(cores: cores)
    try engineCall { () throws(EngineError) in
      try SampleLoop.interleaved(
        subject, float: float, control: &control,
        units: (schedule.blend.computeUnits, schedule.blend.streamUnits), order: order.readOnly,
        participants: participants.count, inputs: inputs.readOnly, sequence: pairInputs.readOnly,
        batch: batch, output: output.elements, durations: pairs)
    }
    let after = try Surroundings.afterPart(cores: cores)
    return TimingProcess(
      solo: PackedIntegers(Array(solo.readOnly)),
      subject: PackedIntegers(Array(pairs.subject.readOnly)),
      control: PackedIntegers(Array(pairs.control.readOnly)),
      float: PackedIntegers(hasTwin ? Array(pairs.float.readOnly) : [UInt32]()),
      blockLength: schedule.blockLength, inputs: PackedIntegers(soloInputs.readOnly.map(Int.init)),
      warmUpIterations: schedule.warmUpIterations, warmUpStable: Self.isStable(warmUp.readOnly),
      phaseSeconds: clock.seconds,
      pageFaults: between.faults(since: before) + after.faults(since: again),
      involuntarySwitches: between.switches(since: before) + after.switches(since: again),
      stealShare: after.steal(since: before), outputDigest: digest,
      isa: subject.instructionSet.description, cores: cores)
  }

  /// Runs the float twin a few times: its first iterations are nobody's.
  private func warmTwin<F: Workload>(
    _ float: F, inputs: UnsafeBufferPointer<Float>,
    output: UnsafeMutableBufferPointer<Float>, hasTwin: Bool
  ) throws(MeasuringError) {
    guard hasTwin else { return }
    let sequence = FixedMemory<Int32>(repeating: 0, count: 5)
    let durations = FixedMemory<UInt32>(repeating: 0, count: 5)
    do {
      try SampleLoop.solo(
        float, inputs: inputs, sequence: sequence.readOnly, batch: 1, output: output,
        durations: durations.elements)
    } catch {
      throw .engine(error)
    }
  }

  /// Whether the last windows of a warm-up agree.
  private static func isStable(_ durations: UnsafeBufferPointer<UInt32>) -> Bool {
    let window = WarmUp.window(secondsPerIteration: Median.of(durations) / 1e9)
    var warmUp = WarmUp()
    for number in (0..<WarmUp.agreeing).reversed() {
      let end = durations.count - number * window
      guard end >= window else { return false }
      warmUp.add(window: durations[end - window..<end])
    }
    return warmUp.isStable
  }
}

/// Seconds per phase.
struct PhaseClock {
  private(set) var seconds: [String: Double] = [:]
  private var start = MonotonicClock.seconds()

  /// A phase begins now and not where the last one ended.
  mutating func restart() {
    start = MonotonicClock.seconds()
  }

  /// A phase ends and the next begins.
  mutating func end(_ phase: WorkerPhase) {
    let now = MonotonicClock.seconds()
    seconds[phase.rawValue] = now - start
    start = now
  }
}

/// What the kernel and the hypervisor have done so far.
struct Surroundings {
  private let disturbance: Disturbance
  private let stolen: StealReading?

  /// Reading `/proc/stat` allocates and faults, so it comes first before a timed part and last after one.
  static func beforePart(cores: [Int]) throws(MeasuringError) -> Surroundings {
    let stolen = StealReading.now(cores: cores)
    return Surroundings(disturbance: try disturbanceNow(), stolen: stolen)
  }

  /// As `beforePart`, in the opposite order.
  static func afterPart(cores: [Int]) throws(MeasuringError) -> Surroundings {
    let disturbance = try disturbanceNow()
    return Surroundings(disturbance: disturbance, stolen: StealReading.now(cores: cores))
  }

  private static func disturbanceNow() throws(MeasuringError) -> Disturbance {
    do {
      return try Disturbance.ofProcess()
    } catch {
      throw .host(error)
    }
  }

  func faults(since early: Surroundings) -> Int {
    (disturbance - early.disturbance).pageFaults
  }

  func switches(since early: Surroundings) -> Int {
    (disturbance - early.disturbance).involuntarySwitches
  }

  func steal(since early: Surroundings) -> Double? {
    guard let stolen, let before = early.stolen else { return nil }
    return stolen.share(since: before)
  }
}
