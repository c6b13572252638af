import CKernels

/// `gemm_s8s8`: signed activations with one scale per row.
struct SignedProduct: Benchmark {
  let product: ProductShape
  let bound: Bound
  let family = BenchmarkFamily.products

  let name = "gemm_s8s8"
  var shape: String { product.text }
  var operations: Int { product.operations }
  var bytes: Int { product.m * product.k + weightBytes + 4 * product.m * product.n }
  private var weightBytes: Int { qg_packed_s8_bytes(product.n, product.k) }

  static let rows: [any Benchmark] = [
    SignedProduct(product: ProductShape(m: 128, n: 5632, k: 2048), bound: .byteProducts),
    SignedProduct(product: ProductShape(m: 128, n: 1536, k: 384), bound: .byteProducts),
    SignedProduct(product: ProductShape(m: 1, n: 5632, k: 2048), bound: .readL3),
  ]

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let product: ProductShape
    let kernel: @convention(c) (UnsafePointer<qg_gemm_s8s8_args>?) -> Void
    let whole: qg_gemm_s8s8_args
    let stream: UnsafeRawBufferPointer
    let panelBytes: Int

    init(_ row: SignedProduct, _ set: KernelSet) {
      product = row.product
      kernel = set.kernels.gemm_s8s8
      panelBytes = row.weightBytes / (product.padded / Int(QG_PANEL))
      let panels = memory.zeros(row.weightBytes, of: Int8.self)
      let sums = memory.zeros(product.padded, of: Int32.self)
      qg_pack_s8(memory.signedCodes(product.n * product.k), product.n, product.k, panels, sums)
      stream = UnsafeRawBufferPointer(start: panels, count: row.weightBytes)
      whole = qg_gemm_s8s8_args(
        m: product.m, n: product.n, k: product.k,
        // Rows may be read up to the next multiple of four codes.
        a: memory.signedCodes(product.m * product.k + 4), a_stride: product.k,
        row_scale: memory.floats(product.m, in: 0.001...0.01), row_step: 1, panels: panels,
        weight_sums: sums, weight_scale: memory.floats(product.padded, in: 0.001...0.01),
        bias: memory.floats(product.padded),
        output: .values(memory.zeros(product.m * product.n), stride: product.n), bounds: .open)
    }

    var units: Int { product.units }

    func run(_ units: Range<Int>) {
      let columns = product.columns(units)
      var part = whole
      part.n = columns.count
      part.panels += columns.lowerBound / Int(QG_PANEL) * panelBytes
      part.weight_sums += columns.lowerBound
      part.weight_scale += columns.lowerBound
      part.bias += columns.lowerBound
      part.output.f32 += columns.lowerBound
      kernel(&part)
    }
  }
}
