import CKernels
import CMath
import TestSupport
import Testing

@Suite struct RopeTests {
  @Test(arguments: InstructionSet.allCases, [QG_ROPE_INTERLEAVED, QG_ROPE_HALVES])
  func `rotary positions have the bits of the definition`(
    _ set: InstructionSet, _ pairing: qg_rope_pairing
  ) throws {
    let kernels = try set.kernels()
    for (index, width) in [1, 2, 3, 8, 15, 16, 17, 30, 32, 34, 64, 66, 80, 128].enumerated() {
      for seed in UInt64(1)...3 {
        var draws = SeededGenerator(seed: UInt64(index) * 100 + seed)
        let rope = Rope(width: width, pairing, special: seed == 3, using: &draws)
        for parts in 1...3 {
          let found = try Together.$isOn.withValue(width == 128) {
            try rope.result(kernels, tokens: ranges(rope.tokens, parts: parts))
          }
          #expect(rope.expected.difference(from: found) == nil, "width \(width), seed \(seed)")
        }
      }
    }
  }

  @Test func `a table holds the cosine and sine of scaled positions`() {
    let divisors = [1.0, 2, 8]
    var table = qg_rope_table_args()
    (table.first, table.rows, table.rotary) = (5, 4, 6)
    (table.base, table.position_scale, table.magnitude) = (500, 0.25, 1.5)
    var cosines = [Float](repeating: 0, count: 12)
    var sines = cosines
    divisors.withUnsafeBufferPointer {
      table.frequency_divisors = $0.baseAddress
      qg_rope_tables(&table, &cosines, &sines)
    }
    for row in 0..<4 {
      for i in 0..<3 {
        let frequency = cm_pow(500, -Double(2 * i) / 6) / divisors[i]
        let angle = Double(5 + row) * 0.25 * frequency
        #expect(cosines[row * 3 + i] == Float(cm_cos(angle) * 1.5))
        #expect(sines[row * 3 + i] == Float(cm_sin(angle) * 1.5))
      }
    }
  }

  @Test func `both pairings turn the same pairs by the same angles`() throws {
    let kernels = try InstructionSet.scalar.kernels()
    var draws = SeededGenerator(seed: 4)
    let width = 12
    let halves = draws.floats(width)
    let interleaved = (0..<width).map { halves[$0 / 2 + $0 % 2 * width / 2] }
    let tables = Rope.tables(rows: 8, rotary: width)
    let turnedHalves = Self.turned(halves, QG_ROPE_HALVES, tables, kernels)
    let turned = Self.turned(interleaved, QG_ROPE_INTERLEAVED, tables, kernels)
    #expect(turned == (0..<width).map { turnedHalves[$0 / 2 + $0 % 2 * width / 2] })
  }

  private static func turned(
    _ x: [Float], _ pairing: qg_rope_pairing, _ tables: (cosines: [Float], sines: [Float]),
    _ kernels: qg_kernels
  ) -> [Float] {
    var result = x
    let positions: [Int32] = [7]
    result.withUnsafeMutableBufferPointer { x in
      positions.withUnsafeBufferPointer { positions in
        tables.cosines.withUnsafeBufferPointer { cosines in
          tables.sines.withUnsafeBufferPointer { sines in
            var arguments = qg_rope_args(
              tokens: 1, heads: 1, head_dim: x.count, rotary: x.count, pairing: pairing,
              positions: positions.baseAddress, table_rows: 8, cosines: cosines.baseAddress,
              sines: sines.baseAddress, x: UnsafePointer(x.baseAddress), x_stride: x.count,
              out: x.baseAddress, out_stride: x.count)
            kernels.rope_f32(&arguments)
          }
        }
      }
    }
    return result
  }
}

/// Random heads and their rotation by the contract's formula.
private struct Rope {
  let tokens = 4
  let heads = 2
  let width, rotary, stride, outStride: Int
  let pairing: qg_rope_pairing
  let positions: [Int32]
  let tables: (cosines: [Float], sines: [Float])
  let x: [Float]
  private(set) var expected: Sheet

  init(
    width: Int, _ pairing: qg_rope_pairing, special: Bool, using draws: inout SeededGenerator
  ) {
    (self.width, self.pairing) = (width, pairing)
    rotary = draws.pick([width / 2 * 2, width / 4 * 2])
    stride = heads * width + draws.pick([0, 3])
    outStride = heads * width + draws.pick([0, 5])
    positions = draws.integers(tokens, in: Int32(0)...6)
    tables = Self.tables(rows: 7, rotary: rotary)
    x = draws.floats(tokens * stride, special: special)
    expected = Sheet(count: tokens * outStride, isFloat: true)
    for token in 0..<tokens {
      for head in 0..<heads {
        let from = token * stride + head * width
        turn(from: from, to: token * outStride + head * width, Int(positions[token]))
      }
    }
  }

  static func tables(rows: Int, rotary: Int) -> (cosines: [Float], sines: [Float]) {
    var table = qg_rope_table_args()
    (table.rows, table.rotary, table.base) = (rows, rotary, 10_000)
    (table.position_scale, table.magnitude) = (1, 1)
    var cosines = [Float](repeating: 0, count: rows * rotary / 2)
    var sines = cosines
    qg_rope_tables(&table, &cosines, &sines)
    return (cosines, sines)
  }

  private mutating func turn(from: Int, to: Int, _ position: Int) {
    let pairs = rotary / 2
    for i in 0..<pairs {
      let (c, s) = (tables.cosines[position * pairs + i], tables.sines[position * pairs + i])
      let isInterleaved = pairing == QG_ROPE_INTERLEAVED
      let (first, second) = isInterleaved ? (2 * i, 2 * i + 1) : (i, i + pairs)
      let (a, b) = (x[from + first], x[from + second])
      expected.set(to + first, canonical((-(b * s)).addingProduct(a, c)))
      expected.set(to + second, canonical((a * s).addingProduct(b, c)))
    }
    for d in rotary..<width { expected.set(to + d, canonical(x[from + d])) }
  }

  func result(_ kernels: qg_kernels, tokens: [Range<Int>]) throws -> Sheet {
    let memory = Memory()
    let (x, places) = (try memory.copy(x), try memory.copy(positions))
    let cosines = try memory.copy(tables.cosines)
    let sines = try memory.copy(tables.sines)
    return try Sheet(count: self.tokens * outStride, isFloat: true).written { floats, _ in
      together(tokens, rounds: 1) { part in
        var arguments = qg_rope_args(
          tokens: part.count, heads: heads, head_dim: width, rotary: rotary, pairing: pairing,
          positions: places + part.lowerBound, table_rows: 7, cosines: cosines, sines: sines,
          x: x + part.lowerBound * stride, x_stride: stride,
          out: floats.map { $0 + part.lowerBound * outStride }, out_stride: outStride)
        kernels.rope_f32(&arguments)
      }
    }
  }
}
