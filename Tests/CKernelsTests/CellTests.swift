import CKernels
import TestSupport
import Testing

@Suite struct CellTests {
  /// Random products of `gates` gates and a state; `x` lies in rows of a stride of its own.
  private struct Fixture {
    let rows = 3
    let hidden: Int
    let gates: Int
    let x: [Float], g: [Float], c: [Float], h: [Float]
    var stride: Int { gates * hidden + 5 }

    init(hidden: Int, gates: Int, seed: UInt64) {
      var draws = SeededGenerator(seed: seed)
      let special = seed % 3 == 0
      (self.hidden, self.gates) = (hidden, gates)
      x = draws.floats(rows * (gates * hidden + 5), special: special)
      g = draws.floats(rows * gates * hidden, special: special)
      c = draws.floats(rows * hidden)
      h = draws.floats(rows * hidden)
    }

    /// The sum of both products for a gate.
    func sum(_ row: Int, _ gate: Int, _ k: Int) -> Float { x(row, gate, k) + g(row, gate, k) }
    func x(_ row: Int, _ gate: Int, _ k: Int) -> Float { x[row * stride + gate * hidden + k] }
    func g(_ row: Int, _ gate: Int, _ k: Int) -> Float { g[(row * gates + gate) * hidden + k] }

    /// The cell's state after one call, [c, h].
    func run(_ cell: (UnsafePointer<qg_cell_args>?) -> Void) throws -> [[UInt32]] {
      let memory = Memory()
      let (cells, states) = (try memory.copy(c), try memory.copy(h))
      var arguments = qg_cell_args(
        rows: rows, hidden: hidden, x: try memory.copy(x), x_stride: stride,
        g: try memory.copy(g), c: cells, h: states)
      cell(&arguments)
      return [cells, states].map { values in (0..<rows * hidden).map { values[$0].bitPattern } }
    }
  }

  private static let hiddenSizes = [1, 7, 16, 17, 33, 64]

  @Test(arguments: InstructionSet.allCases, hiddenSizes)
  func `an LSTM's step has the bits of the definition`(
    _ set: InstructionSet, _ hidden: Int
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...6 {
      let fixture = Fixture(hidden: hidden, gates: 4, seed: seed)
      var expected: [[UInt32]] = [[], []]
      for row in 0..<fixture.rows {
        for k in 0..<hidden {
          let update = FunctionReference.tanh(fixture.sum(row, 2, k))
          let input = FunctionReference.sigmoid(fixture.sum(row, 0, k)) * update
          let cell = input.addingProduct(
            FunctionReference.sigmoid(fixture.sum(row, 1, k)), fixture.c[row * hidden + k])
          let out = FunctionReference.sigmoid(fixture.sum(row, 3, k))
          expected[0].append(canonical(cell).bitPattern)
          expected[1].append(canonical(out * FunctionReference.tanh(cell)).bitPattern)
        }
      }
      #expect(try fixture.run { kernels.lstm_cell_f32($0) } == expected, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases, hiddenSizes)
  func `a GRU's step has the bits of the definition`(
    _ set: InstructionSet, _ hidden: Int
  ) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...6 {
      let fixture = Fixture(hidden: hidden, gates: 3, seed: seed)
      var expected: [UInt32] = []
      for row in 0..<fixture.rows {
        for k in 0..<hidden {
          let reset = FunctionReference.sigmoid(fixture.sum(row, 0, k))
          let keep = FunctionReference.sigmoid(fixture.sum(row, 1, k))
          let update = FunctionReference.tanh(
            fixture.x(row, 2, k).addingProduct(reset, fixture.g(row, 2, k)))
          let state = ((1 - keep) * update).addingProduct(keep, fixture.h[row * hidden + k])
          expected.append(canonical(state).bitPattern)
        }
      }
      let found = try fixture.run { kernels.gru_cell_f32($0) }
      #expect(found[1] == expected, "seed \(seed)")
      #expect(found[0] == fixture.c.map(\.bitPattern), "a GRU has no cell")
    }
  }
}
