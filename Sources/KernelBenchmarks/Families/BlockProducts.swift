import CKernels

/// Products with int8 groups or GGUF blocks. Every unit of columns has the same weights, in memory of its
/// own.
struct BlockProduct: Benchmark {
  /// How weights are stored.
  enum Format: String, Sendable, CaseIterable {
    case int8Groups = "gemm_u8s8g"
    case q4_0 = "gemm_u8_q4_0"
    case q8_0 = "gemm_u8_q8_0"
    case q4K = "gemm_u8_q4_k"
    case q6K = "gemm_u8_q6_k"
    case mxfp4 = "gemm_u8_mxfp4"
    case nf4 = "gemm_u8_nf4"

    /// What bounds a product of many rows: NF4's levels are no integers.
    var bound: Bound { self == .nf4 ? .floatProducts : .byteProducts }
  }

  /// Consecutive k that share a scale where the format does not say.
  static let group = 32

  let format: Format
  let product: ProductShape
  let bound: Bound
  let family = BenchmarkFamily.groupProducts

  var name: String { format == .int8Groups ? "\(format.rawValue) g\(Self.group)" : format.rawValue }
  var shape: String { product.text }
  var operations: Int { product.operations }
  var bytes: Int {
    product.m * product.k + product.units * format.unitBytes(k: product.k)
      + 4 * product.m * product.n
  }

  /// Products of a prompt, and those of a single token whose weights no cache holds.
  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    Format.allCases.flatMap { format in
      let single = ProductShape.single(
        k: 2048, unitBytes: format.unitBytes(k: 2048), total: caches.beyondL3)
      return [
        BlockProduct(
          format: format, product: ProductShape(m: 128, n: 5632, k: 2048), bound: format.bound),
        BlockProduct(format: format, product: single, bound: .readDRAM),
      ]
    }
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let format: Format
    let product: ProductShape
    let kernels: qg_kernels
    let whole: qg_gemm_blocks_args
    let stream: UnsafeRawBufferPointer

    init(_ row: BlockProduct, _ set: KernelSet) {
      format = row.format
      product = row.product
      kernels = set.kernels
      let unit = format.unitBytes(k: product.k)
      let panels = memory.zeros(product.units * unit, of: UInt8.self)
      format.pack(columns: ProductShape.unitColumns, k: product.k, from: memory, into: panels)
      OperandMemory.repeatFirst(panels, count: unit, times: product.units)
      stream = UnsafeRawBufferPointer(start: panels, count: product.units * unit)
      let rows = memory.zeros(product.m, of: qg_affine.self)
      for index in 0..<product.m { rows[index] = qg_affine(scale: 0.01, zero_point: 128) }
      whole = qg_gemm_blocks_args(
        m: product.m, n: product.n, k: product.k, a: memory.codes(product.m * product.k),
        a_stride: product.k, rows: rows, row_step: 1, panels: panels,
        bias: memory.floats(product.padded),
        output: .values(memory.zeros(product.m * product.n), stride: product.n), bounds: .open)
    }

    var units: Int { product.units }

    func run(_ units: Range<Int>) {
      let columns = product.columns(units)
      var part = whole
      part.n = columns.count
      part.panels += units.lowerBound * format.unitBytes(k: product.k)
      part.bias += columns.lowerBound
      part.output.f32 += columns.lowerBound
      switch format {
      case .int8Groups:
        var part = qg_gemm_u8s8g_args(
          m: part.m, n: part.n, k: part.k, group: group, a: part.a, a_stride: part.a_stride,
          rows: part.rows, row_step: part.row_step, panels: part.panels, zeros: nil,
          bias: part.bias, output: part.output, bounds: part.bounds)
        kernels.gemm_u8s8g(&part)
      case .q4_0: kernels.gemm_u8_q4_0(&part)
      case .q8_0: kernels.gemm_u8_q8_0(&part)
      case .q4K: kernels.gemm_u8_q4_k(&part)
      case .q6K: kernels.gemm_u8_q6_k(&part)
      case .mxfp4: kernels.gemm_u8_mxfp4(&part)
      case .nf4: kernels.gemm_u8_nf4(&part)
      }
    }
  }
}

extension BlockProduct.Format {
  /// Bytes of the packed weights of one unit of columns.
  func unitBytes(k: Int) -> Int {
    let columns = ProductShape.unitColumns
    return switch self {
    case .int8Groups: qg_packed_s8g_bytes(columns, k, BlockProduct.group)
    case .q4_0: qg_packed_q4_0_bytes(columns, k)
    case .q8_0: qg_packed_q8_0_bytes(columns, k)
    case .q4K: qg_packed_q4_k_bytes(columns, k)
    case .q6K: qg_packed_q6_k_bytes(columns, k)
    case .mxfp4: qg_packed_mxfp4_bytes(columns, k)
    case .nf4: qg_packed_nf4_bytes(columns, k)
    }
  }

  /// Draws weights and packs them.
  func pack(
    columns: Int, k: Int, from memory: OperandMemory, into panels: UnsafeMutablePointer<UInt8>
  ) {
    switch self {
    case .int8Groups:
      let groups = (k + BlockProduct.group - 1) / BlockProduct.group
      let scales = memory.floats(columns * groups, in: 0.001...0.01)
      qg_pack_s8g(memory.signedCodes(columns * k), scales, columns, k, BlockProduct.group, panels)
    case .q4_0:
      let blocks = memory.blocks(columns * k / 32) { (block: inout qg_block_q4_0) in
        block.d = Self.scale
      }
      qg_pack_q4_0(blocks, columns, k, panels)
    case .q8_0:
      let blocks = memory.blocks(columns * k / 32) { (block: inout qg_block_q8_0) in
        block.d = Self.scale
      }
      qg_pack_q8_0(blocks, columns, k, panels)
    case .q4K:
      let blocks = memory.blocks(columns * k / 256) { (block: inout qg_block_q4_k) in
        block.d = Self.scale
        block.dmin = Self.scale
      }
      qg_pack_q4_k(blocks, columns, k, panels)
    case .q6K:
      let blocks = memory.blocks(columns * k / 256) { (block: inout qg_block_q6_k) in
        block.d = Self.scale
      }
      qg_pack_q6_k(blocks, columns, k, panels)
    case .mxfp4:
      let blocks = memory.blocks(columns * k / 32) { (block: inout qg_block_mxfp4) in
        block.e = 120
      }
      qg_pack_mxfp4(blocks, columns, k, panels)
    case .nf4:
      let scales = memory.floats(columns * k / 64, in: 0.001...0.01)
      qg_pack_nf4(memory.codes(columns * k / 2), scales, columns, k, panels)
    }
  }

  /// 2⁻⁷ in half precision.
  private static let scale: UInt16 = 0x2000
}

extension OperandMemory {
  /// `count` blocks of drawn bytes in which `fix` then sets what cannot be any number.
  func blocks<Block: BitwiseCopyable>(
    _ count: Int, _ fix: (inout Block) -> Void
  ) -> UnsafePointer<UInt8> {
    let bytes = codes(count * MemoryLayout<Block>.size)
    let start = UnsafeMutableRawPointer(bytes)
    for index in 0..<count {
      let at = index * MemoryLayout<Block>.size
      var block = start.loadUnaligned(fromByteOffset: at, as: Block.self)
      fix(&block)
      start.storeBytes(of: block, toByteOffset: at, as: Block.self)
    }
    return UnsafePointer(bytes)
  }
}

extension Int4Product {
  var family: BenchmarkFamily { .groupProducts }
}
