/// Every row, family by family.
package enum BenchmarkCatalog {
  /// The rows for a machine with these caches, in the order of the table.
  package static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    FloatProduct.rows + Int8Product.rows + Int4Product.rows(caches) + WindowBenchmark.rows
      + ElementBenchmark.rows(caches) + EncodeBenchmark.rows
  }
}
