/// What an ONNX file holds, checked to be a graph: every value has one producer and is there before it is read.
public struct ONNXGraph: Sendable {
  /// A value whose type a file states.
  public struct Value: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// The type of its elements; `nil` where the file says none or one that is not read.
    public let element: ONNXElement?
    /// Extents, outermost first; an extent is `nil` where it has a name or nothing. `nil` where there is no
    /// shape.
    public let shape: [Int?]?

    /// Creates a value.
    public init(name: String, element: ONNXElement?, shape: [Int?]?) {
      self.name = name
      self.element = element
      self.shape = shape
    }
  }

  /// The version of the default operator set.
  public let opset: Int
  /// Operators, every operand before its readers.
  public let nodes: [ONNXNode]
  /// Constants by name.
  public let initializers: [String: ONNXTensor]
  /// Inputs that are not initializers.
  public let inputs: [Value]
  /// Results.
  public let outputs: [Value]

  /// Creates a graph; operands come before their readers.
  package init(
    opset: Int, nodes: [ONNXNode], initializers: [String: ONNXTensor], inputs: [Value],
    outputs: [Value]
  ) {
    self.opset = opset
    self.nodes = nodes
    self.initializers = initializers
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// One operator.
public struct ONNXNode: Sendable {
  /// Its name, or its first result's where the file gives none; unique within the file.
  public let name: String
  /// The operator, such as `Conv`; those of other domains with the domain, `com.microsoft.Gelu`.
  public let operation: String
  /// Operands by name; an empty name stands for one that is left out.
  public let inputs: [String]
  /// Results by name; an empty name stands for one that nobody reads.
  public let outputs: [String]
  /// Settings by name.
  public let attributes: [String: ONNXAttribute]

  /// Creates an operator.
  public init(
    name: String, operation: String, inputs: [String], outputs: [String],
    attributes: [String: ONNXAttribute] = [:]
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }
}

/// A setting of an operator.
public enum ONNXAttribute: Sendable {
  case integer(Int)
  case float(Float)
  case text(String)
  case integers([Int])
  case floats([Float])
  case texts([String])
  case tensor(ONNXTensor)
  /// A type that no supported operator has, such as a graph.
  case other(type: Int)
}
