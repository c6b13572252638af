/// A dense array of numbers in row-major order: values in memory as fp32, or a source that makes them.
public struct Tensor: Equatable, Sendable {
  private enum Contents: Sendable {
    case values([Float])
    case source(any TensorSource)
  }

  /// Extents, outermost first.
  public let shape: [Int]
  private var contents: Contents

  /// Creates a tensor; `values.count` must be the product of `shape`.
  public init(shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "values do not fill the shape")
    self.shape = shape
    contents = .values(values)
  }

  /// Creates a tensor of `shape` that holds `value` everywhere.
  public init(shape: [Int], repeating value: Float) {
    self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
  }

  /// Creates a tensor whose values stay where they are; the source has as many as the shape.
  public init(shape: [Int], source: any TensorSource) {
    precondition(source.elementCount == shape.reduce(1, *), "the source does not fill the shape")
    self.shape = shape
    contents = .source(source)
  }

  /// Number of elements.
  public var elementCount: Int { shape.reduce(1, *) }

  /// What makes the values, where they are not in memory.
  public var source: (any TensorSource)? {
    if case .source(let source) = contents { source } else { nil }
  }

  /// `shape.reduce(1, *)` values, row-major. Those of a source are read anew at every access.
  public var values: [Float] {
    get {
      switch contents {
      case .values(let values): values
      case .source: read(0..<elementCount)
      }
    }
    set {
      precondition(newValue.count == elementCount, "values do not fill the shape")
      contents = .values(newValue)
    }
    _modify {
      var values = self.values
      contents = .values([])
      defer { contents = .values(values) }
      yield &values
    }
  }

  /// The values of a range of elements, row-major.
  public func read(_ range: Range<Int>) -> [Float] {
    switch contents {
    case .values(let values): Array(values[range])
    case .source(let source):
      [Float](unsafeUninitializedCapacity: range.count) { buffer, count in
        buffer.initialize(repeating: 0)
        var values = buffer.mutableSpan
        source.read(range, into: &values)
        count = range.count
      }
    }
  }

  /// The place and value of the first element that is NaN or infinite.
  public var firstNonFinite: (index: Int, value: Float)? {
    if case .values(let values) = contents {
      return values.firstIndex { !$0.isFinite }.map { ($0, values[$0]) }
    }
    if source?.isKnownFinite == true { return nil }
    let step = 1 << 16
    for start in stride(from: 0, to: elementCount, by: step) {
      let part = read(start..<min(start + step, elementCount))
      if let index = part.firstIndex(where: { !$0.isFinite }) {
        return (start + index, part[index])
      }
    }
    return nil
  }

  /// Whether shapes and values agree, wherever the values are.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape && left.values == right.values
  }
}

/// Named tensors: the trained parameters of a graph, keyed by `ParameterSpecification.name`.
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
