import CKernels

/// Kernels of sequence models over rows of 1,024 elements, small enough to stay in the second-level cache;
/// threads split rows.
struct SequenceBenchmark: Benchmark {
  /// Which kernel, in which form.
  enum Kind: String, Sendable, CaseIterable {
    case rmsNorm = "rms_norm_f32"
    case layerNorm = "layer_norm_f32"
    case rope = "rope_f32"
    case geluErf = "gelu_f32 erf"
    case geluTanh = "gelu_f32 tanh"
    case silu = "silu_f32"
    case siluTimes = "silu_times_f32"
    case embeddingF16 = "embedding f16"
    case embeddingInt8 = "embedding int8"
    case quantizeRows = "quantize_rows_u8"
    case lstmCell = "lstm_cell_f32"
    case gruCell = "gru_cell_f32"

    /// Bytes read and written per element, what rows share left out.
    var bytes: Int {
      switch self {
      case .rmsNorm, .layerNorm, .rope, .geluErf, .geluTanh, .silu: 8
      case .siluTimes: 12
      case .embeddingF16: 6
      case .embeddingInt8, .quantizeRows: 5
      // Of a quarter of the row's width: both products of every gate, and the state.
      case .lstmCell: 11
      case .gruCell: 8
      }
    }
  }

  static let width = 1024
  /// Elements of one of a row's heads.
  static let head = 128

  let kind: Kind
  let rowCount: Int
  let bound = Bound.readL2
  let family = BenchmarkFamily.sequences

  var name: String { kind.rawValue }
  var shape: String { "\(rowCount)×\(Self.width)" }
  /// One an element; what bounds these kernels is counted in bytes.
  var operations: Int { rowCount * Self.width }
  var bytes: Int { operations * kind.bytes }

  /// Operands of half a second-level cache.
  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    Kind.allCases.map { kind in
      SequenceBenchmark(kind: kind, rowCount: max(8, caches.l2 / 2 / (width * kind.bytes)))
    }
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let kind: Kind
    let units: Int
    let kernels: qg_kernels
    let values: UnsafeMutablePointer<Float>
    let moreValues: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>
    let biases: UnsafeMutablePointer<Float>
    let results: UnsafeMutablePointer<Float>
    /// What LSTM cells hold.
    let cells: UnsafeMutablePointer<Float>
    let codes: UnsafeMutablePointer<UInt8>
    let affines: UnsafeMutablePointer<qg_affine>
    /// Every row's place in a sequence, or its token.
    let places: UnsafeMutablePointer<Int32>
    let cosines: UnsafeMutablePointer<Float>
    let sines: UnsafeMutablePointer<Float>
    /// The embedding's rows.
    let table: UnsafeMutableRawPointer
    let stream: UnsafeRawBufferPointer

    init(_ row: SequenceBenchmark, _ set: KernelSet) {
      kind = row.kind
      units = row.rowCount
      kernels = set.kernels
      let count = row.rowCount * width
      values = memory.floats(count)
      moreValues = memory.floats(count)
      weights = memory.floats(width)
      biases = memory.floats(width)
      results = memory.zeros(count)
      cells = memory.zeros(count / 4)
      codes = memory.zeros(count)
      affines = memory.zeros(row.rowCount)
      places = memory.zeros(row.rowCount)
      for index in 0..<row.rowCount { places[index] = Int32(row.rowCount - 1 - index) }
      cosines = memory.zeros(row.rowCount * head / 2)
      sines = memory.zeros(row.rowCount * head / 2)
      var angles = qg_rope_table_args(
        first: 0, rows: row.rowCount, rotary: head, base: 10_000, position_scale: 1,
        frequency_divisors: nil, magnitude: 1)
      qg_rope_tables(&angles, cosines, sines)
      switch kind {
      case .embeddingF16:
        let halves = memory.zeros(count, of: UInt16.self)
        set.kernels.encode_f16(values, count, halves)
        table = UnsafeMutableRawPointer(halves)
        stream = UnsafeRawBufferPointer(start: table, count: 2 * count)
      case .embeddingInt8:
        table = UnsafeMutableRawPointer(memory.signedCodes(count))
        stream = UnsafeRawBufferPointer(start: table, count: count)
      default:
        table = UnsafeMutableRawPointer(values)
        stream = UnsafeRawBufferPointer(start: table, count: 4 * count)
      }
    }

    func run(_ units: Range<Int>) {
      let start = units.lowerBound * width
      let count = units.count * width
      switch kind {
      case .rmsNorm, .layerNorm: normalize(units)
      case .rope: rotate(units)
      case .geluErf: kernels.gelu_f32(values + start, count, QG_GELU_ERF, results + start)
      case .geluTanh: kernels.gelu_f32(values + start, count, QG_GELU_TANH, results + start)
      case .silu: kernels.silu_f32(values + start, count, results + start)
      case .siluTimes:
        kernels.silu_times_f32(values + start, moreValues + start, count, results + start)
      case .embeddingF16: look(up: units, QG_F16)
      case .embeddingInt8: look(up: units, QG_S8)
      case .quantizeRows:
        var part = qg_quantize_rows_args(
          rows: units.count, count: width, x: values + start, x_stride: width, symmetric: 0,
          affines: affines + units.lowerBound, codes: codes + start, codes_stride: width)
        kernels.quantize_rows_u8(&part)
      case .lstmCell, .gruCell: step(units)
      }
    }

    private func normalize(_ units: Range<Int>) {
      let start = units.lowerBound * width
      let isLayer = kind == .layerNorm
      var part = qg_norm_args(
        rows: units.count, count: width, x: values + start, x_stride: width, epsilon: 1e-5,
        weight: weights, bias: isLayer ? biases : nil, out: results + start, out_stride: width)
      isLayer ? kernels.layer_norm_f32(&part) : kernels.rms_norm_f32(&part)
    }

    private func step(_ units: Range<Int>) {
      let hidden = width / 4
      let gates = kind == .lstmCell ? 4 : 3
      var part = qg_cell_args(
        rows: units.count, hidden: hidden, x: values + units.lowerBound * width, x_stride: width,
        g: moreValues + units.lowerBound * gates * hidden, c: cells + units.lowerBound * hidden,
        h: results + units.lowerBound * hidden)
      kind == .lstmCell ? kernels.lstm_cell_f32(&part) : kernels.gru_cell_f32(&part)
    }

    private func rotate(_ units: Range<Int>) {
      let start = units.lowerBound * width
      var part = qg_rope_args(
        tokens: units.count, heads: width / head, head_dim: head, rotary: head,
        pairing: QG_ROPE_HALVES, positions: places + units.lowerBound, table_rows: self.units,
        cosines: cosines, sines: sines, x: values + start, x_stride: width, out: results + start,
        out_stride: width)
      kernels.rope_f32(&part)
    }

    private func look(up units: Range<Int>, _ storage: qg_storage) {
      var part = qg_embedding_args(
        storage: storage, table: table, rows: self.units, columns: width, row_scale: moreValues,
        ids: places + units.lowerBound, count: units.count, out: results + units.lowerBound * width,
        out_stride: width)
      kernels.embedding(&part)
    }
  }
}
