import Host
import Measuring
import Testing

@Suite struct SampleLoopTests {
  private let inputs: [Float] = [10, 0, 11, 0, 12, 0, 13, 0]

  @Test func `the solo loop runs each input of the sequence as often as the batch says`() throws {
    let log = CallLog(capacity: 100)
    let workload = LoggingWorkload(inputSize: 2, log: log)
    let memory = FixedMemory(inputs)
    let sequence = FixedMemory([3, 0, 0, 2] as [Int32])
    let output = FixedMemory<Float>(repeating: 0, count: 1)
    let durations = FixedMemory<UInt32>(repeating: .max, count: 4)
    try SampleLoop.solo(
      workload, inputs: memory.readOnly, sequence: sequence.readOnly, batch: 3,
      output: output.elements, durations: durations.elements)
    #expect(log.inputs == [13, 13, 13, 10, 10, 10, 10, 10, 10, 12, 12, 12])
    #expect(durations.readOnly.allSatisfy { $0 != .max }, "every iteration has a duration")
  }

  @Test func `the interleaved loop runs everybody in the planned order on the same input`() throws {
    let log = CallLog(capacity: 1000)
    let subject = LoggingWorkload(name: 1, inputSize: 2, log: log)
    let float = LoggingWorkload(name: 2, inputSize: 2, log: log)
    let pairs = 40
    let plan = Replay.order(pairs: pairs, participants: [.subject, .control, .float], seed: 1)
    let drawn = Replay.inputs(count: pairs, examples: 4, seed: 2)
    let order = FixedMemory(plan)
    let sequence = FixedMemory(drawn)
    let memory = FixedMemory(inputs)
    let output = FixedMemory<Float>(repeating: 0, count: 1)
    let durations = InterleavedDurations(pairs: pairs)
    for series in [
      durations.subject.elements, durations.control.elements, durations.float.elements,
    ] {
      series.update(repeating: .max)
    }
    var control = ControlWorkload(workingSet: 4096)
    try SampleLoop.interleaved(
      subject, float: float, control: &control, units: (1, 1), order: order.readOnly,
      participants: 3, inputs: memory.readOnly, sequence: sequence.readOnly, batch: 2,
      output: output.elements, durations: durations)
    var who: [Float] = []
    var seen: [Float] = []
    for (place, participant) in plan.enumerated() where participant != .control {
      who += Array(repeating: participant == .subject ? 1 : 2, count: 2)
      seen += Array(repeating: 10 + Float(drawn[place / 3]), count: 2)
    }
    #expect(log.who == who)
    #expect(log.inputs == seen)
    #expect(durations.subject.readOnly.allSatisfy { $0 != .max })
    #expect(durations.control.readOnly.allSatisfy { $0 != .max })
    #expect(durations.float.readOnly.allSatisfy { $0 != .max })
    #expect(control.evidence != 0, "the control ran")
  }

  @Test func `without a twin its durations stay untouched`() throws {
    let subject = LoggingWorkload(inputSize: 2)
    let order = FixedMemory([.control, .subject, .subject, .control] as [Participant])
    let sequence = FixedMemory([0, 1] as [Int32])
    let memory = FixedMemory(inputs)
    let output = FixedMemory<Float>(repeating: 0, count: 1)
    let durations = InterleavedDurations(pairs: 2)
    durations.float.elements.update(repeating: 7)
    var control = ControlWorkload(workingSet: 4096)
    try SampleLoop.interleaved(
      subject, float: subject, control: &control, units: (1, 0), order: order.readOnly,
      participants: 2, inputs: memory.readOnly, sequence: sequence.readOnly, batch: 1,
      output: output.elements, durations: durations)
    #expect(Array(durations.float.readOnly) == [7, 7])
  }

  @Test func `neither loop allocates`() throws {
    let log = CallLog(capacity: 10_000)
    let workload = LoggingWorkload(inputSize: 2, log: log)
    let pairs = 100
    let order = FixedMemory(
      Replay.order(pairs: pairs, participants: [.subject, .control, .float], seed: 1))
    let sequence = FixedMemory(Replay.inputs(count: pairs, examples: 4, seed: 2))
    let memory = FixedMemory(inputs)
    let output = FixedMemory<Float>(repeating: 0, count: 1)
    let durations = InterleavedDurations(pairs: pairs)
    var control = ControlWorkload(workingSet: 8192)
    // The expectation macro allocates, so the counters are read before it.
    let before = ThreadAllocations.now()
    try SampleLoop.solo(
      workload, inputs: memory.readOnly, sequence: sequence.readOnly, batch: 2,
      output: output.elements, durations: durations.subject.elements)
    try SampleLoop.interleaved(
      workload, float: workload, control: &control, units: (2, 2), order: order.readOnly,
      participants: 3, inputs: memory.readOnly, sequence: sequence.readOnly, batch: 2,
      output: output.elements, durations: durations)
    let after = ThreadAllocations.now()
    #expect(after.allocations - before.allocations == 0)
    #expect(after.deallocations - before.deallocations == 0)
    #expect(log.count == 2 * pairs + 4 * pairs)
  }
}
