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

  /// The rows of some units of `size` rows.
  func rows(_ units: Range<Int>, of size: Int) -> Range<Int> {
    min(m, units.lowerBound * size)..<min(m, units.upperBound * size)
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
