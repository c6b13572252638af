import KernelBenchmarks
import Testing

@Suite struct BenchmarkCatalogTests {
  static let rows = BenchmarkCatalog.rows(OperationCountTests.caches)

  @Test func `every kernel has a row`() {
    #expect(
      BenchmarkCatalog.unmeasured(by: Self.rows) == [],
      "a new kernel needs a row in KernelBenchmarks/Families")
  }

  @Test func `a kernel without a row is named`() {
    let rows = Self.rows.filter { !$0.name.hasPrefix("embedding") && $0.name != "clamp_u8" }
    #expect(BenchmarkCatalog.unmeasured(by: rows) == ["clamp_u8", "embedding"])
  }

  @Test func `every row measures a kernel of the table`() {
    let names = KernelSet.kernelNames
    #expect(Set(names).count == names.count)
    for row in Self.rows { #expect(names.contains(row.kernel), "\(row.label)") }
  }

  @Test func `families follow each other in their order`() {
    var families: [BenchmarkFamily] = []
    for row in Self.rows where row.family != families.last { families.append(row.family) }
    #expect(families == BenchmarkFamily.allCases)
  }

  @Test(arguments: [1 << 20, 32 << 20, 96 << 20])
  func `labels are narrow enough for a table of 120 columns`(l3: Int) {
    for row in BenchmarkCatalog.rows(CacheSizes(l2: 1 << 20, l3: l3)) {
      #expect(row.name.count <= 16 && row.shape.count <= 18, "\(row.label)")
    }
  }
}
