import Engines
import Execution

/// Stands in for the float twin of a case that is its own float run; never runs.
struct IdleWorkload: Workload, ~Copyable {
  var inputSize: Int { 0 }
  var outputSize: Int { 0 }
  var arenaBytes: Int { 0 }
  var packedWeightBytes: Int { 0 }
  var modelBytes: Int { 0 }
  var instructionSet: InstructionSet { .scalar }

  mutating func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {}
}
