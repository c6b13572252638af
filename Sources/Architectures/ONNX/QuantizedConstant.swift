import Checkpoints
import Graphs
import NumberFormats

/// A weight that an ONNX file stores as codes with scales: what `DequantizeLinear` makes of constants.
struct QuantizedConstant {
  /// Which elements share a scale.
  enum Sharing: Hashable {
    /// All.
    case tensor
    /// Those at one place of an axis.
    case axis(Int)
    /// So many neighbours along an axis.
    case blocks(axis: Int, size: Int)
  }

  let codes: ImportedConstant
  let sharing: Sharing
  /// In the order of axes of the codes.
  let scales: ImportedConstant
  /// As many as scales; `nil` where all are 0.
  let zeroPoints: ImportedConstant?

  /// `(code − zero point) · scale`.
  var dequantized: [Float] {
    let codes = codes.values
    let scales = scales.floats
    let zeros = zeroPoints?.values
    return codes.indices.map { index in
      let shared = parameter(of: index)
      return Float(codes[index] - (zeros?[shared] ?? 0)) * scales[shared]
    }
  }

  /// The place in `scales` of the one of an element.
  private func parameter(of index: Int) -> Int {
    switch sharing {
    case .tensor: return 0
    case .axis(let axis):
      let inner = codes.shape[(axis + 1)...].reduce(1, *)
      return index / inner % codes.shape[axis]
    case .blocks(let axis, let size):
      let inner = codes.shape[(axis + 1)...].reduce(1, *)
      let (row, column) = index.quotientAndRemainder(dividingBy: inner)
      let (outer, place) = row.quotientAndRemainder(dividingBy: codes.shape[axis])
      return (outer * scales.shape[axis] + place / size) * inner + column
    }
  }

  /// The weight under other extents; `nil` where scales would not follow.
  func reshaped(_ shape: [Int]) -> QuantizedConstant? {
    guard sharing == .tensor || sharing == .axis(0) && shape.first == codes.shape.first else {
      return nil
    }
    return QuantizedConstant(
      codes: codes.reshaped(shape), sharing: sharing, scales: scales, zeroPoints: zeroPoints)
  }

  /// A run of slices along the first axis; `nil` where scales would not follow.
  func sliced(_ range: Range<Int>) -> QuantizedConstant? {
    switch sharing {
    case .tensor:
      return QuantizedConstant(
        codes: codes.sliced(range), sharing: sharing, scales: scales, zeroPoints: zeroPoints)
    case .axis(0):
      return QuantizedConstant(
        codes: codes.sliced(range), sharing: sharing, scales: scales.sliced(range),
        zeroPoints: zeroPoints?.sliced(range))
    default: return nil
    }
  }

  func permuted(_ order: [Int]) -> QuantizedConstant {
    func moved(_ axis: Int) -> Int { order.firstIndex(of: axis) ?? axis }
    switch sharing {
    case .tensor:
      return QuantizedConstant(
        codes: codes.permuted(order), sharing: .tensor, scales: scales, zeroPoints: zeroPoints)
    case .axis(let axis):
      return QuantizedConstant(
        codes: codes.permuted(order), sharing: .axis(moved(axis)), scales: scales,
        zeroPoints: zeroPoints)
    case .blocks(let axis, let size):
      return QuantizedConstant(
        codes: codes.permuted(order), sharing: .blocks(axis: moved(axis), size: size),
        scales: scales.permuted(order), zeroPoints: zeroPoints?.permuted(order))
    }
  }

  /// The matrix `[rows, columns]` of a weight whose first axis counts outputs; `nil` where kernels have none:
  /// codes of more than 8 bits, or scales along another axis.
  var matrix: QuantizedMatrix? {
    guard let rows = codes.shape.first, rows > 0, let bits = codes.element.weightBits,
      scales.floats.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return nil }
    let columns = codes.count / rows
    let granularity: Granularity
    switch sharing {
    case .tensor: granularity = .tensor
    case .axis(0): granularity = .channel
    case .blocks(1, let size) where codes.shape.count == 2:
      granularity = .group(size)
    default: return nil
    }
    // Unsigned codes are moved to the signed range together with their zero points.
    let shift = codes.element.isUnsigned ? 1 << (bits - 1) : 0
    let zeros = zeroPoints?.integers ?? Array(repeating: 0, count: scales.count)
    return QuantizedMatrix(
      rows: rows, columns: columns, bits: bits, granularity: granularity,
      codes: codes.integers.map { Int8(truncatingIfNeeded: $0 - shift) },
      parameters: zip(scales.floats, zeros).map {
        AffineParameters(scale: $0, zeroPoint: Int32(truncatingIfNeeded: $1 - shift))
      })
  }
}

extension ONNXElement {
  /// Bits of a code that weights can have.
  fileprivate var weightBits: Int? {
    switch self {
    case .int8, .uint8: 8
    case .int4, .uint4: 4
    default: nil
    }
  }

  /// Whether no number is negative.
  var isUnsigned: Bool {
    switch self {
    case .uint4, .uint8, .uint16, .uint32, .uint64, .bool: true
    default: false
    }
  }
}

/// The numbers that a stored integer weight stands for, and the weight itself.
struct QuantizedWeight: TensorSource {
  /// What is stored.
  let matrix: QuantizedMatrix
  /// Whether values are read tap by tap, `[taps, channels]`, as a depthwise filter has them.
  let isDepthwise: Bool
  /// How the operand is quantized on the fly, where the file says that it is.
  let dynamic: DynamicRange?

  var elementCount: Int { matrix.rows * matrix.columns }
  var integers: StoredIntegers? { StoredIntegers(weight: matrix, dynamic: dynamic) }

  func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
    var place = 0
    for index in range {
      let (row, column) =
        isDepthwise
        ? (index % matrix.rows, index / matrix.rows)
        : (index / matrix.columns, index % matrix.columns)
      let affine = matrix.parameters[matrix.parameterIndex(row: row, column: column)]
      let code = Int32(matrix.codes[row * matrix.columns + column])
      values[place] = Float(code - affine.zeroPoint) * affine.scale
      place += 1
    }
  }
}
