import Engines
import Execution
import Host
import Measuring
import Results

/// Small records that stand for what real workers bring.
enum Sample {
  static func item(
    _ scheme: String = "good", hardware: String = "one-core", plan: String = "plan-1",
    seconds: Double = 0.2, processes: Int = 2, limit: Double = 20
  ) -> MeasuredCase {
    MeasuredCase(
      id: CaseID(
        scenario: "sample", architecture: "tiny", scheme: scheme, hardware: hardware),
      scenarioFile: "Scenarios/sample.yaml", planDigest: plan,
      hardware: WorkerHardware(memoryLimit: 4096),
      budget: TimingBudget(seconds: seconds, processes: processes, warmUpAtMost: 0.1, limit: limit),
      storedControl: nil)
  }

  static let quality = QualityRecord(
    modelDigest: "m", dataDigest: "d", calibrationDigest: nil, outputDigest: "o", modelBytes: 10,
    labels: PackedIntegers([0, 1]), predictions: PackedIntegers([0, 0]),
    floatPredictions: PackedIntegers([0, 1]), slices: [:], nonFiniteOutputs: 0, outputSQNR: 30,
    calibrationCoverage: [:])

  static let memory = MemoryRecord(
    allocator: "jemalloc 5.3.0",
    phases: [PhaseMemory(name: "load", allocations: 3, allocatedBytes: 99, liveAtEnd: 7, peak: 50)],
    arenaBytes: 64, packedWeightBytes: 10, peakAllocated: 50, steadyIterations: 2,
    steadyAllocations: 0, steadyLiveBytes: [0, 0], resident: 1, active: 1, metadata: 1,
    steadyPageFaults: 0)

  static let blend = ControlBlend(
    controls: "c", computeUnits: 5, streamUnits: 6, workingSet: 4096)

  static let schedule = TimingSchedule(
    batchedInferences: 3, warmUpIterations: 4, soloIterations: 2, blockLength: 1, blocks: 2,
    blend: blend)

  static let timing = TimingProcess(
    solo: PackedIntegers([10, 11]), subject: PackedIntegers([10, 12]),
    control: PackedIntegers([9, 9]), float: PackedIntegers([20, 21]), blockLength: 1,
    inputs: PackedIntegers([1, 0]), warmUpIterations: 4, warmUpStable: true,
    phaseSeconds: ["load": 0.5], pageFaults: 0, involuntarySwitches: 0, stealShare: nil,
    outputDigest: "o", isa: "scalar", cores: [0])

  /// The product of a worker in a role.
  static func product(_ role: WorkerRole) -> WorkerProduct {
    var product = WorkerProduct()
    switch role {
    case .quality: product.quality = quality
    case .memory: product.memory = memory
    case .calibrate: product.schedule = schedule
    case .time: product.timing = timing
    }
    return product
  }

  static func result(of item: MeasuredCase, outcome: Outcome = .completed) -> CaseResult {
    CaseResult(id: item.id, outcome: outcome, quality: quality, memory: memory, timing: nil)
  }
}

/// The calls that workloads received, in memory that was there before: (who, first input element).
final class CallLog {
  private let calls: FixedMemory<(who: Float, input: Float)>
  private(set) var count = 0

  init(capacity: Int) {
    calls = FixedMemory(repeating: (0, 0), count: capacity)
  }

  func note(_ who: Float, _ input: Float) {
    calls.elements[count] = (who, input)
    count += 1
  }

  var who: [Float] { calls.readOnly.prefix(count).map(\.who) }
  var inputs: [Float] { calls.readOnly.prefix(count).map(\.input) }
}

/// A workload that does nothing but say that it was called.
final class LoggingWorkload: Workload {
  let inputSize: Int
  let outputSize = 1
  let arenaBytes = 0
  let cacheBytes = 0
  let packedWeightBytes = 0
  let modelBytes = 0
  let referenceLayers = 0
  let instructionSet = InstructionSet.scalar
  private let name: Float
  private let log: CallLog?

  init(name: Float = 0, inputSize: Int, log: CallLog? = nil) {
    self.name = name
    self.inputSize = inputSize
    self.log = log
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {
    log?.note(name, input[0])
    output[0] = input[0]
  }
}
