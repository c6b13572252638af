import CKernels
import Graphs

/// Position of a buffer in the machine's table of addresses.
typealias BufferID = Int

/// One kernel's work over a whole run, in the order of execution.
///
/// Trivial values only: the interpreter copies and switches without touching a reference count.
enum Step: BitwiseCopyable {
  case copy(Elementwise)
  case quantize(Elementwise, qg_affine)
  case dequantize(Elementwise, qg_affine)
  case quantizeDynamic(DynamicQuantization)
  case dequantizeDynamic(DynamicDequantization)
  case linear(Product)
  case convolution(Product, Patches)
  case recur(RecurrentSteps)
  case directConvolution(Product, qg_window)
  case depthwiseFloat(DepthwiseFloat)
  case depthwiseInteger(DepthwiseInteger)
  case addFloat(Elementwise, BufferID, qg_bounds)
  case addCodes(Elementwise, BufferID, qg_affine, qg_affine, qg_bounds, qg_affine)
  case multiplyFloat(Elementwise, Factors, qg_bounds)
  case multiplyCodes(Elementwise, Factors, qg_affine, qg_affine, qg_bounds, qg_affine)
  case apply(Elementwise, qg_function)
  case lookUp(Elementwise, UnsafePointer<UInt8>)
  case clampFloat(Elementwise, qg_bounds)
  case clampCodes(Elementwise, lower: UInt8, upper: UInt8)
  case maximumPoolFloat(Pooling)
  case maximumPoolCodes(Pooling)
  case averagePoolFloat(Pooling)
  case averagePoolCodes(Pooling, from: qg_affine, to: qg_affine)
  case softmax(Elementwise)
  case gelu(Elementwise, qg_gelu_form)
  case silu(Elementwise)
  case siluTimes(Elementwise, BufferID)
  case normalize(VectorNormalization)
  case unitLength(Elementwise)
  case embed(TableLookup)
  case addPositions(Elementwise, UnsafePointer<Float>)
  case turn(Rotation)
  case remember(CacheWrite)
  case attend(AttentionStep)
  case selectTokens(Elementwise, TokenSelection)
  case tensor(TensorStep)
  case route(RoutingStep)
  case group(ExpertGroups)
  case gather(RowGathering)
  case multiplyExperts(ExpertProduct)
  case mix(MixtureStep)
}

/// An operation that treats every element alike.
struct Elementwise: BitwiseCopyable {
  let source: BufferID
  let result: BufferID
  /// Elements per example.
  let count: Int
}

/// The second operand of a product of elements.
struct Factors: BitwiseCopyable {
  let buffer: BufferID
  /// Elements of an example: as many as the first operand has, or one per channel.
  let count: Int
}

/// fp32 operands to uint8 codes with one range per row: an example, or a part of it.
struct DynamicQuantization: BitwiseCopyable {
  let source: BufferID
  let codes: BufferID
  /// One `qg_affine` per row.
  let affines: BufferID
  /// Elements of a row.
  let count: Int
  /// Rows per example.
  let parts: Int
  let isSymmetric: Bool
}

/// uint8 codes of one range per row to fp32.
struct DynamicDequantization: BitwiseCopyable {
  let codes: BufferID
  /// One `qg_affine` per row.
  let affines: BufferID
  let result: BufferID
  /// Elements of a row.
  let count: Int
  /// Rows per example.
  let parts: Int
}

/// Where the affine parameters of a uint8 operand come from.
enum OperandAffine: BitwiseCopyable {
  /// fp32 operands have none.
  case none
  /// The same for every example.
  case fixed(UnsafePointer<qg_affine>)
  /// One per example, or part of one, computed by `DynamicQuantization`.
  case perExample(BufferID)
}

/// How a result is stored.
enum ResultForm: BitwiseCopyable {
  case float
  case codes(qg_affine)

  var elementSize: Int { if case .float = self { 4 } else { 1 } }
}

/// A weight matrix as the kernels read it.
enum PackedMatrix: BitwiseCopyable {
  case float32(UnsafePointer<Float>)
  case bfloat16(UnsafePointer<UInt16>)
  case int8(UnsafePointer<Int8>, Int8Columns)
  case int8Groups(UnsafePointer<UInt8>, Int8Groups)
  case int4(UnsafePointer<UInt8>, group: Int)
  case blocks(UnsafePointer<UInt8>, BlockKernel, panelBytes: Int)

  /// The kernel's name in the kernel table.
  var kernel: String {
    switch self {
    case .float32: "gemm_f32"
    case .bfloat16: "gemm_bf16"
    case .int8: "gemm_u8s8"
    case .int8Groups: "gemm_u8s8g"
    case .int4: "gemm_u8u4"
    case .blocks(_, let kernel, _):
      switch kernel {
      case .q4_0: "gemm_u8_q4_0"
      case .q8_0: "gemm_u8_q8_0"
      case .q4_k: "gemm_u8_q4_k"
      case .q6_k: "gemm_u8_q6_k"
      case .mxfp4: "gemm_u8_mxfp4"
      case .nf4: "gemm_u8_nf4"
      }
    }
  }
}

/// What the grouped int8 kernel needs beside its panels.
struct Int8Groups: BitwiseCopyable {
  /// Elements of a row that share a scale.
  let size: Int
  /// Groups of a row.
  let count: Int
  /// Of 16 outputs.
  let panelBytes: Int
  /// `[panels][count][16]`, or `nil` where all are 0.
  let zeros: UnsafePointer<Int8>?
}

/// What the int8 kernels need per output.
struct Int8Columns: BitwiseCopyable {
  let sums: UnsafePointer<Int32>
  let zeros: UnsafePointer<Int32>?
  let scales: UnsafePointer<Float>
}

/// A matrix product: linear layers directly, convolutions over patches or where the image lies.
struct Product: BitwiseCopyable {
  /// Outputs per slab: four panels, the smallest share of a thread.
  static let slabWidth = 64

  let operand: BufferID
  let affine: OperandAffine
  let result: BufferID
  let form: ResultForm
  /// Outputs.
  let outputs: Int
  /// Summation length.
  let length: Int
  /// Elements between rows of the operand; `nil` for the summation length.
  var operandStride: Int?
  var matrix: PackedMatrix
  let bias: UnsafePointer<Float>?
  let bounds: qg_bounds

  var slabs: Int { (outputs + Self.slabWidth - 1) / Self.slabWidth }
  /// Size of an element of the operand.
  var operandSize: Int {
    switch matrix {
    case .float32, .bfloat16: 4
    case .int8, .int8Groups, .int4, .blocks: 1
    }
  }
}

/// How a convolution turns an image into rows.
struct Patches: BitwiseCopyable {
  let window: qg_window
  /// Whether the window's strides are those of the image in the result.
  let isTransposed: Bool
  /// Rows of patches, or `nil` when pixels are the rows (1 × 1, stride 1, no padding).
  let buffer: BufferID?
  /// Elements between rows.
  let stride: Int
  /// Output rows that `buffer` has room for; the team divides them.
  let capacity: Int
}

/// A depthwise convolution in fp32.
struct DepthwiseFloat: BitwiseCopyable {
  let source: BufferID
  let result: BufferID
  let window: qg_window
  let weights: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?
  let bounds: qg_bounds
}

/// A depthwise convolution of uint8 codes.
struct DepthwiseInteger: BitwiseCopyable {
  let source: BufferID
  let affine: OperandAffine
  let result: BufferID
  let form: ResultForm
  let window: qg_window
  let weights: UnsafePointer<Int8>
  let zeros: UnsafePointer<Int32>?
  let scales: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?
  let bounds: qg_bounds
}

/// A sliding maximum or mean.
struct Pooling: BitwiseCopyable {
  let source: BufferID
  let result: BufferID
  let window: qg_window
}

extension qg_window {
  var inputCount: Int { height * width * channels }
  var outputCount: Int { out_height * out_width * channels }
}
