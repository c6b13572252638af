/// Every row, family by family.
package enum BenchmarkCatalog {
  /// The rows for a machine with these caches, in the order of the table.
  package static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    FloatProduct.rows + BFloatProduct.rows(caches) + ByteProduct.rows(caches)
      + Int4Product.rows(caches) + BlockProduct.rows(caches) + WindowBenchmark.rows
      + ConvolutionBenchmark.rows + AttentionBenchmark.rows(caches) + SequenceBenchmark.rows(caches)
      + ElementBenchmark.rows(caches) + EncodeBenchmark.rows
  }

  /// The members of the table of kernels that none of `rows` measures.
  package static func unmeasured(by rows: [any Benchmark]) -> [String] {
    let measured = Set(rows.map(\.kernel))
    return KernelSet.kernelNames.filter { !measured.contains($0) }
  }
}
