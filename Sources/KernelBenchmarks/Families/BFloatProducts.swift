import CKernels

/// `gemm_bf16`: every unit of columns has the same weights, in memory of its own.
struct BFloatProduct: Benchmark {
  let product: ProductShape
  let bound: Bound
  let family = BenchmarkFamily.products

  let name = "gemm_bf16"
  var shape: String { product.text }
  var operations: Int { product.operations }
  var bytes: Int {
    4 * product.m * product.k + 2 * product.padded * product.k + 4 * product.m * product.n
  }

  /// Products of a prompt, and that of a single token whose weights no cache holds.
  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    let single = ProductShape.single(
      k: 2048, unitBytes: 2 * 2048 * ProductShape.unitColumns, total: caches.beyondL3)
    return [
      BFloatProduct(product: ProductShape(m: 128, n: 5632, k: 2048), bound: .floatProducts),
      BFloatProduct(product: ProductShape(m: 128, n: 1536, k: 384), bound: .floatProducts),
      BFloatProduct(product: single, bound: .readDRAM),
    ]
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(product, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let product: ProductShape
    let kernel: @convention(c) (UnsafePointer<qg_gemm_bf16_args>?) -> Void
    let whole: qg_gemm_bf16_args
    let stream: UnsafeRawBufferPointer

    init(_ product: ProductShape, _ set: KernelSet) {
      self.product = product
      kernel = set.kernels.gemm_bf16
      let columns = ProductShape.unitColumns
      let codes = memory.zeros(columns * product.k, of: UInt16.self)
      set.kernels.encode_bf16(memory.floats(columns * product.k), columns * product.k, codes)
      let unit = qg_packed_bf16_count(columns, product.k)
      let panels = memory.zeros(product.units * unit, of: UInt16.self)
      qg_pack_bf16(codes, columns, product.k, product.k, 1, panels)
      OperandMemory.repeatFirst(panels, count: unit, times: product.units)
      stream = UnsafeRawBufferPointer(start: panels, count: 2 * product.units * unit)
      whole = qg_gemm_bf16_args(
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
