import CKernels

/// Kernels that encode fp32 values as blocks; threads split blocks. What they read is what people count.
struct EncodeBenchmark: Benchmark {
  /// Which format.
  enum Kind: String, Sendable, CaseIterable {
    case q4_0 = "encode_q4_0"
    case q8_0 = "encode_q8_0"
    case q4K = "encode_q4_k"

    /// Values of a block.
    var values: Int { self == .q4K ? 256 : 32 }

    /// Bytes of a block.
    var bytes: Int {
      switch self {
      case .q4_0: MemoryLayout<qg_block_q4_0>.size
      case .q8_0: MemoryLayout<qg_block_q8_0>.size
      case .q4K: MemoryLayout<qg_block_q4_k>.size
      }
    }
  }

  /// Values of a row of the table: half a second-level cache of 1 MiB.
  static let count = 1 << 17

  let kind: Kind
  let bound = Bound.readL2

  var name: String { kind.rawValue }
  var shape: String { "\(Self.count)" }
  /// One a value; what bounds these kernels is counted in bytes.
  var operations: Int { Self.count }
  var bytes: Int { 4 * Self.count + Self.count / kind.values * kind.bytes }

  static let rows: [any Benchmark] = Kind.allCases.map { EncodeBenchmark(kind: $0) }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(kind, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let kind: Kind
    let kernels: qg_kernels
    let values: UnsafeMutablePointer<Float>
    let blocks: UnsafeMutableRawPointer

    init(_ kind: Kind, _ set: KernelSet) {
      self.kind = kind
      kernels = set.kernels
      values = memory.floats(count)
      blocks = UnsafeMutableRawPointer(
        memory.zeros(count / kind.values * kind.bytes, of: UInt8.self))
    }

    var units: Int { count / kind.values }
    var stream: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: values, count: 4 * count) }

    func run(_ units: Range<Int>) {
      let from = values + units.lowerBound * kind.values
      let to = blocks + units.lowerBound * kind.bytes
      switch kind {
      case .q4_0:
        _ = kernels.encode_q4_0(
          from, units.count, to.bindMemory(to: qg_block_q4_0.self, capacity: units.count))
      case .q8_0:
        _ = kernels.encode_q8_0(
          from, units.count, to.bindMemory(to: qg_block_q8_0.self, capacity: units.count))
      case .q4K:
        _ = kernels.encode_q4_k(
          from, units.count, to.bindMemory(to: qg_block_q4_k.self, capacity: units.count))
      }
    }
  }
}
