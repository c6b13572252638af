import CKernels

/// Dense convolutions over an image, stride 1 and padding that keeps the size; threads split output rows.
struct ConvolutionBenchmark: Benchmark {
  /// Which kernel.
  enum Kind: String, Sendable, CaseIterable {
    case f32 = "convolution_f32"
    case u8s8 = "convolution_u8s8"
  }

  let kind: Kind
  let window: WindowShape
  let outputs: Int
  let family = BenchmarkFamily.windows

  var name: String { kind.rawValue }
  var shape: String { "\(window.text)→\(outputs)" }
  var bound: Bound { kind == .f32 ? .floatProducts : .byteProducts }
  var operations: Int { 2 * window.taps * window.channels * outputs }

  var bytes: Int {
    let results = window.side * window.side * outputs
    return kind == .f32
      ? 4 * (window.elements + qg_packed_f32_count(outputs, depth) + results)
      : window.elements + packedBytes + results
  }

  /// The length of the sum of an output.
  private var depth: Int { window.kernel * window.kernel * window.channels }

  private var packedBytes: Int {
    var window = window.window(0..<window.side)
    return qg_packed_convolution_s8_bytes(outputs, &window)
  }

  private static let shapes = [
    (WindowShape(side: 32, channels: 3, kernel: 3, padding: 1), 32),
    (WindowShape(side: 28, channels: 32, kernel: 3, padding: 1), 64),
  ]

  static let rows: [any Benchmark] = Kind.allCases.flatMap { kind in
    shapes.map { ConvolutionBenchmark(kind: kind, window: $0.0, outputs: $0.1) }
  }

  func prepare(_ set: KernelSet) -> any PreparedKernel {
    switch kind {
    case .f32: Floats(self, set)
    case .u8s8: Codes(self, set)
    }
  }

  /// `outputs` rounded up to whole panels.
  private var padded: Int { (outputs + Int(QG_PANEL) - 1) / Int(QG_PANEL) * Int(QG_PANEL) }

  private final class Floats: PreparedKernel {
    let memory = OperandMemory()
    let shape: WindowShape
    let kernel: @convention(c) (UnsafePointer<qg_convolution_f32_args>?) -> Void
    let whole: qg_convolution_f32_args
    let stream: UnsafeRawBufferPointer

    init(_ row: ConvolutionBenchmark, _ set: KernelSet) {
      shape = row.window
      kernel = set.kernels.convolution_f32
      let image = memory.floats(shape.elements)
      stream = UnsafeRawBufferPointer(start: image, count: 4 * shape.elements)
      let panels = memory.zeros(qg_packed_f32_count(row.outputs, row.depth), of: Float.self)
      qg_pack_f32(
        memory.floats(row.outputs * row.depth), row.outputs, row.depth, row.depth, 1, panels)
      whole = qg_convolution_f32_args(
        window: shape.window(0..<shape.side), in: image, outputs: row.outputs, panels: panels,
        bias: memory.floats(row.padded),
        out: memory.zeros(shape.side * shape.side * row.outputs), out_stride: row.outputs,
        bounds: .open)
    }

    var units: Int { shape.side }

    func run(_ units: Range<Int>) {
      var part = whole
      part.window = shape.window(units)
      kernel(&part)
    }
  }

  private final class Codes: PreparedKernel {
    let memory = OperandMemory()
    let shape: WindowShape
    let kernel: @convention(c) (UnsafePointer<qg_convolution_u8s8_args>?) -> Void
    let whole: qg_convolution_u8s8_args
    let stream: UnsafeRawBufferPointer

    init(_ row: ConvolutionBenchmark, _ set: KernelSet) {
      shape = row.window
      kernel = set.kernels.convolution_u8s8
      let image = memory.codes(shape.elements)
      stream = UnsafeRawBufferPointer(start: image, count: shape.elements)
      var window = shape.window(0..<shape.side)
      let panels = memory.zeros(row.packedBytes, of: Int8.self)
      let sums = memory.zeros(row.padded, of: Int32.self)
      qg_pack_convolution_s8(
        memory.signedCodes(row.outputs * row.depth), row.outputs, &window, panels, sums)
      whole = qg_convolution_u8s8_args(
        window: window, in: image, in_affine: qg_affine(scale: 0.01, zero_point: 128),
        outputs: row.outputs, panels: panels, weight_sums: sums, weight_zero: nil,
        weight_scale: memory.floats(row.padded, in: 0.001...0.01),
        bias: memory.floats(row.padded),
        output: qg_output(
          f32: nil, u8: memory.zeros(shape.side * shape.side * row.outputs), stride: row.outputs,
          quantize: qg_affine(scale: 0.1, zero_point: 128)), bounds: .open)
    }

    var units: Int { shape.side }

    func run(_ units: Range<Int>) {
      var part = whole
      part.window = shape.window(units)
      kernel(&part)
    }
  }
}
