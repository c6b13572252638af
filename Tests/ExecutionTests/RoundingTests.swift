import Execution
import Graphs
import NumberFormats
import TestSupport
import Testing

/// A checkpoint's own roundings, and functions of codes.
@Suite struct RoundingTests {
  private static let affine = AffineParameters(scale: 0.1, zeroPoint: 100)
  private static let other = AffineParameters(scale: 0.03, zeroPoint: 17)

  /// `input → operations… → identity map`, so that the output is fp32.
  private static func model(
    _ operations: [Operation], _ storage: [ValueStorage]
  ) throws -> QuantizedModel {
    var nodes = [Node(id: 0, name: "input", operation: .input(Shape([16])), inputs: [])]
    for (index, operation) in operations.enumerated() {
      nodes.append(
        Node(id: index + 1, name: "n\(index)", operation: operation, inputs: [index]))
    }
    nodes.append(
      Node(
        id: nodes.count, name: "end",
        operation: .tensor(.map(.affine(factor: 1, offset: 0))), inputs: [nodes.count - 1]))
    return QuantizedModel(
      graph: try Graph(nodes), weights: Weights(), arithmetic: [:],
      storage: [.float32] + storage + [.float32])
  }

  private static func examples(_ seed: UInt64) -> [[Float]] {
    var random = SeededGenerator(seed: seed)
    return (0..<3).map { _ in (0..<16).map { _ in Float.random(in: -14...20, using: &random) } }
  }

  /// Ties to even, held at the ends of the codes, by the definition.
  private static func code(_ value: Float, _ affine: AffineParameters) -> Float {
    min(max((value / affine.scale).rounded(.toNearestOrEven) + Float(affine.zeroPoint), 0), 255)
  }

  private static func number(_ code: Float, _ affine: AffineParameters) -> Float {
    (code - Float(affine.zeroPoint)) * affine.scale
  }

  @Test(arguments: [ValueStorage.float32, .uint8(AffineParameters(scale: 0.1, zeroPoint: 100))])
  func `a rounding gives the numbers that codes stand for, however it is stored`(
    storage: ValueStorage
  ) throws {
    let model = try Self.model([.rounding(Self.affine)], [storage])
    let examples = Self.examples(5)
    for threads in 1...2 {
      let found = try run(
        model, examples, batch: 3, options: ExecutionOptions(threads: threads))
      for (value, found) in zip(examples.joined(), found) {
        #expect(found == Self.number(Self.code(value, Self.affine), Self.affine), "\(value)")
      }
    }
  }

  @Test func `a second rounding of the same codes changes nothing and costs no step`() throws {
    let once = try Self.model([.rounding(Self.affine)], [.uint8(Self.affine)])
    let twice = try Self.model(
      [.rounding(Self.affine), .rounding(Self.affine)],
      [.uint8(Self.affine), .uint8(Self.affine)])
    let examples = Self.examples(6)
    let options = ExecutionOptions()
    #expect(
      try run(once, examples, batch: 3, options: options)
        == run(twice, examples, batch: 3, options: options))
    let steps = try Executor(once).plan.count
    #expect(try Executor(twice).plan.count == steps)
  }

  @Test func `a rounding of codes to other codes rounds twice`() throws {
    let model = try Self.model(
      [.rounding(Self.affine), .rounding(Self.other)],
      [.uint8(Self.affine), .uint8(Self.other)])
    let examples = Self.examples(7)
    let found = try run(model, examples, batch: 3, options: ExecutionOptions())
    for (value, found) in zip(examples.joined(), found) {
      let first = Self.number(Self.code(value, Self.affine), Self.affine)
      #expect(found == Self.number(Self.code(first, Self.other), Self.other), "\(value)")
    }
  }

  @Test func `codes of other parameters than the rounding's are refused`() throws {
    let model = try Self.model([.rounding(Self.affine)], [.uint8(Self.other)])
    #expect(throws: ExecutionError.activationParameters(node: "n0", Self.other)) {
      _ = try Executor(model)
    }
    let unusable = AffineParameters(scale: 0, zeroPoint: 3)
    let broken = try Self.model([.rounding(unusable)], [.float32])
    #expect(throws: ExecutionError.activationParameters(node: "n0", unusable)) {
      _ = try Executor(broken)
    }
  }

  @Test(arguments: [
    Mapping.clamp(low: -3, high: 2), .affine(factor: -0.5, offset: 1), .absolute, .exponential,
    .reciprocal, .floor,
  ])
  func `a function of codes is that of the numbers, rounded once`(mapping: Mapping) throws {
    let codes = try Self.model(
      [.rounding(Self.affine), .tensor(.map(mapping))],
      [.uint8(Self.affine), .uint8(Self.other)])
    let numbers = try Self.model(
      [.rounding(Self.affine), .tensor(.map(mapping)), .rounding(Self.other)],
      [.float32, .float32, .float32])
    let examples = Self.examples(8)
    let options = ExecutionOptions()
    let found = try run(codes, examples, batch: 3, options: options)
    #expect(found == (try run(numbers, examples, batch: 3, options: options)))
    #expect(Set(found).count > 3)
  }
}
