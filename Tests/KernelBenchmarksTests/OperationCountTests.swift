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
    "gemm_u8s8 1×5632×2048", "gemm_u8u4 g32 128×5632×2048", "gemm_bf16 128×1536×384",
    "gemm_s8s8 1×5632×2048", "gemm_u8s8g g32 128×5632×2048", "gemm_u8_q4_k 128×5632×2048",
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
    ("max_pool_f32 3×3 56×56×64", 56, 64, 1), ("average_pool_f32 3×3 56×56×64", 56, 64, 1),
    ("convolution_f32 3×3 32×32×3→32", 32, 3, 64),
    ("convolution_u8s8 3×3 28×28×32→64", 28, 32, 128),
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
    #expect(try Self.row("patches_u8 3×3 28×28×32").bytes == (1 + 9) * 28 * 28 * 32)
    #expect(
      try Self.row("convolution_u8s8 3×3 28×28×32→64").bytes
        == 28 * 28 * 32 + 9 * 32 * 64 + 28 * 28 * 64)
    // Codes and one scale for each token and head, twice; a query and a result.
    #expect(
      try Self.row("attention int8 1×8×128×1024").bytes
        == 2 * (8 * 1024 * 128 + 4 * 8 * 1024) + 2 * 4 * 8 * 128)
    // 32 codes of 4 bits and a scale of two bytes, for 64 columns a unit.
    let blocks = try #require(
      BenchmarkCatalog.rows(Self.caches).first { $0.name == "gemm_u8_q4_0" })
    #expect(blocks.bytes == 128 * 2048 + 5632 * 2048 / 32 * 18 + 4 * 128 * 5632)
    #expect(
      try Self.row("gemm_u8s8 128×1536×384").bytes == 128 * 384 + 1536 * 384 + 4 * 128 * 1536)
    #expect(
      try Self.row("gemm_f32 128×5632×2048").bytes
        == 4 * (128 * 2048 + 5632 * 2048 + 128 * 5632))
  }

  @Test func `an encoder counts what it reads of F16 alone`() throws {
    for name in ["encode_q4_0", "encode_q8_0", "encode_q4_k"] {
      let row = try Self.row("\(name) 131072 F16")
      #expect(row.bytes == 2 * 131_072)
      #expect(row.bound.unit == "GB/s", "what is counted are these bytes")
    }
  }

  @Test func `causal attention counts the positions that each query sees`() throws {
    var multiplyAdds = 0
    for query in 0..<64 {
      for _ in 0...(1024 - 64 + query) { multiplyAdds += 2 * 8 * 128 }
    }
    #expect(try Self.row("attention f32 64×8×128×1024").operations == 2 * multiplyAdds)
    #expect(try Self.row("attention f16 1×8×128×1024").operations == 2 * 2 * 8 * 128 * 1024)
  }

  @Test func `a cache of past tokens is compared with the level that holds it`() {
    func bounds(_ caches: CacheSizes) -> [Bound] {
      BenchmarkCatalog.rows(caches).filter { $0.label.contains(/^attention \w+ 1×/) }.map(\.bound)
    }
    // 8, 4 and 2 MiB.
    #expect(bounds(CacheSizes(l2: 1 << 20, l3: 32 << 20)) == [.readL3, .readL3, .readL3])
    #expect(bounds(CacheSizes(l2: 3 << 20, l3: 32 << 20)) == [.readL3, .readL3, .readL2])
    #expect(bounds(CacheSizes(l2: 1 << 18, l3: 1 << 20)) == [.readDRAM, .readDRAM, .readL3])
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
