import KernelBenchmarks
import Results
import Testing

/// Real runs, as short as they can be; what they measure is never judged.
@Suite(.serialized) struct BenchmarkRunTests {
  static let fingerprint = Fingerprint(
    cpu: "cpu", features: [], cores: 1, caches: [:], hypervisor: "none", allocator: "none",
    compiler: "none")

  @Test(arguments: ["scalar", "avx2", "avx512", "avx512-vnni"])
  func `small rows run on one core of every instruction set`(name: String) throws {
    // A set that this machine lacks has nothing to run.
    guard let set = KernelSet(named: name) else { return }
    let caches = OperationCountTests.caches
    let rows = BenchmarkCatalog.rows(caches).filter {
      ["average_pool_u8", "add_u8", "attention int8", "encode_q4_0"].contains($0.name)
        || $0.name.hasPrefix("gemm_u8u4") && $0.bound == .readDRAM
    }
    #expect(rows.count == 5)
    let run = BenchmarkRun(rows, set: set, caches: caches, cores: [0], seconds: 1e-6)
    var activities: [String] = []
    let report = try run.measure(tool: "0", fingerprint: Self.fingerprint) {
      activities.append($0.activity)
      #expect((0...1.000001).contains($0.fraction))
    }
    #expect(report.kernels.map(\.name) == rows.map(\.name))
    #expect(report.limits.map(\.name) == Bound.allCases.map(\.rawValue))
    #expect(activities == Bound.allCases.map(\.rawValue) + rows.map(\.label))
    #expect(report.contradiction() == nil)
    for kernel in report.kernels {
      #expect(kernel.share.samples >= InterleavedSlices.fewestPairs)
      #expect(kernel.share.lower <= kernel.share.median)
      #expect(kernel.share.median <= kernel.share.upper)
      #expect(kernel.share.lower > 0 && kernel.share.upper.isFinite)
    }
  }

  @Test(arguments: ["scalar", "avx2", "avx512", "avx512-vnni"])
  func `the first and the last unit of every row run`(name: String) throws {
    guard let set = KernelSet(named: name) else { return }
    for row in BenchmarkCatalog.rows(OperationCountTests.caches) {
      let kernel = row.prepare(set)
      #expect(kernel.units > 1, "\(row.label)")
      #expect(kernel.stream.count > 0, "\(row.label)")
      kernel.run(0..<1)
      kernel.run(kernel.units - 1..<kernel.units)
    }
  }

  @Test func `an unknown instruction set has no kernels`() {
    #expect(KernelSet(named: "avx3") == nil)
  }
}
