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
  let family = BenchmarkFamily.products

  var name: String { operand.rawValue }
  var shape: String { product.text }
  var operations: Int { product.operations }
  var bytes: Int { product.m * product.k + weightBytes + 4 * product.m * product.n }
  private var weightBytes: Int { qg_packed_s8_bytes(product.n, product.k) }

  static let rows: [any Benchmark] = Operand.allCases.flatMap { operand in
    [
      ByteProduct(
        operand: operand, product: ProductShape(m: 128, n: 5632, k: 2048), bound: .byteProducts),
      ByteProduct(
        operand: operand, product: ProductShape(m: 128, n: 1536, k: 384), bound: .byteProducts),
      ByteProduct(
        operand: operand, product: ProductShape(m: 1, n: 5632, k: 2048), bound: .readL3),
    ]
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let operand: Operand
    let product: ProductShape
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

    var units: Int { product.units }

    func run(_ units: Range<Int>) {
      let columns = product.columns(units)
      let first = columns.lowerBound
      let panels = panels + first / Int(QG_PANEL) * panelBytes
      let output = qg_output.values(results + first, stride: product.n)
      switch operand {
      case .unsigned:
        var part = qg_gemm_u8s8_args(
          m: product.m, n: columns.count, k: product.k,
          a: activations.assumingMemoryBound(to: UInt8.self), a_stride: product.k, rows: affines,
          row_step: 1, panels: panels, weight_sums: sums + first, weight_zero: nil,
          weight_scale: scales + first, bias: biases + first, output: output, bounds: .open)
        kernels.gemm_u8s8(&part)
      case .signed:
        var part = qg_gemm_s8s8_args(
          m: product.m, n: columns.count, k: product.k,
          a: activations.assumingMemoryBound(to: Int8.self), a_stride: product.k,
          row_scale: rowScales, row_step: 1, panels: panels, weight_sums: sums + first,
          weight_scale: scales + first, bias: biases + first, output: output, bounds: .open)
        kernels.gemm_s8s8(&part)
      }
    }
  }
}
