import KernelBenchmarks
import Results
import Testing

@Suite struct InterleavedSlicesTests {
  static func row() throws -> any Benchmark {
    try OperationCountTests.row("gemm_u8s8 128×1536×384")
  }

  @Test func `a share compares a slice with its two neighbours`() {
    var slices = InterleavedSlices(probe: 10)
    slices.append(kernel: 6, probe: 30)
    slices.append(kernel: 15, probe: 20)
    #expect(slices.shares == [6.0 / 20, 15.0 / 25])
  }

  @Test func `a machine that slows down fourfold leaves the share as it is`() throws {
    var slices = InterleavedSlices(probe: 400e9)
    for turn in 0..<40 {
      let speed = turn < 20 ? 1.0 : 0.25
      slices.append(kernel: 0.9 * 400e9 * speed, probe: 400e9 * speed)
    }
    let measurement = try #require(slices.measurement(of: try Self.row(), amount: 1e9))
    #expect(abs(measurement.share.median - 0.9) < 1e-9)
    #expect(abs(measurement.share.upper - measurement.share.lower) < 1e-9)
    #expect(measurement.rate.upper / measurement.rate.lower > 3.9)
    #expect(abs(measurement.seconds.upper - 1e9 / (0.9 * 100e9)) < 1e-12)
  }

  @Test func `too few pairs give nothing`() throws {
    var slices = InterleavedSlices(probe: 1)
    for _ in 1..<InterleavedSlices.fewestPairs { slices.append(kernel: 1, probe: 1) }
    #expect(slices.measurement(of: try Self.row(), amount: 1) == nil)
    slices.append(kernel: 1, probe: 1)
    #expect(slices.measurement(of: try Self.row(), amount: 1) != nil)
  }
}
