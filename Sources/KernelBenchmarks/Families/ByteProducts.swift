import CKernels

/// Products of bytes with int8 weights that have one scale per output channel.
struct ByteProduct: Benchmark {
  /// What the activations are.
  enum Operand: String, Sendable, CaseIterable {
    /// Codes with a scale and a zero point per row.
    case unsigned = "gemm_u8s8"
    /// Codes with a scale per row.
    case signed = "gemm_s8s8"
  }

  let operand: Operand
  let product: ProductShape
  let bound: Bound
  /// Whether units are rows, as the executor splits a batch, not columns. Threads that split columns store
  /// to neighbouring cache lines in every row; rows cost nothing where each core's second level holds
  /// all the weights.
  let splitsRows: Bool
  let family = BenchmarkFamily.products

  /// Rows of a unit that is rows.
  static let unitRows = 8

  var name: String { operand.rawValue }
  var shape: String { product.text }
  var operations: Int { product.operations }
  var bytes: Int { product.m * product.k + weightBytes + 4 * product.m * product.n }
  private var weightBytes: Int { qg_packed_s8_bytes(product.n, product.k) }

  init(_ operand: Operand, _ product: ProductShape, _ bound: Bound, _ caches: CacheSizes) {
    self.operand = operand
    self.product = product
    self.bound = bound
    splitsRows = product.m > 1 && qg_packed_s8_bytes(product.n, product.k) <= caches.l2
  }

  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    Operand.allCases.flatMap { operand in
      [
        ByteProduct(operand, ProductShape(m: 128, n: 5632, k: 2048), .byteProducts, caches),
        ByteProduct(operand, ProductShape(m: 128, n: 1536, k: 384), .byteProducts, caches),
        ByteProduct(operand, ProductShape(m: 1, n: 5632, k: 2048), .readL3, caches),
      ]
    }
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let operand: Operand
    let product: ProductShape
    let splitsRows: Bool
    let kernels: qg_kernels
    let panelBytes: Int
    let panels: UnsafeMutablePointer<Int8>
    let sums: UnsafeMutablePointer<Int32>
    let activations: UnsafeMutableRawPointer
    let affines: UnsafeMutablePointer<qg_affine>
    let rowScales: UnsafeMutablePointer<Float>
    let scales: UnsafeMutablePointer<Float>
    let biases: UnsafeMutablePointer<Float>
    let results: UnsafeMutablePointer<Float>
    let stream: UnsafeRawBufferPointer

    init(_ row: ByteProduct, _ set: KernelSet) {
      operand = row.operand
      product = row.product
      splitsRows = row.splitsRows
      kernels = set.kernels
      panelBytes = row.weightBytes / (product.padded / Int(QG_PANEL))
      panels = memory.zeros(row.weightBytes)
      sums = memory.zeros(product.padded)
      qg_pack_s8(memory.signedCodes(product.n * product.k), product.n, product.k, panels, sums)
      stream = UnsafeRawBufferPointer(start: panels, count: row.weightBytes)
      // Rows may be read up to the next multiple of four codes.
      activations = UnsafeMutableRawPointer(memory.codes(product.m * product.k + 4))
      affines = memory.zeros(product.m)
      for index in 0..<product.m { affines[index] = qg_affine(scale: 0.01, zero_point: 128) }
      rowScales = memory.floats(product.m, in: 0.001...0.01)
      scales = memory.floats(product.padded, in: 0.001...0.01)
      biases = memory.floats(product.padded)
      results = memory.zeros(product.m * product.n)
    }

    var units: Int {
      splitsRows ? (product.m + ByteProduct.unitRows - 1) / ByteProduct.unitRows : product.units
    }

    func run(_ units: Range<Int>) {
      let columns = splitsRows ? 0..<product.n : product.columns(units)
      let rows = splitsRows ? product.rows(units, of: ByteProduct.unitRows) : 0..<product.m
      let (row, first) = (rows.lowerBound, columns.lowerBound)
      let panels = panels + first / Int(QG_PANEL) * panelBytes
      let output = qg_output.values(results + row * product.n + first, stride: product.n)
      let activations = activations + row * product.k
      switch operand {
      case .unsigned:
        var part = qg_gemm_u8s8_args(
          m: rows.count, n: columns.count, k: product.k,
          a: activations.assumingMemoryBound(to: UInt8.self), a_stride: product.k,
          rows: affines + row, row_step: 1, panels: panels, weight_sums: sums + first,
          weight_zero: nil, weight_scale: scales + first, bias: biases + first, output: output,
          bounds: .open)
        kernels.gemm_u8s8(&part)
      case .signed:
        var part = qg_gemm_s8s8_args(
          m: rows.count, n: columns.count, k: product.k,
          a: activations.assumingMemoryBound(to: Int8.self), a_stride: product.k,
          row_scale: rowScales + row, row_step: 1, panels: panels, weight_sums: sums + first,
          weight_scale: scales + first, bias: biases + first, output: output, bounds: .open)
        kernels.gemm_s8s8(&part)
      }
    }
  }
}
