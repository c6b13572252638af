import Engines
import Foundation
import Measuring
import NumberFormats
import Quantization
import Results
import TestSupport
import Testing

/// Whole workers, within this process.
@Suite(.serialized) struct WorkerTests {
  private let tiny: TinyCase
  private let int8 = Scheme(
    name: "int8", weights: .affine(.int8, Grouping(.channel, symmetric: true)),
    activations: .fixed(symmetric: false, .minMax))

  init() throws {
    tiny = try TinyCase()
  }

  /// Runs a worker; gives its exit code and what it said.
  private func run(
    _ job: WorkerJob, scheme: Scheme? = nil, materials: CaseMaterials? = nil
  ) throws -> (code: Int32, messages: WorkerMessages) {
    let input = tiny.folder.url.appendingPathComponent("job.json")
    let output = try tiny.folder.write("", to: "messages")
    try JSONEncoder().encode(job).write(to: input)
    let source = try FileHandle(forReadingFrom: input)
    let sink = try FileHandle(forWritingTo: output)
    let code = Worker.run(
      engine: NativeEngine(), input: source.fileDescriptor, output: sink.fileDescriptor
    ) { _ in materials ?? tiny.materials(scheme: scheme ?? int8) }
    var messages = WorkerMessages()
    messages.receive(try Data(contentsOf: output))
    return (code, messages)
  }

  private func product(_ job: WorkerJob, scheme: Scheme? = nil) throws -> WorkerProduct {
    let (code, messages) = try run(job, scheme: scheme)
    #expect(code == 0, "\(messages.refusal ?? "")")
    return try JSONDecoder().decode(WorkerProduct.self, from: try #require(messages.result))
  }

  @Test func `quality answers every example beside the float run`() throws {
    let quality = try #require(try product(tiny.job(.quality)).quality)
    #expect(quality.labels.values.count == 40)
    #expect(quality.predictions.values.count == 40)
    #expect(quality.slices["half"]?.values == ["first", "second"])
    #expect(quality.calibrationCoverage == ["half": ["first": 8, "second": 8]])
    #expect(try #require(quality.outputSQNR) > 20)
    #expect(quality.calibrationDigest != nil)
    #expect(quality.nonFiniteOutputs == 0)
  }

  @Test func `the float scheme is its own reference`() throws {
    let quality = try #require(try product(tiny.job(.quality), scheme: .float32).quality)
    #expect(quality.predictions == quality.floatPredictions)
    #expect(quality.outputSQNR == nil)
  }

  @Test func `memory goes through its phases in order`() throws {
    let memory = try #require(try product(tiny.job(.memory)).memory)
    #expect(memory.phases.map(\.name) == ["load", "quantize", "warm-up", "steady"])
    #expect(memory.steadyIterations == MemoryIterations.steady)
    #expect(memory.steadyLiveBytes.count == MemoryIterations.steady)
    #expect(memory.phases[0].allocations > 0)
    #expect(memory.peakAllocated >= memory.phases[1].liveAtEnd)
    #expect(memory.packedWeightBytes > 0)
  }

  @Test func `timing follows the schedule and gives the same bits as quality`() throws {
    let schedule = try #require(try product(tiny.job(.calibrate)).schedule)
    #expect(schedule.batchedInferences > 1)
    let timing = try #require(try product(tiny.job(.time, schedule: schedule)).timing)
    #expect(timing.solo.values.count == schedule.soloIterations)
    #expect(timing.subject.values.count == schedule.pairs)
    #expect(timing.control.values.count == schedule.pairs)
    #expect(timing.float.values.count == schedule.pairs)
    #expect(timing.inputs.values.count == schedule.soloIterations)
    #expect(Set(timing.inputs.values) == Set(0..<40))
    #expect(timing.warmUpIterations == schedule.warmUpIterations)
    #expect(timing.phaseSeconds.keys.sorted() == ["load", "quantize", "warm-up"])
    let again = try #require(try product(tiny.job(.time, schedule: schedule)).timing)
    #expect(again.inputs == timing.inputs)
    let quality = try #require(try product(tiny.job(.quality)).quality)
    #expect(timing.outputDigest == quality.outputDigest)
  }

  @Test func `the float scheme is timed without a twin`() throws {
    let schedule = try #require(try product(tiny.job(.calibrate), scheme: .float32).schedule)
    let job = tiny.job(.time, schedule: schedule)
    let timing = try #require(try product(job, scheme: .float32).timing)
    #expect(timing.float.values.isEmpty)
    #expect(timing.control.values.count == schedule.pairs)
  }

  @Test func `a stored control is replayed and never refitted`() throws {
    let fitted = try #require(try product(tiny.job(.calibrate)).schedule).blend
    let stored = StoredControl(
      blend: ControlBlend(
        controls: fitted.controls, computeUnits: 12_345, streamUnits: 1, workingSet: 4096),
      batchedInferences: 77)
    func job(_ stored: StoredControl) -> WorkerJob {
      let plain = tiny.job(.calibrate)
      return WorkerJob(
        role: .calibrate, id: plain.id, root: plain.root, scenarioFile: plain.scenarioFile,
        planDigest: plain.planDigest, seed: 9, supervisor: nil, hardware: plain.hardware,
        budget: plain.budget, storedControl: stored)
    }
    let replayed = try #require(try product(job(stored)).schedule)
    #expect(replayed.blend == stored.blend)
    #expect(replayed.batchedInferences == 77)
    let foreign = StoredControl(
      blend: ControlBlend(
        controls: "another", computeUnits: 12_345, streamUnits: 1, workingSet: 4096),
      batchedInferences: 77)
    #expect(try #require(try product(job(foreign)).schedule).blend.computeUnits != 12_345)
  }

  @Test func `another plan is refused`() throws {
    let (code, messages) = try run(tiny.job(.quality, planDigest: "other"))
    #expect(code == 1)
    #expect(
      messages.refusal
        == "the case changed since the plan was made: expected plan other, found planned")
    #expect(messages.result == nil)
  }

  @Test func `missing weights are refused in the loading phase`() throws {
    try FileManager.default.removeItem(
      at: tiny.folder.url.appendingPathComponent("net.safetensors"))
    let (code, messages) = try run(tiny.job(.quality))
    #expect(code == 1)
    #expect(messages.phase == "load")
    #expect(messages.refusal?.hasPrefix("net.safetensors: ") == true)
  }

  @Test func `examples that do not fit are refused`() throws {
    let empty = tiny.materials(scheme: int8, evaluation: TinyCase.examples(0, seed: 1))
    #expect(
      try run(tiny.job(.quality), materials: empty).messages.refusal
        == "evaluation: expected at least one example, found none")
  }

  @Test func `a core that does not exist is refused by name`() throws {
    let job = tiny.job(.memory, hardware: WorkerHardware(cores: [1023]))
    #expect(try run(job).messages.refusal?.hasPrefix("core 1023: expected one of") == true)
  }

  @Test func `an unknown instruction set is refused`() throws {
    let job = tiny.job(.memory, hardware: WorkerHardware(isa: "avx1024"))
    #expect(try run(job).messages.refusal == "isa: no instruction set 'avx1024'")
  }

  @Test func `a ceiling above the machine is the machine's best`() throws {
    let schedule = try #require(try product(tiny.job(.calibrate)).schedule)
    for isa in ["avx512-vnni", "scalar"] {
      let job = tiny.job(.time, schedule: schedule, hardware: WorkerHardware(isa: isa))
      let timing = try #require(try product(job).timing)
      #expect(isa != "scalar" || timing.isa == "scalar")
    }
  }

  @Test func `a flipped bit changes the outputs and is owned up to`() throws {
    let healthy = try product(tiny.job(.quality))
    let broken = try product(tiny.job(.quality, fault: .flipWeight))
    #expect(healthy.fault == nil)
    #expect(broken.fault == .flipWeight)
    #expect(broken.quality?.outputDigest != healthy.quality?.outputDigest)
    #expect(broken.quality?.modelDigest == healthy.quality?.modelDigest)
  }

  @Test func `planted allocations and leaks are counted in the steady phase`() throws {
    let allocating = try #require(try product(tiny.job(.memory, fault: .allocate)).memory)
    #expect(allocating.steadyAllocations >= MemoryIterations.steady)
    let leaking = try #require(try product(tiny.job(.memory, fault: .leak(bytes: 1 << 16))).memory)
    let growth = try #require(leaking.steadyLiveBytes.last)
    // Other tests allocate in this process meanwhile; a worker of its own is exact.
    #expect(growth > (MemoryIterations.steady - 1) << 15)
  }
}
