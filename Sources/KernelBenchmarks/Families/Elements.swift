import CKernels

/// Kernels over plain runs of elements, small enough to stay in the second-level cache; threads split
/// rows of 1,024 elements.
struct ElementBenchmark: Benchmark {
  /// Which kernel.
  enum Kind: String, Sendable, CaseIterable {
    case softmax = "softmax_f32"
    case quantize = "quantize_u8"
    case dequantize = "dequantize_u8"
    case range = "range_f32"
    case addF32 = "add_f32"
    case addU8 = "add_u8"
    case multiplyF32 = "multiply_f32"
    case multiplyU8 = "multiply_u8"
    case sigmoid = "apply_f32 sigm"
    case tanh = "apply_f32 tanh"
    case hardSwish = "apply_f32 hswish"
    case clampF32 = "clamp_f32"
    case clampU8 = "clamp_u8"
    case encodeF16 = "encode_f16"
    case encodeBF16 = "encode_bf16"
    case decodeF16 = "decode_f16"
    case decodeBF16 = "decode_bf16"

    /// Bytes read and written per element.
    var bytes: Int {
      switch self {
      case .softmax, .sigmoid, .tanh, .hardSwish, .clampF32: 8
      case .encodeF16, .encodeBF16, .decodeF16, .decodeBF16: 6
      case .quantize, .dequantize: 5
      case .range: 4
      case .addF32, .multiplyF32: 12
      case .addU8, .multiplyU8: 3
      case .clampU8: 2
      }
    }

    /// Bytes of the first operand per element.
    var operandBytes: Int {
      switch self {
      case .dequantize, .addU8, .multiplyU8, .clampU8: 1
      case .decodeF16, .decodeBF16: 2
      case .softmax, .quantize, .range, .addF32, .multiplyF32, .sigmoid, .tanh, .hardSwish,
        .clampF32, .encodeF16, .encodeBF16:
        4
      }
    }
  }

  static let width = 1024

  let kind: Kind
  let rowCount: Int
  let bound = Bound.readL2
  let family = BenchmarkFamily.elements

  var name: String { kind.rawValue }
  var shape: String { "\(rowCount)×\(Self.width)" }
  /// One an element; what bounds these kernels is counted in bytes.
  var operations: Int { rowCount * Self.width }
  var bytes: Int { operations * kind.bytes }

  /// Operands of half a second-level cache.
  static func rows(_ caches: CacheSizes) -> [any Benchmark] {
    Kind.allCases.map { kind in
      ElementBenchmark(kind: kind, rowCount: max(8, caches.l2 / 2 / (width * kind.bytes)))
    }
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let kind: Kind
    let units: Int
    let kernels: qg_kernels
    let stream: UnsafeRawBufferPointer
    let values: UnsafeMutablePointer<Float>
    let moreValues: UnsafeMutablePointer<Float>
    let codes: UnsafeMutablePointer<UInt8>
    let moreCodes: UnsafeMutablePointer<UInt8>
    /// Half-precision numbers: what is decoded, or the result.
    let halves: UnsafeMutablePointer<UInt16>
    let floatResults: UnsafeMutablePointer<Float>
    let codeResults: UnsafeMutablePointer<UInt8>
    /// The range that `range_f32` found, one a unit so that threads write apart.
    let ranges: UnsafeMutablePointer<Float>

    init(_ row: ElementBenchmark, _ set: KernelSet) {
      kind = row.kind
      units = row.rowCount
      kernels = set.kernels
      let count = row.rowCount * width
      values = memory.floats(count)
      moreValues = memory.floats(count)
      codes = memory.codes(count)
      moreCodes = memory.codes(count)
      halves = memory.zeros(count)
      set.kernels.encode_f16(values, count, halves)
      floatResults = memory.zeros(count)
      codeResults = memory.zeros(count)
      ranges = memory.zeros(2 * row.rowCount)
      let operand =
        switch kind.operandBytes {
        case 1: UnsafeRawPointer(codes)
        case 2: UnsafeRawPointer(halves)
        default: UnsafeRawPointer(values)
        }
      stream = UnsafeRawBufferPointer(start: operand, count: count * kind.operandBytes)
    }

    func run(_ units: Range<Int>) {
      let start = units.lowerBound * width
      let count = units.count * width
      let affine = qg_affine(scale: 0.01, zero_point: 128)
      switch kind {
      case .softmax:
        kernels.softmax_f32(values + start, units.count, width, floatResults + start)
      case .quantize: kernels.quantize_u8(values + start, count, affine, codeResults + start)
      case .dequantize: kernels.dequantize_u8(codes + start, count, affine, floatResults + start)
      case .range:
        let at = 2 * units.lowerBound
        kernels.range_f32(values + start, count, ranges + at, ranges + at + 1)
      case .addF32:
        kernels.add_f32(
          values + start, moreValues + start, count, .open, floatResults + start)
      case .addU8:
        kernels.add_u8(
          codes + start, affine, moreCodes + start, affine, count, .open,
          qg_affine(scale: 0.02, zero_point: 128), codeResults + start)
      case .multiplyF32:
        kernels.multiply_f32(
          values + start, moreValues + start, count, .open, floatResults + start)
      case .multiplyU8:
        kernels.multiply_u8(
          codes + start, affine, moreCodes + start, affine, count, .open,
          qg_affine(scale: 0.02, zero_point: 128), codeResults + start)
      case .sigmoid: apply(QG_SIGMOID, at: start, count)
      case .tanh: apply(QG_TANH, at: start, count)
      case .hardSwish: apply(QG_HARD_SWISH, at: start, count)
      case .clampF32:
        kernels.clamp_f32(
          values + start, count, qg_bounds(lower: 0, upper: 0.5), floatResults + start)
      case .clampU8: kernels.clamp_u8(codes + start, count, 16, 200, codeResults + start)
      case .encodeF16: kernels.encode_f16(values + start, count, halves + start)
      case .encodeBF16: kernels.encode_bf16(values + start, count, halves + start)
      case .decodeF16: kernels.decode_f16(halves + start, count, floatResults + start)
      case .decodeBF16: kernels.decode_bf16(halves + start, count, floatResults + start)
      }
    }

    private func apply(_ kind: qg_function_kind, at start: Int, _ count: Int) {
      kernels.apply_f32(
        values + start, count, qg_function(kind: kind, alpha: 0), floatResults + start)
    }
  }
}
