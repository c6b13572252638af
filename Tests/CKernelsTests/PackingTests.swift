import CKernels
import TestSupport
import Testing

@Suite struct PackingTests {
  private static let shapes = [(0, 3), (1, 1), (3, 0), (15, 4), (16, 5), (17, 8), (40, 13)]

  @Test(arguments: shapes)
  func `packed floats lie in panels of sixteen outputs`(_ n: Int, _ k: Int) throws {
    var draws = SeededGenerator(seed: 1)
    let b = draws.floats(n * k)
    let memory = Memory()
    let count = qg_packed_f32_count(n, k)
    #expect(count == padded(n) * k)
    let panels = try memory.copy([Float](repeating: .nan, count: count))
    qg_pack_f32(try memory.copy(b), n, k, k, 1, panels)
    for i in 0..<count {
      let (panel, rest) = (i / max(k * 16, 1), i % max(k * 16, 1))
      let (row, column) = (panel * 16 + rest % 16, rest / 16)
      #expect(panels[i] == (row < n ? b[row * k + column] : 0))
    }
    let transposed = (0..<n * k).map { b[$0 % max(n, 1) * k + $0 / max(n, 1)] }
    let again = try memory.copy([Float](repeating: .nan, count: count))
    qg_pack_f32(try memory.copy(transposed), n, k, 1, n, again)
    #expect((0..<count).allSatisfy { again[$0] == panels[$0] })
  }

  @Test(arguments: shapes)
  func `packed bf16 lies in panels of sixteen outputs`(_ n: Int, _ k: Int) throws {
    var draws = SeededGenerator(seed: 4)
    let b = draws.integers(n * k, in: 0...UInt16.max)
    let memory = Memory()
    let count = qg_packed_bf16_count(n, k)
    #expect(count == padded(n) * k)
    let panels = try memory.copy([UInt16](repeating: 99, count: count))
    qg_pack_bf16(try memory.copy(b), n, k, k, 1, panels)
    for i in 0..<count {
      let (panel, rest) = (i / max(k * 16, 1), i % max(k * 16, 1))
      let (row, column) = (panel * 16 + rest % 16, rest / 16)
      #expect(panels[i] == (row < n ? b[row * k + column] : 0))
    }
    let transposed = (0..<n * k).map { b[$0 % max(n, 1) * k + $0 / max(n, 1)] }
    let again = try memory.copy([UInt16](repeating: 99, count: count))
    qg_pack_bf16(try memory.copy(transposed), n, k, 1, n, again)
    #expect((0..<count).allSatisfy { again[$0] == panels[$0] })
  }

  @Test(arguments: shapes)
  func `packed int8 weights lie in quads and carry their sums`(_ n: Int, _ k: Int) throws {
    var draws = SeededGenerator(seed: 2)
    let w = draws.integers(n * k, in: Int8(-128)...127)
    let memory = Memory()
    let quads = (k + 3) / 4
    let count = qg_packed_s8_bytes(n, k)
    #expect(count == padded(n) * quads * 4)
    let panels = try memory.copy([Int8](repeating: 99, count: count))
    let sums = try memory.copy([Int32](repeating: 99, count: padded(n)))
    qg_pack_s8(try memory.copy(w), n, k, panels, sums)
    for i in 0..<count {
      let (row, column) = (i / (quads * 64) * 16 + i / 4 % 16, i / 64 % quads * 4 + i % 4)
      #expect(panels[i] == (row < n && column < k ? w[row * k + column] : 0))
    }
    for row in 0..<padded(n) {
      let sum = row < n ? w[row * k..<(row + 1) * k].reduce(0) { $0 + Int32($1) } : 0
      #expect(sums[row] == sum)
    }
  }

  @Test(arguments: shapes)
  func `packed 4-bit codes lie in pairs of nibbles behind the scales and zeros of their group`(
    _ n: Int, _ k: Int
  ) throws {
    var draws = SeededGenerator(seed: 3)
    let w = draws.integers(n * k, in: UInt8(0)...15)
    let memory = Memory()
    let groups = (k + 7) / 8
    let scales = draws.scales(n * groups)
    let zeros = draws.integers(n * groups, in: UInt8(0)...64)
    // A group of 8 k: 16 scales, 16 zeros, 64 bytes of codes.
    let groupBytes = 64 + 16 + 64
    let count = qg_packed_u4_bytes(n, k, 8)
    #expect(count == padded(n) / 16 * groups * groupBytes)
    let panels = try memory.copy([UInt8](repeating: 99, count: count))
    qg_pack_u4(
      try memory.copy(w), try memory.copy(scales), try memory.copy(zeros), n, k, 8, panels)
    func code(_ row: Int, _ column: Int) -> UInt8 {
      row < n && column < k ? w[row * k + column] : 0
    }
    for row in 0..<padded(n) {
      for group in 0..<groups {
        let at = panels + (row / 16 * groups + group) * groupBytes
        let lane = row % 16
        let scale = UnsafeRawPointer(at).loadUnaligned(fromByteOffset: 4 * lane, as: Float.self)
        #expect(scale == (row < n ? scales[row * groups + group] : 0))
        #expect(at[64 + lane] == (row < n ? zeros[row * groups + group] : 0))
        for j in 0..<4 {
          let pair = code(row, 8 * group + j) | code(row, 8 * group + 4 + j) << 4
          #expect(at[80 + 4 * lane + j] == pair)
        }
      }
    }
  }
}
