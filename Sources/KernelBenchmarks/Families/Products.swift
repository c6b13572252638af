import CKernels

/// The sizes of a matrix product `[m, k] · [n, k]ᵀ`.
struct ProductShape: Sendable {
  let m: Int
  let n: Int
  let k: Int

  /// Columns that one unit of work computes: a few panels, so that tiles stay whole.
  static let unitColumns = 64

  var text: String { "\(m)×\(n)×\(k)" }
  /// Operations of one pass; a multiply-add is two.
  var operations: Int { 2 * m * n * k }
  var units: Int { (n + Self.unitColumns - 1) / Self.unitColumns }
  /// `n` rounded up to whole panels.
  var padded: Int { (n + Int(QG_PANEL) - 1) / Int(QG_PANEL) * Int(QG_PANEL) }

  /// The product of a single row with enough units of columns that their weights have `total` bytes.
  static func single(k: Int, unitBytes: Int, total: Int) -> ProductShape {
    ProductShape(m: 1, n: (total + unitBytes - 1) / unitBytes * unitColumns, k: k)
  }

  /// The columns of some units.
  func columns(_ units: Range<Int>) -> Range<Int> {
    min(n, units.lowerBound * Self.unitColumns)..<min(n, units.upperBound * Self.unitColumns)
  }
}

/// `gemm_f32`.
struct FloatProduct: Benchmark {
  let product: ProductShape
  let bound: Bound
  let family = BenchmarkFamily.products

  var name: String { "gemm_f32" }
  var shape: String { product.text }
  var operations: Int { product.operations }
  var bytes: Int {
    4 * (product.m * product.k + product.padded * product.k + product.m * product.n)
  }

  static let rows: [any Benchmark] = [
    FloatProduct(product: ProductShape(m: 128, n: 5632, k: 2048), bound: .floatProducts)
  ]

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(product, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let product: ProductShape
    let kernel: @convention(c) (UnsafePointer<qg_gemm_f32_args>?) -> Void
    let whole: qg_gemm_f32_args
    let stream: UnsafeRawBufferPointer

    init(_ product: ProductShape, _ set: KernelSet) {
      self.product = product
      kernel = set.kernels.gemm_f32
      let count = qg_packed_f32_count(product.n, product.k)
      let panels = memory.zeros(count, of: Float.self)
      let weights = memory.floats(product.n * product.k)
      qg_pack_f32(weights, product.n, product.k, product.k, 1, panels)
      stream = UnsafeRawBufferPointer(start: panels, count: count * MemoryLayout<Float>.stride)
      whole = qg_gemm_f32_args(
        m: product.m, n: product.n, k: product.k, a: memory.floats(product.m * product.k),
        a_stride: product.k, panels: panels, bias: memory.floats(product.padded),
        c: memory.zeros(product.m * product.n), c_stride: product.n, bounds: .open)
    }

    var units: Int { product.units }

    func run(_ units: Range<Int>) {
      let columns = product.columns(units)
      var part = whole
      part.n = columns.count
      part.panels += columns.lowerBound * product.k
      part.bias += columns.lowerBound
      part.c += columns.lowerBound
      kernel(&part)
    }
  }
}

/// `gemm_u8s8`: weights with one scale per output channel, activations with one per row.
struct Int8Product: Benchmark {
  let product: ProductShape
  let bound: Bound
  let family = BenchmarkFamily.products

  var name: String { "gemm_u8s8" }
  var shape: String { product.text }
  var operations: Int { product.operations }
  var bytes: Int { product.m * product.k + weightBytes + 4 * product.m * product.n }
  private var weightBytes: Int { qg_packed_s8_bytes(product.n, product.k) }

  static let rows: [any Benchmark] = [
    Int8Product(product: ProductShape(m: 128, n: 5632, k: 2048), bound: .byteProducts),
    Int8Product(product: ProductShape(m: 128, n: 1536, k: 384), bound: .byteProducts),
    Int8Product(product: ProductShape(m: 1, n: 5632, k: 2048), bound: .readL3),
  ]

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let product: ProductShape
    let kernel: @convention(c) (UnsafePointer<qg_gemm_u8s8_args>?) -> Void
    let whole: qg_gemm_u8s8_args
    let stream: UnsafeRawBufferPointer
    let panelBytes: Int

    init(_ row: Int8Product, _ set: KernelSet) {
      product = row.product
      kernel = set.kernels.gemm_u8s8
      panelBytes = row.weightBytes / (product.padded / Int(QG_PANEL))
      let panels = memory.zeros(row.weightBytes, of: Int8.self)
      let sums = memory.zeros(product.padded, of: Int32.self)
      qg_pack_s8(memory.signedCodes(product.n * product.k), product.n, product.k, panels, sums)
      stream = UnsafeRawBufferPointer(start: panels, count: row.weightBytes)
      let rows = memory.zeros(product.m, of: qg_affine.self)
      for index in 0..<product.m { rows[index] = qg_affine(scale: 0.01, zero_point: 128) }
      whole = qg_gemm_u8s8_args(
        m: product.m, n: product.n, k: product.k,
        // Rows may be read up to the next multiple of four codes.
        a: memory.codes(product.m * product.k + 4), a_stride: product.k, rows: rows, row_step: 1,
        panels: panels, weight_sums: sums, weight_zero: nil,
        weight_scale: memory.floats(product.padded, in: 0.001...0.01),
        bias: memory.floats(product.padded),
        output: qg_output(
          f32: memory.zeros(product.m * product.n), u8: nil, stride: product.n,
          quantize: qg_affine(scale: 1, zero_point: 0)), bounds: .open)
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
