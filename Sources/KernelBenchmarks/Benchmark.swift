/// What bounds a kernel: the probe it is compared with.
package enum Bound: String, CaseIterable, Sendable {
  /// Multiply-adds of bytes into int32.
  case byteProducts = "int8 multiply-add"
  /// Fused multiply-adds of fp32.
  case floatProducts = "fp32 multiply-add"
  /// Reading what lies in the cores' own second-level caches.
  case readL2 = "read L2"
  /// Reading what lies in the shared cache.
  case readL3 = "read L3"
  /// Reading what lies in memory.
  case readDRAM = "read DRAM"

  /// Whether bytes are counted, not operations.
  var countsBytes: Bool { self == .readL2 || self == .readL3 || self == .readDRAM }

  /// The unit of its rate, in 1e9.
  package var unit: String { countsBytes ? "GB/s" : "GOPS" }
}

/// Cache sizes that shapes follow.
package struct CacheSizes: Hashable, Sendable {
  /// Bytes of one core's second level.
  package let l2: Int
  /// Bytes of the shared third level.
  package let l3: Int

  /// Creates sizes; what the system does not tell is taken to be 1 MiB and 32 MiB.
  package init(l2: Int?, l3: Int?) {
    self.l2 = l2 ?? 1 << 20
    self.l3 = l3 ?? 32 << 20
  }

  /// What bounds the reading of an operand of `bytes` bytes, read again and again.
  package func bound(ofReading bytes: Int) -> Bound {
    bytes >= beyondL3 ? .readDRAM : bytes > l2 ? .readL3 : .readL2
  }

  /// Enough to push everything else out of the third level, four times over.
  package var beyondL3: Int { 4 * l3 }
}

/// Rows that belong together in the table.
package enum BenchmarkFamily: String, CaseIterable, Sendable {
  /// Products with one scale per output at most.
  case products
  /// Products with a scale per group or block.
  case groupProducts = "grouped products"
  /// Windows that slide over an image.
  case windows
  /// Attention and its cache.
  case attention
  /// What else sequence models are made of.
  case sequences = "sequence models"
  /// Plain runs of elements.
  case elements
  /// Encoders of weights.
  case encoders
}

/// One row of the table: a kernel, a shape and what bounds it.
///
/// A family of kernels declares its rows in a file of its own and is listed in `BenchmarkCatalog`.
package protocol Benchmark: Sendable {
  /// Where the table shows it.
  var family: BenchmarkFamily { get }
  /// The kernel, as `qg_kernels` names it, and, where it has several forms, after a space the form.
  var name: String { get }
  /// The shape, for people.
  var shape: String { get }
  /// Operations of one pass; a multiply-add is two.
  var operations: Int { get }
  /// Bytes that one pass has to read and write at least; of encoders, what they read.
  var bytes: Int { get }
  /// What bounds it.
  var bound: Bound { get }
  /// Draws seeded data and packs it for `kernels`.
  func prepare(_ kernels: KernelSet) -> any PreparedKernel
}

extension Benchmark {
  /// The member of `qg_kernels`.
  package var kernel: String { String(name.prefix { $0 != " " }) }
  /// What `--filter` is matched with.
  package var label: String { "\(name) \(shape)" }
  /// What one pass does, in the unit that its bound counts.
  var amount: Int { bound.countsBytes ? bytes : operations }
}

/// A kernel with its data. Threads run disjoint ranges of its units at the same time.
package protocol PreparedKernel: AnyObject {
  /// Parts of equal cost that a pass falls into.
  var units: Int { get }
  /// The operand whose reading bounds the kernel, `units` parts of equal length one after the other; what
  /// a kernel bound by arithmetic says here is not used.
  var stream: UnsafeRawBufferPointer { get }
  /// Runs units `units` of one pass; allocates nothing.
  func run(_ units: Range<Int>)
}
