import Architectures
import Engines
import Execution
import Host
import Measuring
import Quantization
import TestSupport
import Testing

/// Hands out workloads that do nothing.
private struct EmptyEngine: Engine {
  let name = "empty"
  func load(_ architecture: Architecture, weightsAt path: String?) throws(EngineError) -> FloatModel
  {
    throw .noCalibration(scheme: "nothing to load")
  }
  func quantize(
    _ model: FloatModel, scheme: Scheme, calibration: CalibrationInputs
  ) throws(EngineError) -> Int { 4 }
  func compile(
    _ model: Int, options: ExecutionOptions, sequences: SequenceWindows?
  ) throws(EngineError) -> LoggingWorkload {
    LoggingWorkload(inputSize: model)
  }
}

@Suite struct FaultyEngineTests {
  private func allocations(_ fault: Fault, runs: Int) throws -> (count: Int, live: Int) {
    let workload = try FaultyEngine(EmptyEngine(), fault: fault)
      .compile(4, options: ExecutionOptions(maximumBatch: 1), sequences: nil)
    let input = FixedMemory([1, 2, 3, 4] as [Float])
    let output = FixedMemory<Float>(repeating: 0, count: 1)
    try workload.run(input.readOnly, examples: 1, into: output.elements)
    let before = ThreadAllocations.now()
    for _ in 0..<runs { try workload.run(input.readOnly, examples: 1, into: output.elements) }
    let after = ThreadAllocations.now()
    #expect(output.readOnly[0] == 1, "the base ran")
    let count = after.allocations - before.allocations
    return (count, count - (after.deallocations - before.deallocations))
  }

  @Test func `allocate adds one block per inference and gives it back`() throws {
    let seen = try allocations(.allocate, runs: 50)
    #expect(seen.count == 50)
    #expect(seen.live == 0)
  }

  @Test func `leak adds one block per inference and keeps it`() throws {
    let seen = try allocations(.leak(bytes: 64), runs: 50)
    #expect(seen.count == 50)
    #expect(seen.live == 50)
  }

  @Test func `slow inputs allocate nothing after the first inference`() throws {
    let seen = try allocations(.slowInputs(share: 1, extra: 0.2), runs: 5)
    #expect(seen.count == 0)
  }

  @Test func `a fault of another kind leaves inference alone`() throws {
    #expect(try allocations(.flipWeight, runs: 50).count == 0)
  }

  @Test(arguments: [0.01, 0.03, 0.5])
  func `slow inputs are the same wherever they lie and as many as asked for`(
    share: Double
  ) {
    let size = 16
    var generator = SeededGenerator(seed: 77)
    var chosen = 0
    var copies = [Float](repeating: 0, count: 2 * size)
    for index in 0..<20_000 {
      let values = (0..<size).map { _ in Float.random(in: -1...1, using: &generator) }
      for place in 0..<size {
        copies[place] = values[place]
        copies[size + place] = values[place]
      }
      let (first, second) = copies.withUnsafeBufferPointer { all in
        (
          FaultyWorkload<LoggingWorkload>.isChosen(
            UnsafeBufferPointer(rebasing: all[..<size]), share: share),
          FaultyWorkload<LoggingWorkload>.isChosen(
            UnsafeBufferPointer(rebasing: all[size...]), share: share)
        )
      }
      #expect(first == second, "input \(index)")
      if first { chosen += 1 }
    }
    // 0.4 pp at 1 %: more than five standard deviations of 20,000 draws.
    let bound = 5.6 * (share * (1 - share) / 20_000).squareRoot()
    #expect(abs(Double(chosen) / 20_000 - share) <= bound, "seed 77: \(chosen) chosen")
  }
}
