import Foundation
import Reporting
import Results
import Testing

@Suite struct KernelTableTests {
  static func estimate(_ median: Double) -> MedianEstimate {
    MedianEstimate(
      median: median, lower: 0.9 * median, upper: 1.1 * median, confidence: 0.96, samples: 99)
  }

  static let report = KernelReport(
    tool: "0.1.0",
    fingerprint: Fingerprint(
      cpu: "Vendor 1/2/3", features: ["avx2"], cores: 2, caches: ["L2": 1], hypervisor: "none",
      allocator: "a", compiler: "c"),
    instructionSet: "avx2", cores: [0, 1],
    limits: [MachineLimit(name: "read L3", unit: "GB/s", rate: estimate(80))],
    kernels: [
      KernelMeasurement(
        family: "products", name: "gemm_u8s8", shape: "1×64×32", operations: 4096, bytes: 2336,
        seconds: estimate(0.000_2), rate: estimate(72), unit: "GB/s", limit: "read L3",
        share: estimate(0.9))
    ])

  @Test func `a row shows time, rate, limit and share with intervals`() {
    let text = KernelTable(width: 190).text(Self.report)
    #expect(text.contains("Vendor 1/2/3, avx2, 2 threads on cores 0, 1"))
    let row = text.split(separator: "\n").first { $0.hasPrefix("gemm_u8s8") }
    for part in ["1×64×32", "200.0 µs", "180.0…220.0", "72.00 GB/s", "90.0 %", "81.0…99.0"] {
      #expect(row?.contains(part) == true, "\(part): \(row ?? "no row")")
    }
  }

  @Test func `markdown has two tables`() {
    let text = KernelTable(width: 190).markdown(Self.report)
    #expect(text.contains("| kernel | shape | time |"))
    #expect(text.contains("| read L3 | 80.00 | 72.00…88.00 | GB/s |"))
  }

  @Test func `a family's name stands once, before its rows`() {
    let first = Self.report.kernels[0]
    let kernels = ["products", "products", "windows"].map { family in
      KernelMeasurement(
        family: family, name: first.name, shape: first.shape, operations: 1, bytes: 1,
        seconds: first.seconds, rate: first.rate, unit: first.unit, limit: first.limit,
        share: first.share)
    }
    let report = KernelReport(
      tool: "0", fingerprint: Self.report.fingerprint, instructionSet: "avx2", cores: [0],
      limits: Self.report.limits, kernels: kernels)
    let starts = KernelTable(width: 120).text(report).split(separator: "\n").suffix(7).map {
      $0.prefix { $0 != " " }
    }
    #expect(starts.prefix(5) == ["products", "gemm_u8s8", "gemm_u8s8", "windows", "gemm_u8s8"])
    #expect(KernelTable(width: 120).markdown(report).contains("| **windows** |  |"))
  }

  @Test func `the widest row fits 120 columns`() throws {
    let wide = KernelMeasurement(
      family: "grouped products", name: "average_pool_f32", shape: "3×3 112×112×32→64",
      operations: 1, bytes: 1, seconds: Self.estimate(0.000_987_6), rate: Self.estimate(8765),
      unit: "GOPS", limit: "fp32 multiply-add", share: Self.estimate(1.234))
    let report = KernelReport(
      tool: "0", fingerprint: Self.report.fingerprint, instructionSet: "avx512-vnni",
      cores: [0, 1], limits: Self.report.limits, kernels: [wide])
    let lines = KernelTable(width: 120).text(report).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 120 })
    #expect(lines.count { $0.hasPrefix("average_pool_f32") } == 1, "in one table")
  }

  @Test func `the JSON keeps its keys and reads back`() throws {
    let bytes = try DocumentFile.encode(Self.report, file: "report")
    let back = try DocumentFile.decode(KernelReport.self, from: bytes, file: "report")
    #expect(back == Self.report)
    let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "cores", "fingerprint", "instruction_set", "kernels", "limits", "schema_version", "tool",
      ])
    let kernel = try #require((object["kernels"] as? [[String: Any]])?.first)
    #expect(
      kernel.keys.sorted() == [
        "bytes", "family", "limit", "name", "operations", "rate", "seconds", "shape", "share",
        "unit",
      ])
    let share = try #require(kernel["share"] as? [String: Any])
    #expect(share.keys.sorted() == ["confidence", "lower", "median", "samples", "upper"])
  }

  @Test func `a limit that is not listed is a contradiction`() {
    let orphan = KernelReport(
      tool: "0", fingerprint: Self.report.fingerprint, instructionSet: "avx2", cores: [0],
      limits: [], kernels: Self.report.kernels)
    #expect(orphan.contradiction()?.keyPath == "kernels[0].limit")
  }
}
