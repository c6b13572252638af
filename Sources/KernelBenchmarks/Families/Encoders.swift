import CKernels

/// Kernels that encode weights as blocks, from F16 as files hold them: a run of numbers is decoded to fp32,
/// which the first-level cache holds, and then encoded. Counted are the bytes of F16 that are read; threads
/// split runs.
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

  /// Values of a row of the table: a quarter of a second-level cache of 1 MiB.
  static let count = 1 << 17
  /// Values that are decoded at once: whole blocks of every format.
  static let run = 1024

  let kind: Kind
  let bound = Bound.readL2
  let family = BenchmarkFamily.encoders

  var name: String { kind.rawValue }
  var shape: String { "\(Self.count) F16" }
  /// One a value; what bounds these kernels is counted in bytes.
  var operations: Int { Self.count }
  var bytes: Int { MemoryLayout<UInt16>.stride * Self.count }

  static let rows: [any Benchmark] = Kind.allCases.map { EncodeBenchmark(kind: $0) }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(kind, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let kind: Kind
    let kernels: qg_kernels
    let halves: UnsafeMutablePointer<UInt16>
    /// Room for one decoded run per unit.
    let values: UnsafeMutablePointer<Float>
    let blocks: UnsafeMutableRawPointer

    init(_ kind: Kind, _ set: KernelSet) {
      self.kind = kind
      kernels = set.kernels
      halves = memory.zeros(count)
      set.kernels.encode_f16(memory.floats(count), count, halves)
      values = memory.zeros(count)
      blocks = UnsafeMutableRawPointer(
        memory.zeros(count / kind.values * kind.bytes, of: UInt8.self))
    }

    var units: Int { count / EncodeBenchmark.run }
    var stream: UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: halves, count: MemoryLayout<UInt16>.stride * count)
    }

    func run(_ units: Range<Int>) {
      // The room of the first unit serves all: it is the caller's alone and stays in its cache.
      let decoded = values + units.lowerBound * EncodeBenchmark.run
      for unit in units {
        kernels.decode_f16(halves + unit * EncodeBenchmark.run, EncodeBenchmark.run, decoded)
        encode(decoded, to: blocks + unit * (EncodeBenchmark.run / kind.values) * kind.bytes)
      }
    }

    private func encode(_ values: UnsafePointer<Float>, to blocks: UnsafeMutableRawPointer) {
      let count = EncodeBenchmark.run / kind.values
      switch kind {
      case .q4_0:
        _ = kernels.encode_q4_0(
          values, count, blocks.bindMemory(to: qg_block_q4_0.self, capacity: count))
      case .q8_0:
        _ = kernels.encode_q8_0(
          values, count, blocks.bindMemory(to: qg_block_q8_0.self, capacity: count))
      case .q4K:
        _ = kernels.encode_q4_k(
          values, count, blocks.bindMemory(to: qg_block_q4_k.self, capacity: count))
      }
    }
  }
}
