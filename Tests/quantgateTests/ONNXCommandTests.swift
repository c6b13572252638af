import Foundation
import ONNXWriter
import Results
import TestSupport
import Testing

/// A user's own ONNX file, without a line of Swift.
@Suite struct ONNXCommandTests {
  private func repository(_ model: [UInt8], checkpoint: String = "") throws -> PrivateRepository {
    let repository = try PrivateRepository()
    try Data(model).write(to: repository.file("model.onnx"))
    try repository.folder.write(
      "architecture: mine\ncheckpoint: { path: model.onnx\(checkpoint) }\n",
      to: "Scenarios/architectures/mine.yaml")
    try repository.folder.write(
      """
      dataset: pictures
      kind: random_images
      shape: [4, 4, 2]
      """, to: "Scenarios/datasets/pictures.yaml")
    try repository.folder.write(
      """
      scenario: small
      architectures: [mine]
      schemes: [fp32, int8-per-channel, stored]
      hardware: [one-core]
      data:
        dataset: pictures
        calibrate: { split: calibrate, samples: 16 }
        evaluate: { split: evaluate, samples: 16 }
      measure: { budget: 0.5 s, processes: 3, warmup: { until: stable, at_most: 0.05 s } }
      """, to: "Scenarios/small.yaml")
    return repository
  }

  @Test func `an imported graph is described, quantized and measured`() throws {
    let repository = try repository(ONNXWriter.convolutional(), checkpoint: ", output: \"y\"")
    let plan = try repository.command.run(["describe", "small"])
    #expect(plan.exitCode == 0, "\(plan)")
    #expect(plan.output.contains("mine: 134 parameters"), "\(plan.output)")
    let outcome = try repository.command.run(
      ["run", "small", "--quick", "--quiet", "-o", repository.file("out.json").path])
    #expect(outcome.exitCode == 0, "\(outcome)")
    let results: RunResults = try DocumentFile.read(
      at: repository.file("out.json"), named: "out.json")
    let cases = try #require(results.scenarios.first?.cases)
    #expect(cases.count == 3)
    for measured in cases {
      let memory = try #require(measured.memory)
      #expect(memory.steadyAllocations == 0)
    }
  }

  @Test func `a file that cannot be imported is named, and so is a choice that does not fit`()
    throws
  {
    let cut = try repository(Array(ONNXWriter.convolutional().dropLast(1)))
    let damaged = try cut.command.run(["describe", "small"])
    #expect(damaged.exitCode != 0)
    #expect(damaged.errors.contains("model.onnx: "), "\(damaged)")
    let astray = try repository(ONNXWriter.convolutional(), checkpoint: ", constants: { z: 1 }")
    let unknown = try astray.command.run(["describe", "small"])
    #expect(unknown.exitCode != 0)
    #expect(unknown.errors.contains("input 'z': expected one of [\"x\"]"), "\(unknown)")
    let wrong = try repository(ONNXWriter.convolutional(), checkpoint: ", inputs: { x: [1, 2, 9] }")
    let misfit = try wrong.command.run(["describe", "small"])
    #expect(misfit.errors.contains("input 'x': expected any×2×4×4, found 1×2×9"), "\(misfit)")
  }
}
