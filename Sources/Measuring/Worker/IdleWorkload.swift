import Engines
import Execution

/// Stands in for the float twin of a case that is its own float run; never runs.
final class IdleWorkload: Workload {
  var inputSize: Int { 0 }
  var outputSize: Int { 0 }
  var arenaBytes: Int { 0 }
  var cacheBytes: Int { 0 }
  var packedWeightBytes: Int { 0 }
  var modelBytes: Int { 0 }
  var referenceLayers: Int { 0 }
  var instructionSet: InstructionSet { .scalar }

  func run(
    _ input: UnsafeBufferPointer<Float>, examples: Int,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(EngineError) {}
}
