import Architectures
import Datasets
import Digests
package import Engines
import Execution
import Host
import Quantization

/// One case in one worker process: the engine, what it runs, and how to bring it to life phase by phase.
/// The roles are extensions.
package struct CaseRun<E: Engine> {
  let engine: E
  let job: WorkerJob
  let materials: CaseMaterials
  let reporter: WorkerReporter

  /// Nothing is loaded yet.
  package init(
    _ engine: E, _ job: WorkerJob, _ materials: CaseMaterials, _ reporter: WorkerReporter
  ) {
    self.engine = engine
    self.job = job
    self.materials = materials
    self.reporter = reporter
  }

  /// Whether the case is its own float run.
  var isFloat: Bool { materials.scheme.weights == .float32 }

  /// The inputs that a static scheme observes.
  var calibrationInputs: CalibrationInputs {
    materials.calibration.map { CalibrationInputs(values: $0.inputs, count: $0.count) } ?? .none
  }

  /// The first phase.
  func load() throws(MeasuringError) -> E.Model {
    try engineCall { () throws(EngineError) in
      try engine.load(materials.architecture, weightsAt: materials.weightsPath)
    }
  }

  /// The second phase: applies a scheme and compiles. What only quantizing needs is gone afterwards.
  func prepare(
    _ model: E.Model, scheme: Scheme, options: ExecutionOptions
  ) throws(MeasuringError) -> E.Running {
    do {
      let quantized = try engine.quantize(
        model, scheme: scheme, calibration: calibrationInputs)
      return try engine.compile(quantized, options: options, sequences: sequences)
    } catch {
      throw .engine(error)
    }
  }

  /// What an inference over tokens is in this role: where answers are judged, all of them.
  var sequences: SequenceWindows? {
    materials.work.map { work in
      SequenceWindows(
        work: job.role == .quality ? SequenceWork(.score) : work,
        tokens: materials.evaluation.inputSize)
    }
  }

  /// Turns an engine's error into ours.
  func engineCall<Result: ~Copyable>(
    _ body: () throws(EngineError) -> Result
  ) throws(MeasuringError) -> Result {
    do {
      return try body()
    } catch {
      throw .engine(error)
    }
  }

  /// Turns the host's error into ours.
  func hostCall<Result: ~Copyable>(
    _ body: () throws(HostError) -> Result
  ) throws(MeasuringError) -> Result {
    do {
      return try body()
    } catch {
      throw .host(error)
    }
  }

  /// One core per thread: the profile's, or the lowest ones there are.
  func cores() throws(MeasuringError) -> [Int] {
    if let cores = job.hardware.cores { return cores }
    let available = try hostCall { () throws(HostError) in try Cores.available() }
    guard available.count >= job.hardware.threads else {
      throw .host(.noSuchCore(job.hardware.threads - 1, available: available))
    }
    return Array(available.prefix(job.hardware.threads))
  }

  /// How the profile wants a model executed.
  func options(cores: [Int], maximumBatch: Int = 1) throws(MeasuringError) -> ExecutionOptions {
    var ceiling: InstructionSet?
    if let name = job.hardware.isa {
      guard let set = InstructionSet(rawValue: name) else { throw .instructionSet(name) }
      ceiling = min(set, .best)
    }
    return ExecutionOptions(
      maximumBatch: maximumBatch, threads: job.hardware.threads, instructionSet: ceiling,
      cores: cores)
  }

  /// Runs every evaluation example once, `batch` at a time; texts that do not fill their windows one by one and
  /// without what fills them up.
  ///
  /// - Returns: `[examples, outputSize]`.
  func outputs<W: Workload>(
    of workload: W, batch: Int
  ) throws(MeasuringError) -> [Float] {
    let set = materials.evaluation
    let (inputSize, outputSize) = (workload.inputSize, workload.outputSize)
    let inputs = FixedMemory(set.inputs)
    let results = FixedMemory<Float>(repeating: 0, count: set.count * outputSize)
    do {
      for (example, window) in set.windows.enumerated() {
        try workload.run(
          UnsafeBufferPointer(
            rebasing: inputs.readOnly[example * inputSize..<(example + 1) * inputSize]),
          filled: window.filled,
          into: UnsafeMutableBufferPointer(
            rebasing: results.elements[example * outputSize..<(example + 1) * outputSize]))
      }
      guard set.windows.isEmpty else { return Array(results.readOnly) }
      for start in stride(from: 0, to: set.count, by: batch) {
        let end = min(start + batch, set.count)
        try workload.run(
          UnsafeBufferPointer(rebasing: inputs.readOnly[start * inputSize..<end * inputSize]),
          examples: end - start,
          into: UnsafeMutableBufferPointer(
            rebasing: results.elements[start * outputSize..<end * outputSize]))
      }
    } catch {
      throw .engine(error)
    }
    return Array(results.readOnly)
  }

  /// The digest of every output element's bit pattern, in order.
  static func digest(of outputs: [Float]) -> String {
    var hasher = Hasher256()
    hasher.update(outputs)
    return hasher.finalize().description
  }
}
