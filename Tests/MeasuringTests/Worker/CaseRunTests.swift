import Architectures
import Digests
import Engines
import Execution
import Foundation
import Host
import Measuring
import Quantization
import Results
import Testing

/// Runs every model as a workload that does nothing.
private struct IdleEngine: Engine {
  let name = "idle"
  func load(_ architecture: Architecture, weightsAt path: String?) throws(EngineError) -> Int { 4 }
  func quantize(
    _ model: Int, scheme: Scheme, calibration: CalibrationInputs
  ) throws(EngineError) -> Int { model }
  func compile(
    _ model: Int, options: ExecutionOptions, sequences: SequenceWindows?
  ) throws(EngineError) -> LoggingWorkload {
    LoggingWorkload(inputSize: model)
  }
}

@Suite struct CaseRunTests {
  private func withRun<Result>(
    storedControl: StoredControl? = nil, _ body: (CaseRun<IdleEngine>) throws -> Result
  ) throws -> Result {
    let item = Sample.item()
    let job = WorkerJob(
      role: .calibrate, id: item.id, root: "/", scenarioFile: item.scenarioFile,
      planDigest: item.planDigest, seed: item.seed, supervisor: getppid(),
      hardware: WorkerHardware(), budget: item.budget, storedControl: storedControl,
      schedule: nil, fault: nil)
    let materials = try CaseMaterialsTests.materials(evaluation: CaseMaterialsTests.set())
    let messages = try #require(FileHandle(forWritingAtPath: "/dev/null"))
    defer { try? messages.close() }
    return try body(
      CaseRun(
        IdleEngine(), job, materials,
        WorkerReporter(descriptor: messages.fileDescriptor, fault: nil)))
  }

  private func stored(controls: String) -> StoredControl {
    // Nothing that a fit would find for a workload that does nothing.
    StoredControl(
      blend: ControlBlend(
        controls: controls, computeUnits: 4321, streamUnits: 17, workingSet: 40_960),
      batchedInferences: 7)
  }

  @Test func `a stored control is replayed and never refitted`() throws {
    let stored = stored(controls: Controls.identity().description)
    let schedule = try withRun(storedControl: stored) { try $0.calibrate() }
    #expect(schedule.blend == stored.blend)
    #expect(schedule.batchedInferences == 7)
  }

  @Test func `a control of another build is fitted anew`() throws {
    let stored = stored(controls: "another build's")
    let schedule = try withRun(storedControl: stored) { try $0.calibrate() }
    #expect(schedule.blend.controls == Controls.identity().description)
    #expect(schedule.blend.computeUnits != stored.blend.computeUnits)
  }

  @Test func `a timing process does what the schedule says, with the same inputs each time`() throws
  {
    let records = try (0..<2).map { _ in try withRun { try $0.time(Sample.schedule) } }
    for record in records {
      #expect(record.solo.values.count == Sample.schedule.soloIterations)
      #expect(record.subject.values.count == Sample.schedule.pairs)
      #expect(record.control.values.count == Sample.schedule.pairs)
      #expect(record.float.values.isEmpty, "a float case has no twin")
      #expect(record.warmUpIterations == Sample.schedule.warmUpIterations)
      #expect(record.inputs.values.allSatisfy { $0 < 3 })
    }
    #expect(records[0].inputs == records[1].inputs)
    #expect(records[0].outputDigest == records[1].outputDigest)
  }
}
