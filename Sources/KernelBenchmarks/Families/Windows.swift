import CKernels

/// The window and the image of a row, stride 1.
struct WindowShape: Sendable {
  let side: Int
  let channels: Int
  let kernel: Int
  let padding: Int

  var text: String { "\(kernel)×\(kernel) \(side)×\(side)×\(channels)" }
  /// Elements of input and of output: stride 1 and padding keep the size.
  var elements: Int { side * side * channels }

  /// Taps that lie inside the image, over all positions of one channel.
  var taps: Int {
    let perAxis = (0..<side).reduce(0) { sum, place in
      sum + (0..<kernel).count { (0..<side).contains(place - padding + $0) }
    }
    return perAxis * perAxis
  }

  /// Output rows `rows`.
  func window(_ rows: Range<Int>) -> qg_window {
    qg_window(
      height: side, width: side, channels: channels, kernel_height: kernel, kernel_width: kernel,
      stride_height: 1, stride_width: 1, padding_top: padding, padding_left: padding,
      dilation_height: 1, dilation_width: 1, out_height: side, out_width: side,
      row_begin: rows.lowerBound, row_end: rows.upperBound)
  }

  static let mobile = WindowShape(side: 112, channels: 32, kernel: 3, padding: 1)
  static let pooled = WindowShape(side: 56, channels: 64, kernel: 3, padding: 1)
  static let copied = WindowShape(side: 28, channels: 32, kernel: 3, padding: 1)
}

/// Kernels that slide a window over an image; threads split output rows.
struct WindowBenchmark: Benchmark {
  /// Which kernel.
  enum Kind: String, Sendable, CaseIterable {
    case depthwiseF32 = "depthwise_f32"
    case depthwiseU8S8 = "depthwise_u8s8"
    case maxPoolF32 = "max_pool_f32"
    case maxPoolU8 = "max_pool_u8"
    case averagePoolF32 = "average_pool_f32"
    case averagePoolU8 = "average_pool_u8"
    case patchesF32 = "patches_f32"
    case patchesU8 = "patches_u8"

    var isFloat: Bool {
      switch self {
      case .depthwiseF32, .maxPoolF32, .averagePoolF32, .patchesF32: true
      case .depthwiseU8S8, .maxPoolU8, .averagePoolU8, .patchesU8: false
      }
    }

    /// Whether every tap is copied.
    var copies: Bool { self == .patchesF32 || self == .patchesU8 }
  }

  let kind: Kind
  let window: WindowShape
  let bound: Bound
  let family = BenchmarkFamily.windows

  var name: String { kind.rawValue }
  var shape: String { window.text }

  var operations: Int {
    let taps = window.taps * window.channels
    return switch kind {
    case .depthwiseF32, .depthwiseU8S8: 2 * taps
    case .maxPoolF32, .maxPoolU8, .averagePoolF32, .averagePoolU8: taps
    case .patchesF32, .patchesU8: results
    }
  }

  var bytes: Int { (window.elements + results) * (kind.isFloat ? 4 : 1) }

  /// Elements of the result.
  private var results: Int {
    kind.copies ? window.elements * window.kernel * window.kernel : window.elements
  }

  static let rows: [any Benchmark] = [
    WindowBenchmark(kind: .depthwiseF32, window: .mobile, bound: .floatProducts),
    WindowBenchmark(kind: .depthwiseU8S8, window: .mobile, bound: .byteProducts),
    WindowBenchmark(kind: .maxPoolF32, window: .pooled, bound: .readL2),
    WindowBenchmark(kind: .maxPoolU8, window: .pooled, bound: .readL2),
    WindowBenchmark(kind: .averagePoolF32, window: .pooled, bound: .readL2),
    WindowBenchmark(kind: .averagePoolU8, window: .pooled, bound: .readL2),
    WindowBenchmark(kind: .patchesF32, window: .copied, bound: .readL2),
    WindowBenchmark(kind: .patchesU8, window: .copied, bound: .readL2),
  ]

  func prepare(_ set: KernelSet) -> any PreparedKernel { Prepared(self, set) }

  private final class Prepared: PreparedKernel {
    let memory = OperandMemory()
    let kind: Kind
    let shape: WindowShape
    let kernels: qg_kernels
    let stream: UnsafeRawBufferPointer
    let floats: qg_depthwise_f32_args
    let codes: qg_depthwise_u8s8_args

    init(_ row: WindowBenchmark, _ set: KernelSet) {
      kind = row.kind
      shape = row.window
      kernels = set.kernels
      let weights = shape.kernel * shape.kernel * shape.channels
      let isFloat = kind.isFloat
      let values = memory.floats(isFloat ? shape.elements : 1)
      let bytes = memory.codes(isFloat ? 1 : shape.elements)
      let window = shape.window(0..<shape.side)
      floats = qg_depthwise_f32_args(
        window: window, in: values, weights: memory.floats(weights),
        bias: memory.floats(shape.channels), out: memory.zeros(isFloat ? row.results : 1),
        bounds: .open)
      codes = qg_depthwise_u8s8_args(
        window: window, in: bytes, in_affine: qg_affine(scale: 0.01, zero_point: 128),
        weights: memory.signedCodes(weights), weight_zero: nil,
        weight_scale: memory.floats(shape.channels, in: 0.001...0.01),
        bias: memory.floats(shape.channels),
        output: qg_output(
          f32: nil, u8: memory.zeros(isFloat ? 1 : row.results), stride: 0,
          quantize: qg_affine(scale: 0.1, zero_point: 128)), bounds: .open)
      stream =
        isFloat
        ? UnsafeRawBufferPointer(start: values, count: 4 * shape.elements)
        : UnsafeRawBufferPointer(start: bytes, count: shape.elements)
    }

    var units: Int { shape.side }

    func run(_ units: Range<Int>) {
      var window = shape.window(units)
      switch kind {
      case .depthwiseF32:
        var part = floats
        part.window = window
        kernels.depthwise_f32(&part)
      case .depthwiseU8S8:
        var part = codes
        part.window = window
        kernels.depthwise_u8s8(&part)
      case .maxPoolF32: kernels.max_pool_f32(&window, floats.in, floats.out)
      case .averagePoolF32: kernels.average_pool_f32(&window, floats.in, floats.out)
      case .maxPoolU8:
        kernels.max_pool_u8(&window, codes.in, codes.output.u8)
      case .averagePoolU8:
        kernels.average_pool_u8(
          &window, codes.in, codes.in_affine, codes.output.quantize, codes.output.u8)
      case .patchesF32:
        var part = patches(of: window, from: floats.in, to: floats.out)
        kernels.patches_f32(&part)
      case .patchesU8:
        var part = patches(of: window, from: codes.in, to: codes.output.u8)
        kernels.patches_u8(&part)
      }
    }

    private func patches(
      of window: qg_window, from image: UnsafeRawPointer, to result: UnsafeMutableRawPointer
    ) -> qg_patches_args {
      qg_patches_args(
        window: window, in: image, out: result,
        out_stride: shape.kernel * shape.kernel * shape.channels, fill: 128,
        transposed: 0)
    }
  }
}
