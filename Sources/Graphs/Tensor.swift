/// A dense fp32 array in row-major order.
public struct Tensor: Equatable, Sendable {
  /// Extents, outermost first.
  public let shape: [Int]
  /// `shape.reduce(1, *)` values, row-major.
  public var values: [Float]

  /// Creates a tensor; `values.count` must be the product of `shape`.
  public init(shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "values do not fill the shape")
    self.shape = shape
    self.values = values
  }

  /// Creates a tensor of `shape` that holds `value` everywhere.
  public init(shape: [Int], repeating value: Float) {
    self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
  }
}

/// Named fp32 tensors: the trained parameters of a graph, keyed by `ParameterSpecification.name`.
public struct Weights: Equatable, Sendable {
  /// Tensors by parameter name, for example `block1.conv.weight`.
  public var tensors: [String: Tensor]

  /// Creates a set of named tensors.
  public init(_ tensors: [String: Tensor] = [:]) {
    self.tensors = tensors
  }

  /// The tensor called `name`, or `nil`.
  public subscript(_ name: String) -> Tensor? {
    get { tensors[name] }
    set { tensors[name] = newValue }
  }
}
