import CKernels

/// `gemm_u8u4`: 4-bit weights with a scale per group of 32. Each unit of columns is packed on its own, scales
/// and sums right behind its panels, so that what a unit reads is one run of memory.
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
  var bytes: Int { m * k + units * UnitLayout(k: k).bytes + 4 * m * n }

  /// The product of a prompt, and that of a single token whose weights no cache holds.
  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    let k = 2048
    let unit = UnitLayout(k: k).bytes
    return [
      Int4Product(m: 128, units: 5632 / unitColumns, k: k, bound: .byteProducts),
      Int4Product(m: 1, units: (caches.beyondL3 + unit - 1) / unit, k: k, bound: .readDRAM),
    ]
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  /// Where the operands of one unit lie, in bytes from its start.
  private struct UnitLayout {
    let panels: Int
    let scales: Int
    let zeros: Int
    let sums: Int

    init(k: Int) {
      let entries = (k + group - 1) / group * unitColumns
      panels = qg_packed_u4_bytes(unitColumns, k)
      scales = entries * MemoryLayout<Float>.stride
      zeros = entries
      sums = entries * MemoryLayout<Int32>.stride
    }

    var bytes: Int { panels + scales + zeros + sums }
  }

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
      let layout = UnitLayout(k: row.k)
      stride = layout.bytes
      let block = UnsafeMutableRawPointer(memory.zeros(row.units * layout.bytes, of: UInt8.self))
      stream = UnsafeRawBufferPointer(start: block, count: row.units * layout.bytes)
      let panels = block.assumingMemoryBound(to: UInt8.self)
      let scales = (block + layout.panels).bindMemory(
        to: Float.self, capacity: layout.scales / MemoryLayout<Float>.stride)
      let zeros = panels + layout.panels + layout.scales
      let sums = (block + layout.panels + layout.scales + layout.zeros).bindMemory(
        to: Int32.self, capacity: layout.sums / MemoryLayout<Int32>.stride)
      let codes = memory.codes(unitColumns * row.k, greatest: 15)
      qg_pack_u4(codes, unitColumns, row.k, group, panels, sums)
      let drawn = memory.floats(layout.zeros, in: 0.001...0.01)
      for entry in 0..<layout.zeros {
        scales[entry] = drawn[entry]
        zeros[entry] = 8
      }
      // The same weights in memory of their own: only where they lie costs time.
      for unit in 1..<max(1, row.units) {
        (block + unit * layout.bytes).copyMemory(from: block, byteCount: layout.bytes)
      }
      let rows = memory.zeros(row.m, of: qg_affine.self)
      for index in 0..<row.m { rows[index] = qg_affine(scale: 0.01, zero_point: 128) }
      first = qg_gemm_u8u4_args(
        m: row.m, n: unitColumns, k: row.k, group: group, a: memory.codes(row.m * row.k + 8),
        a_stride: row.k, rows: rows, row_step: 1, panels: panels, scale: scales, zero: zeros,
        code_sums: sums, bias: nil,
        output: qg_output(
          f32: memory.zeros(row.m * row.n), u8: nil, stride: row.n,
          quantize: qg_affine(scale: 1, zero_point: 0)), bounds: .open)
    }

    func run(_ units: Range<Int>) {
      for unit in units {
        var part = first
        part.panels += unit * stride
        part.scale += unit * stride / MemoryLayout<Float>.stride
        part.zero += unit * stride
        part.code_sums += unit * stride / MemoryLayout<Int32>.stride
        part.output.f32 += unit * unitColumns
        kernel(&part)
      }
    }
  }
}
