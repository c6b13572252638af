import Datasets
import Engines
import Execution
import Host
import Results

/// Warm-up and steady iterations of a memory process: fixed, so that counts are comparable.
package enum MemoryIterations {
  /// Iterations before counting.
  package static let warmUp = 16
  /// Counted iterations.
  package static let steady = 128
}

extension CaseRun {
  /// Counts what each phase allocates. Data and scenario exist before the first phase and are not part
  /// of it.
  ///
  /// Before that everything runs once, uncounted: Swift and Foundation build tables when something is
  /// used for the first time, and which phase such a table falls into, and how much it grows there,
  /// depends on code that has nothing to do with the case.
  func memory() throws(MeasuringError) -> MemoryRecord {
    let cores = try cores()
    let pinned = try hostCall { () throws(HostError) in try PinnedThread(to: [cores[0]]) }
    let options = try options(cores: cores)
    let calibration = calibrationInputs
    let inputs = FixedMemory(materials.evaluation.inputs)
    let sequence = FixedMemory(
      Replay.inputs(
        count: MemoryIterations.warmUp + MemoryIterations.steady,
        examples: materials.evaluation.count, seed: job.seed))
    let live = FixedMemory(repeating: 0, count: MemoryIterations.steady)
    try rehearse(inputs: inputs.readOnly, calibration: calibration, options: options)
    if let limit = job.hardware.memoryLimit, job.supervisor != nil {
      try hostCall { () throws(HostError) in try ProcessLimits.limitData(bytes: limit) }
    }
    var phases = PhaseCounter()

    reporter.enter(.load)
    phases.begin()
    var model: E.Model? = try load()
    phases.end(.load)

    reporter.enter(.quantize)
    phases.begin()
    let workload = try compile(&model, calibration: calibration, options: options)
    phases.end(.quantize)

    let output = FixedMemory<Float>(repeating: 0, count: workload.outputSize)
    reporter.enter(.warmUp)
    phases.begin()
    try iterate(
      workload, inputs: inputs.readOnly, over: sequence.readOnly[..<MemoryIterations.warmUp],
      output: output.elements, live: nil)
    phases.end(.warmUp)

    reporter.enter(.steady)
    let faults = try hostCall { () throws(HostError) in try Disturbance.ofProcess() }
    phases.begin()
    try iterate(
      workload, inputs: inputs.readOnly, over: sequence.readOnly[MemoryIterations.warmUp...],
      output: output.elements, live: live.elements)
    phases.end(.steady)
    let disturbance = try hostCall { () throws(HostError) in try Disturbance.ofProcess() - faults }
    _ = pinned.cores
    return try record(phases, workload, live: live.readOnly, disturbance: disturbance)
  }

  /// Goes through every phase once.
  private func rehearse(
    inputs: UnsafeBufferPointer<Float>, calibration: CalibrationInputs, options: ExecutionOptions
  ) throws(MeasuringError) {
    var model: E.Model? = try load()
    let workload = try compile(&model, calibration: calibration, options: options)
    let output = FixedMemory<Float>(repeating: 0, count: workload.outputSize)
    let sequence = FixedMemory<Int32>(repeating: 0, count: 2)
    let live = FixedMemory(repeating: 0, count: 2)
    try iterate(
      workload, inputs: inputs, over: sequence.readOnly[...], output: output.elements,
      live: live.elements)
    _ = try record(
      PhaseCounter(), workload, live: live.readOnly,
      disturbance: hostCall { () throws(HostError) in try Disturbance.ofProcess() })
  }

  /// Applies the scheme and compiles; the trained model is released before the phase ends, as it would
  /// be in a program that serves the result.
  private func compile(
    _ model: inout E.Model?, calibration: CalibrationInputs, options: ExecutionOptions
  ) throws(MeasuringError) -> E.Running {
    guard let trained = model.take() else { preconditionFailure("a model compiles once") }
    do {
      let quantized = try engine.quantize(
        trained, scheme: materials.scheme, calibration: calibration)
      return try engine.compile(quantized, options: options, sequences: sequences)
    } catch {
      throw .engine(error)
    }
  }

  private func iterate(
    _ workload: E.Running, inputs: UnsafeBufferPointer<Float>,
    over sequence: Slice<UnsafeBufferPointer<Int32>>, output: UnsafeMutableBufferPointer<Float>,
    live: UnsafeMutableBufferPointer<Int>?
  ) throws(MeasuringError) {
    let size = workload.inputSize
    let atStart = AllocationCounters.now().liveBytes
    do {
      for (place, example) in zip(0..., sequence) {
        let start = Int(example) * size
        try workload.run(
          UnsafeBufferPointer(rebasing: inputs[start..<start + size]), examples: 1, into: output)
        live?[place] = AllocationCounters.now().liveBytes - atStart
      }
    } catch {
      throw .engine(error)
    }
  }

  private func record(
    _ phases: PhaseCounter, _ workload: E.Running, live: UnsafeBufferPointer<Int>,
    disturbance: Disturbance
  ) throws(MeasuringError) -> MemoryRecord {
    let readings = try hostCall { () throws(HostError) in try AllocatorReadings.now() }
    return MemoryRecord(
      allocator: try hostCall { () throws(HostError) in try Allocator.name() },
      phases: phases.finished, arenaBytes: workload.arenaBytes,
      packedWeightBytes: workload.packedWeightBytes, cacheBytes: workload.cacheBytes,
      peakAllocated: phases.finished.map(\.peak).max() ?? 0,
      steadyIterations: live.count,
      steadyAllocations: phases.finished.last?.allocations ?? 0, steadyLiveBytes: Array(live),
      resident: readings.resident, active: readings.active, metadata: readings.metadata,
      steadyPageFaults: disturbance.pageFaults)
  }
}

/// Turns counter readings into phases. Its own allocations fall between the phases.
struct PhaseCounter {
  private(set) var finished: [PhaseMemory] = []
  private let liveAtStart: Int
  private var before: AllocationCounters

  /// What is live now belongs to no phase.
  init() {
    finished.reserveCapacity(WorkerPhase.allCases.count)
    before = .now()
    liveAtStart = before.liveBytes
  }

  /// A phase begins.
  mutating func begin() {
    AllocationCounters.resetPeak()
    before = .now()
  }

  /// The phase that began last ends.
  mutating func end(_ phase: WorkerPhase) {
    let now = AllocationCounters.now()
    finished.append(
      PhaseMemory(
        name: phase.rawValue, allocations: now.allocations - before.allocations,
        allocatedBytes: now.allocatedBytes - before.allocatedBytes,
        liveAtEnd: now.liveBytes - liveAtStart, peak: now.peakLiveBytes - liveAtStart))
  }
}
