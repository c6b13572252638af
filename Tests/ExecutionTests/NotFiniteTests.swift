import Execution
import Graphs
import NumberFormats
import Testing

@Suite struct NotFiniteTests {
  /// A linear layer that adds up two inputs, over a dynamically or statically quantized operand.
  private static func model(_ storage: ValueStorage) throws -> QuantizedModel {
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([2])), inputs: []),
      Node(
        id: 1, name: "fc", operation: .linear(outFeatures: 1, hasBias: false), inputs: [0],
        fusedActivation: .relu),
    ])
    let weight = QuantizedMatrix(
      rows: 1, columns: 2, bits: 8, granularity: .tensor, codes: [1, 1],
      parameters: [AffineParameters(scale: 1, zeroPoint: 0)])
    return QuantizedModel(
      graph: graph, weights: Weights(),
      arithmetic: [
        1: .integer(weight: weight, dynamic: storage == .float32 ? .asymmetric : nil)
      ], storage: [storage, .float32])
  }

  private static let inputs: [[Float]] = [
    [.nan, 1], [1, 1], [.infinity, 1], [-.infinity, 1], [.greatestFiniteMagnitude, -3e38],
    [.leastNonzeroMagnitude, 0], [0, 0],
  ]

  @Test(arguments: InstructionSet.available)
  func `a dynamic operand that is not finite makes its own example NaN`(
    _ set: InstructionSet
  ) throws {
    let found = try run(
      Self.model(.float32), Self.inputs, batch: 7, options: ExecutionOptions(instructionSet: set))
    #expect(found.map(\.isNaN) == [true, false, true, true, false, false, false])
    #expect(found[0].bitPattern == 0x7fc0_0000)
    #expect(found[1] == 2)
    // The width of the range overflows, not what it is divided into.
    let wide = CodeRange.uint8.parameters(
      low: -3e38, high: .greatestFiniteMagnitude, symmetric: false)
    #expect(found[4] == Float(255 - 2 * wide.zeroPoint) * wide.scale)
    #expect(abs(found[4] - (.greatestFiniteMagnitude - 3e38)) <= wide.scale)
    #expect(found[5] == 0 && found[6] == 0)
  }

  @Test(arguments: InstructionSet.available)
  func `static parameters turn NaN into zero and saturate infinities`(
    _ set: InstructionSet
  ) throws {
    let storage = ValueStorage.uint8(AffineParameters(scale: 0.5, zeroPoint: 5))
    let found = try run(
      Self.model(storage), Self.inputs, batch: 7, options: ExecutionOptions(instructionSet: set))
    #expect(found == [1, 2, 126, 0, 122.5, 0, 0])
  }

  @Test func `random models survive inputs that are not finite, alike on every path`() throws {
    for flavour in RandomModel.Flavour.allCases {
      for seed in UInt64(400)...415 {
        let model = try RandomModel.make(seed: seed, flavour)
        var examples = ExecutorTests.examples(model, seed: seed, count: 3)
        examples[0][0] = .nan
        examples[1][examples[1].count - 1] = .infinity
        var results: Set<[UInt32]> = []
        for set in InstructionSet.available {
          for threads in 1...2 {
            let found = try run(
              model, examples, batch: 3,
              options: ExecutionOptions(threads: threads, instructionSet: set))
            results.insert(found.map(\.bitPattern))
          }
        }
        #expect(results.count == 1, "seed \(seed), \(flavour)")
      }
    }
  }
}
