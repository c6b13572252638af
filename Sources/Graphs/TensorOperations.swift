/// An operation over tensors of any rank, in fp32: what imported graphs need beyond the layers of the
/// families. Whole numbers and truth values are numbers too; true is 1.
///
/// Axes count from the outermost extent, 0 first.
public enum TensorOperation: Hashable, Sendable {
  /// The operand's elements, in their order, under other extents.
  case reshape(Shape)
  /// The elements of the operand that a walk visits.
  case view(View)
  /// Slices of the operand along one axis, chosen one by one.
  case take(Selection)
  /// The first operand followed by the second along an axis.
  case concatenation(axis: Int)
  /// A parameter as a value, the same for every example; no operands.
  case constant(Shape)
  /// A function of every element.
  case map(Mapping)
  /// A function of two elements; an extent of 1 is repeated, missing outer extents are too.
  case arithmetic(Arithmetic)
  /// Elements of the second operand where the first is not 0, of the third elsewhere; extents as in
  /// `arithmetic`.
  case choice
  /// One number for all elements along some axes, whose extents become 1.
  case reduction(Reduction, axes: [Int])
  /// `y[…, m, n] = Σ_k a[…, m, k] · b[…, k, n]`, one chain of fused multiply-adds in ascending order of k; outer
  /// extents as in `arithmetic`.
  case matrixProduct
  /// Rows of a table `[rows, features]`, a parameter, that the operand's elements name; the result has one
  /// more extent. A number that names no row gives NaN.
  case rows(count: Int, features: Int)
  /// `exp(x − max) / Σ exp(x − max)` along the last axis.
  case softmax
  /// Elements of the first operand at the places that the second holds, counted through the operand in its
  /// order; the extents are the second's. A number that names no place gives NaN.
  case gather
  /// The first operand, its elements at the second's places changed by those of the third in ascending order;
  /// a number that names no place makes every element NaN.
  case scatter(Scattering)
  /// Places along the last axis of the `count` largest elements, or of the smallest, in that order; of equal
  /// ones the first comes first, and NaN is larger than every number.
  case topK(count: Int, isAscending: Bool)
}

/// What an element becomes at a place that something is written to.
public enum Scattering: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
  case replace, add, multiply, minimum, maximum
}

/// A walk over a tensor's elements: transposition, slices with steps, repetition.
public struct View: Hashable, Sendable {
  /// Extents of the result.
  public let shape: Shape
  /// Elements of the operand between neighbours along each axis of the result; 0 repeats, negative walks
  /// backwards.
  public let strides: [Int]
  /// The operand's element at the result's origin.
  public let offset: Int

  /// Creates a walk; one stride per extent.
  public init(shape: Shape, strides: [Int], offset: Int = 0) {
    precondition(strides.count == shape.rank, "one stride per extent")
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  /// Axes in another order: axis d of the result is axis `order[d]` of an operand of the given extents.
  public init(of operand: Shape, order: [Int]) {
    let strides = operand.strides
    self.init(
      shape: Shape(order.map { operand.dimensions[$0] }), strides: order.map { strides[$0] })
  }

  /// The smallest and the largest element that the walk visits; `nil` where they overflow.
  var bounds: ClosedRange<Int>? {
    var (low, high) = (offset, offset)
    for (extent, stride) in zip(shape.dimensions, strides) {
      let (reach, overflows) = (extent - 1).multipliedReportingOverflow(by: stride)
      guard !overflows else { return nil }
      let (sum, leaves) = (reach < 0 ? low : high).addingReportingOverflow(reach)
      guard !leaves else { return nil }
      if reach < 0 { low = sum } else { high = sum }
    }
    return low...high
  }
}

extension View {
  /// A walk that repeats extents of 1, and missing outer ones, of an operand.
  public init(repeating operand: Shape, to shape: Shape) {
    let strides = operand.strides
    let missing = shape.rank - operand.rank
    self.init(
      shape: shape,
      strides: shape.dimensions.indices.map { axis in
        axis < missing || operand.dimensions[axis - missing] == 1 ? 0 : strides[axis - missing]
      })
  }
}

/// Slices of a tensor along one axis.
public struct Selection: Hashable, Sendable {
  /// The axis.
  public let axis: Int
  /// Which slices, in the order of the result; −1 stands for one full of `filling`.
  public let indices: [Int]
  /// What an absent slice holds.
  public let filling: Float

  /// Creates a selection.
  public init(axis: Int, indices: [Int], filling: Float = 0) {
    self.axis = axis
    self.indices = indices
    self.filling = filling
  }
}

/// A function of one element, beside `ElementFunction`.
public enum Mapping: Hashable, Sendable, BitwiseCopyable {
  case exponential, logarithm, squareRoot, reciprocal, errorFunction, sine, cosine
  case negative, absolute, sign
  case floor, ceiling
  /// To the nearest whole number, ties to the even one.
  case round
  /// Towards 0.
  case truncation
  /// ln(1 + exp(x)).
  case softplus
  case isNaN, isInfinite
  /// 1 where the element is 0, else 0.
  case not
  /// The nearest number of IEEE 754 binary16, ties to even.
  case float16
  /// The nearest number of bfloat16, ties to even.
  case bfloat16
  /// min(max(x, low), high).
  case clamp(low: Float, high: Float)
  /// x · factor + offset, rounded once.
  case affine(factor: Float, offset: Float)
}

/// A function of two elements.
public enum Arithmetic: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
  case add, subtract, multiply, divide, power, minimum, maximum
  /// The remainder with the sign of the divisor.
  case modulo
  /// The remainder with the sign of the dividend.
  case remainder
  case equal, less, lessOrEqual, greater, greaterOrEqual
  case and, or, exclusiveOr
}

/// One number for many.
public enum Reduction: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
  /// One chain of additions in ascending order.
  case sum
  /// `sum` divided by the number of elements.
  case mean
  /// One chain of fused multiply-adds in ascending order.
  case sumOfSquares
  /// One chain of products in ascending order.
  case product
  case maximum, minimum
  /// The place of the first largest, or smallest, element; along one axis.
  case firstMaximum, firstMinimum
}

extension Shape {
  /// Elements between neighbours along each axis.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// The extents of a function of elements of both; `nil` where they do not suit.
  public func broadcast(with other: Shape) -> Shape? {
    let count = max(rank, other.rank)
    let left = Array(repeating: 1, count: count - rank) + dimensions
    let right = Array(repeating: 1, count: count - other.rank) + other.dimensions
    var result: [Int] = []
    for (first, second) in zip(left, right) {
      guard first == second || first == 1 || second == 1 else { return nil }
      result.append(first == 1 ? second : first)
    }
    return Shape(result)
  }
}

extension TensorOperation {
  /// The operation's name in descriptions and error messages.
  public var name: String {
    switch self {
    case .reshape: "reshape"
    case .view: "view"
    case .take: "take"
    case .concatenation: "concatenation"
    case .constant: "constant"
    case .map(let mapping): mapping.name
    case .arithmetic(let arithmetic): arithmetic.rawValue
    case .choice: "choice"
    case .reduction(let reduction, _): reduction.rawValue
    case .matrixProduct: "matrix product"
    case .rows: "rows"
    case .softmax: "softmax"
    case .gather: "gather"
    case .scatter: "scatter"
    case .topK: "top k"
    }
  }

  /// Number of operands.
  public var operandCount: Int {
    switch self {
    case .constant: 0
    case .reshape, .view, .take, .map, .reduction, .rows, .softmax, .topK: 1
    case .concatenation, .arithmetic, .matrixProduct, .gather: 2
    case .choice, .scatter: 3
    }
  }
}

extension Mapping {
  /// The function's name.
  public var name: String {
    switch self {
    case .clamp: "clamp"
    case .affine: "affine"
    default: "\(self)"
    }
  }
}

extension Float {
  /// The nearest number of bfloat16, ties to even; what is no number stays none.
  package var roundedToBFloat16: Float {
    if !isFinite { return self }
    let bits = bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }
}
