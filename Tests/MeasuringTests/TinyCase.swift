import Architectures
import Checkpoints
import Datasets
import Digests
import Documents
import Foundation
import Graphs
import Measuring
import Quantization
import Results
import TestSupport

/// A network of 27 weights over random inputs, in a temporary repository.
struct TinyCase {
  let folder: TemporaryFolder
  let architecture: Architecture
  let id = CaseID(scenario: "tiny", architecture: "net", scheme: "scheme", hardware: "here")

  init() throws {
    folder = try TemporaryFolder()
    let text = """
      architecture: net
      family: mlp
      input: [4]
      weights: net.safetensors
      layers:
        - { layer: linear, name: head, features: 3 }
      """
    try folder.write(text, to: "net.yaml")
    architecture = try Architecture(file: "net.yaml", root: folder.url.path)
    var weights = Weights()
    for parameter in architecture.graph.parameters {
      let values = (0..<parameter.elementCount).map { index -> Float in
        let step = (index * 7 + 3) % 11
        return Float(step - 5) / 8
      }
      weights[parameter.name] = Tensor(shape: parameter.shape, values: values)
    }
    try Safetensors.write(weights, to: folder.url.path + "/net.safetensors")
  }

  /// Examples whose values follow from the seed.
  static func examples(_ count: Int, seed: UInt64) -> ExampleSet {
    var generator = SeededGenerator(seed: seed)
    let inputs = (0..<count * 4).map { _ in Float.random(in: -1...1, using: &generator) }
    return ExampleSet(
      inputShape: [4], inputs: inputs, labels: (0..<count).map { $0 % 3 },
      slices: ["half": (0..<count).map { $0 * 2 < count ? "first" : "second" }],
      exampleDigests: (0..<count).map { Digest(of: "\(seed) \($0)") })
  }

  func materials(
    scheme: Scheme = .float32, evaluation: ExampleSet = examples(40, seed: 1)
  ) -> CaseMaterials {
    CaseMaterials(
      planDigest: "planned", architecture: architecture,
      weightsPath: folder.url.path + "/net.safetensors", scheme: scheme,
      calibration: Self.examples(16, seed: 2), evaluation: evaluation)
  }

  func job(
    _ role: WorkerRole, schedule: TimingSchedule? = nil, fault: Fault? = nil,
    planDigest: String = "planned", hardware: WorkerHardware = WorkerHardware()
  ) -> WorkerJob {
    WorkerJob(
      role: role, id: id, root: folder.url.path, scenarioFile: "tiny.yaml",
      planDigest: planDigest, seed: 9, supervisor: nil, hardware: hardware,
      budget: TimingBudget(seconds: 0.02, processes: 1, warmUpAtMost: 0.02), schedule: schedule,
      fault: fault)
  }
}
