import Architectures
import CKernels
import Checkpoints
import Digests
import Graphs
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
  /// Images whose class is the quadrant that is bright.
  static func examples(_ count: Int, seed: UInt64) -> (inputs: [Float], labels: [Int]) {
    var random = SeededGenerator(seed: seed)
    var inputs: [Float] = []
    var labels: [Int] = []
    for _ in 0..<count {
      let label = Int.random(in: 0..<4, using: &random)
      for y in 0..<6 {
        for x in 0..<6 {
          let isBright = (y / 3) * 2 + x / 3 == label
          inputs.append((isBright ? 1 : 0) + Float.random(in: -0.4...0.4, using: &random))
        }
      }
      labels.append(label)
    }
    return (inputs, labels)
  }

  static func network() throws -> Graph {
    try TestGraphs.chain(
      [6, 6, 1],
      [
        TestGraphs.convolution(6, 3, padding: 1, bias: false), .batchNormalization(epsilon: 1e-5),
        .activation(.relu), TestGraphs.depthwise(3, stride: 2, padding: 1), .activation(.relu6),
        TestGraphs.convolution(5, 1), .maxPooling(Window(height: 2, width: 2)), .flatten,
        TestGraphs.head(4),
      ])
  }

  static func error(_ body: () throws(TrainingError) -> Void) -> TrainingError? {
    do {
      try body()
      return nil
    } catch { return error }
  }

  @Test(arguments: [Optimiser.sgd(momentum: 0.9), .sgd(momentum: 0), .adam])
  func `the loss falls and the classes are learned`(optimiser: Optimiser) throws {
    let data = Self.examples(96, seed: 1)
    let rate = optimiser == .adam ? 0.02 : 0.1
    let trainer = try Trainer(
      graph: Self.network(),
      recipe: RecipeFixture.recipe(
        epochs: 8, batch: 8, optimiser: optimiser, rate: rate, shift: 0))
    var progress: [TrainingProgress] = []
    let weights = try trainer.train(inputs: data.inputs, labels: data.labels) {
      progress.append($0)
    }
    #expect(progress.map(\.epoch) == Array(0..<8))
    #expect((progress.last?.loss ?? 9) < 0.5 * (progress.first?.loss ?? 0))
    let fresh = Self.examples(200, seed: 2)
    let logits = trainer.logits(weights, inputs: fresh.inputs)
    let right = fresh.labels.indices.count { example in
      let row = logits[example * 4..<example * 4 + 4]
      return row.indices.max { row[$0] < row[$1] } == example * 4 + fresh.labels[example]
    }
    #expect(right > 170)
  }

  @Test(arguments: [Optimiser.sgd(momentum: 0.9), .adam])
  func `every instruction set and every run give the same bits`(optimiser: Optimiser) throws {
    let data = Self.examples(40, seed: 3)
    let recipe = RecipeFixture.recipe(
      epochs: 2, batch: 8, optimiser: optimiser, rate: 0.02, decay: 0.01, shift: 1)
    var digests: Set<String> = []
    var sets = 0
    for isa in [QG_ISA_SCALAR, QG_ISA_AVX2, QG_ISA_AVX512, QG_ISA_AVX512_VNNI]
    where isa.rawValue <= qg_isa_detect().rawValue {
      let trainer = try Trainer(graph: Self.network(), recipe: recipe, instructions: isa)
      for _ in 0..<2 {
        let weights = try trainer.train(inputs: data.inputs, labels: data.labels)
        digests.insert(weights.digest.description)
      }
      sets += 1
    }
    #expect(digests.count == 1, "over \(sets) instruction sets")
  }

  @Test func `seed, order, shift and schedule each change the weights`() throws {
    let data = Self.examples(40, seed: 3)
    let variants = [
      RecipeFixture.recipe(), RecipeFixture.recipe(seed: 8), RecipeFixture.recipe(shift: 1),
      RecipeFixture.recipe(schedule: .constant), RecipeFixture.recipe(decay: 0.1),
      RecipeFixture.recipe(schedule: .step(epochs: 1, factor: 0.1)),
    ]
    var digests: Set<String> = []
    for recipe in variants {
      let trainer = try Trainer(graph: Self.network(), recipe: recipe)
      digests.insert(
        try trainer.train(inputs: data.inputs, labels: data.labels).digest.description)
    }
    #expect(digests.count == variants.count)
  }

  @Test func `examples that do not fit are refused`() throws {
    let graph = try Self.network()
    let trainer = try Trainer(graph: graph, recipe: RecipeFixture.recipe())
    let data = Self.examples(8, seed: 1)
    func error(_ inputs: [Float], _ labels: [Int]) -> TrainingError? {
      Self.error { () throws(TrainingError) in _ = try trainer.train(inputs: inputs, labels: labels)
      }
    }
    #expect(error([], []) == .tooFewExamples(expected: 4, found: 0))
    #expect(
      error(Array(data.inputs.dropLast()), data.labels) == .inputCount(expected: 288, found: 287))
    var labels = data.labels
    labels[5] = 4
    let label = error(data.inputs, labels)
    #expect(label == .label(example: 5, expected: 0..<4, found: 4))
    #expect(label?.description == "example 5: expected a label in 0…3, found 4")
    var inputs = data.inputs
    inputs[40] = .infinity
    #expect(error(inputs, data.labels) == .input(example: 1, found: .infinity))
  }

  @Test func `a graph that cannot be trained is refused`() throws {
    let image = try TestGraphs.chain([4, 4, 1], [TestGraphs.convolution(2, 3)])
    #expect(
      Self.error { () throws(TrainingError) in
        _ = try Trainer(graph: image, recipe: RecipeFixture.recipe())
      } == .notAClassifier(output: "shape 2×2×2"))
    let vector = try TestGraphs.chain([4], [TestGraphs.head(2)])
    #expect(
      Self.error { () throws(TrainingError) in
        _ = try Trainer(graph: vector, recipe: RecipeFixture.recipe(shift: 1))
      } == .shift(expected: "0 for inputs that are not images", found: 1))
    let network = try Self.network()
    #expect(
      Self.error { () throws(TrainingError) in
        _ = try Trainer(graph: network, recipe: RecipeFixture.recipe(shift: 6))
      } == .shift(expected: "less than the image's 6 pixels", found: 6))
  }

  @Test func `a run that diverges says so`() throws {
    let data = Self.examples(40, seed: 3)
    let trainer = try Trainer(
      graph: Self.network(), recipe: RecipeFixture.recipe(epochs: 30, rate: 100, decay: 1))
    let error = Self.error { () throws(TrainingError) in
      _ = try trainer.train(inputs: data.inputs, labels: data.labels)
    }
    guard case .diverged = error else {
      Issue.record("expected divergence, found \(String(describing: error))")
      return
    }
    #expect(error?.description.contains("try a smaller learning rate") == true)
  }

  @Test func `schedules follow their formulas`() {
    func factors(_ schedule: LearningRateSchedule) -> [Double] {
      [0, 5, 10, 15].map { schedule.factor(step: $0, steps: 20, stepsPerEpoch: 5) }
    }
    #expect(factors(.constant) == [1, 1, 1, 1])
    #expect(factors(.step(epochs: 2, factor: 0.5)) == [1, 1, 0.5, 0.5])
    let cosine = factors(.cosine)
    for (found, expected) in zip(cosine, [1, 0.853553, 0.5, 0.146447]) {
      #expect(abs(found - expected) < 1e-6)
    }
  }
}
