import KernelBenchmarks
import Testing

/// What rows claim to do, against counts taken one by one.
@Suite struct OperationCountTests {
  static let caches = CacheSizes(l2: 64 << 10, l3: 256 << 10)

  static func row(_ label: String) throws -> any Benchmark {
    try #require(BenchmarkCatalog.rows(caches).first { $0.label == label }, "no row \(label)")
  }

  @Test(arguments: [
    "gemm_f32 128×5632×2048", "gemm_u8s8 128×5632×2048", "gemm_u8s8 128×1536×384",
    "gemm_u8s8 1×5632×2048", "gemm_u8u4 g32 128×5632×2048",
  ])
  func `a product counts two operations for each of its multiply-adds`(label: String) throws {
    let row = try Self.row(label)
    let sides = try row.shape.split(separator: "×").map { try #require(Int($0)) }
    var multiplyAdds = 0
    for _ in 0..<sides[0] {
      for _ in 0..<sides[1] { multiplyAdds += sides[2] }
    }
    #expect(row.operations == 2 * multiplyAdds)
  }

  @Test(arguments: [
    ("depthwise_f32 3×3 112×112×32", 112, 32, 2), ("depthwise_u8s8 3×3 112×112×32", 112, 32, 2),
    ("max_pool_u8 3×3 56×56×64", 56, 64, 1), ("average_pool_u8 3×3 56×56×64", 56, 64, 1),
  ])
  func `a window counts the taps inside the image alone`(
    label: String, side: Int, channels: Int, each: Int
  ) throws {
    let inside = 0..<side
    var taps = 0
    for y in inside {
      for x in inside {
        for offset in 0..<9
        where inside.contains(y + offset / 3 - 1) && inside.contains(x + offset % 3 - 1) {
          taps += channels
        }
      }
    }
    #expect(try Self.row(label).operations == each * taps)
  }

  @Test func `bytes count each operand and result once`() throws {
    #expect(try Self.row("depthwise_f32 3×3 112×112×32").bytes == 2 * 4 * 112 * 112 * 32)
    // 32 values become a scale of two bytes and 32 codes.
    #expect(try Self.row("encode_q8_0 131072").bytes == 131_072 * 4 + 131_072 / 32 * 34)
    #expect(
      try Self.row("gemm_u8s8 128×1536×384").bytes == 128 * 384 + 1536 * 384 + 4 * 128 * 1536)
    #expect(
      try Self.row("gemm_f32 128×5632×2048").bytes
        == 4 * (128 * 2048 + 5632 * 2048 + 128 * 5632))
  }

  @Test func `weights that are to come from memory fill four third-level caches`() throws {
    for size in [256 << 10, 32 << 20, 96 << 20] {
      let rows = BenchmarkCatalog.rows(CacheSizes(l2: 1 << 20, l3: size))
      let beyond = rows.filter { $0.bound == .readDRAM }
      #expect(!beyond.isEmpty)
      for row in beyond { #expect(row.bytes >= 4 * size, "\(row.label)") }
    }
  }

  @Test func `labels are unique`() {
    let labels = BenchmarkCatalog.rows(Self.caches).map(\.label)
    #expect(Set(labels).count == labels.count)
  }
}
