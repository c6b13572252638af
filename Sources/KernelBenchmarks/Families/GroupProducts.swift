import CKernels

/// `gemm_u8u4`: 4-bit weights with a scale and a zero per group of 32.
struct Int4Product: Benchmark {
  /// Consecutive k that share a scale.
  static let group = 32
  /// Columns of a unit.
  static let unitColumns = 256

  let m: Int
  let units: Int
  let k: Int
  let bound: Bound

  var n: Int { units * Self.unitColumns }
  var name: String { "gemm_u8u4 g\(Self.group)" }
  var shape: String { "\(m)×\(n)×\(k)" }
  var operations: Int { 2 * m * n * k }
  var bytes: Int { m * k + units * Self.unitBytes(k) + 4 * m * n }

  /// The product of a prompt, and that of a single token whose weights no cache holds.
  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    let k = 2048
    let unit = unitBytes(k)
    return [
      Int4Product(m: 128, units: 5632 / unitColumns, k: k, bound: .byteProducts),
      Int4Product(m: 1, units: (caches.beyondL3 + unit - 1) / unit, k: k, bound: .readDRAM),
    ]
  }

  private static func unitBytes(_ k: Int) -> Int { qg_packed_u4_bytes(unitColumns, k, group) }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let units: Int
    let kernel: @convention(c) (UnsafePointer<qg_gemm_u8u4_args>?) -> Void
    let first: qg_gemm_u8u4_args
    let stream: UnsafeRawBufferPointer
    let stride: Int

    init(_ row: Int4Product, _ set: KernelSet) {
      units = row.units
      kernel = set.kernels.gemm_u8u4
      stride = unitBytes(row.k)
      let panels = memory.zeros(row.units * stride, of: UInt8.self)
      stream = UnsafeRawBufferPointer(start: panels, count: row.units * stride)
      let groups = unitColumns * ((row.k + group - 1) / group)
      let zeros = memory.zeros(groups, of: UInt8.self)
      zeros.update(repeating: 8, count: groups)
      qg_pack_u4(
        memory.codes(unitColumns * row.k, greatest: 15), memory.floats(groups, in: 0.001...0.01),
        zeros, unitColumns, row.k, group, panels)
      // The same weights in memory of their own: only where they lie costs time.
      for unit in 1..<max(1, row.units) {
        (panels + unit * stride).update(from: panels, count: stride)
      }
      let rows = memory.zeros(row.m, of: qg_affine.self)
      for index in 0..<row.m { rows[index] = qg_affine(scale: 0.01, zero_point: 128) }
      first = qg_gemm_u8u4_args(
        m: row.m, n: unitColumns, k: row.k, group: group, a: memory.codes(row.m * row.k + 8),
        a_stride: row.k, rows: rows, row_step: 1, panels: panels, bias: nil,
        output: qg_output(
          f32: memory.zeros(row.m * row.n), u8: nil, stride: row.n,
          quantize: qg_affine(scale: 1, zero_point: 0)), bounds: .open)
    }

    func run(_ units: Range<Int>) {
      for unit in units {
        var part = first
        part.panels += unit * stride
        part.output.f32 += unit * unitColumns
        kernel(&part)
      }
    }
  }
}
