import CKernels
import CMath
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `the softmax has the bits of the definition`(_ set: InstructionSet, _ count: Int) throws {
    let kernels = try set.kernels()
    for seed in UInt64(1)...8 {
      var draws = SeededGenerator(seed: seed)
      let rows = 3
      var values = draws.floats(rows * count, special: seed % 4 == 0)
      if seed % 4 == 1 { values = values.map { $0 * 40 } }  // reaches underflow
      if seed == 2 { values = values.map { _ in -.infinity } }
      var expected = Sheet(count: rows * count + 3, isFloat: true)
      let untouched = expected
      for row in 0..<rows {
        let start = row * count
        let softmax = Self.softmax(Array(values[start..<start + count]))
        for i in 0..<count { expected.set(start + i, softmax[i]) }
      }
      let memory = Memory()
      let input = try memory.copy(values)
      let found = try untouched.written { out, _ in kernels.softmax_f32(input, rows, count, out) }
      #expect(expected.difference(from: found) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `the exponential inside is that of CMath over its whole range`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: 17)
    // Many values: another rounding early in the chain shows rarely at its end.
    for lowest in [Float(-1), -20, -105] {
      let values = [0] + (0..<100_000).map { _ in Float.random(in: lowest...0, using: &draws) }
      var found = values
      kernels.softmax_f32(values, 1, values.count, &found)
      let same = zip(found, Self.softmax(values)).allSatisfy { $0.bitPattern == $1.bitPattern }
      #expect(same, "from \(lowest)")
    }
  }

  @Test func `the softmax may overwrite its input`() throws {
    var draws = SeededGenerator(seed: 3)
    let values = draws.floats(50)
    for set in InstructionSet.allCases {
      var kernels = qg_kernels()
      guard qg_kernels_for(set.code, &kernels) == 1 else { continue }
      var inPlace = values
      inPlace.withUnsafeMutableBufferPointer {
        kernels.softmax_f32($0.baseAddress, 1, 50, $0.baseAddress)
      }
      #expect(inPlace.map(\.bitPattern) == Self.softmax(values).map(\.bitPattern))
    }
  }

  private static func softmax(_ row: [Float]) -> [Float] {
    let nan = Float(bitPattern: 0x7FC0_0000)
    if row.contains(where: \.isNaN) { return row.map { _ in nan } }
    let top = row.max() ?? 0
    let powers = row.map { cm_expf($0 - top) }
    var lanes = [Float](repeating: 0, count: 16)
    for (i, power) in powers.enumerated() { lanes[i % 16] += power }
    for apart in [8, 4, 2, 1] {
      for lane in 0..<apart { lanes[lane] += lanes[lane + apart] }
    }
    return powers.map { ($0 / lanes[0]).isNaN ? nan : $0 / lanes[0] }
  }
}
