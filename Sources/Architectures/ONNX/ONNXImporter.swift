package import Checkpoints
import Documents
package import Graphs
import NumberFormats

/// What an ONNX file becomes.
package struct ImportedGraph {
  package let graph: Graph
  package let weights: Weights
  /// Extents of one example's input, as data sets give them.
  package let inputShape: [Int]
  /// Extents of the output as ONNX counts them.
  package let outputShape: [Int]
}

extension ImportedGraph {
  /// Imports a graph.
  ///
  /// - Parameters:
  ///   - source: What the file holds.
  ///   - file: What errors call it.
  ///   - choices: What is chosen beside what it says.
  /// - Throws: `CheckpointError` that names the operator, what was expected and what was found; one that lists
  ///   all operators that are not supported.
  package init(
    _ source: ONNXGraph, file: String, choices: ImportChoices = ImportChoices()
  ) throws(CheckpointError) {
    var importer = ONNXImporter(source, file: file, choices: choices)
    self = try importer.imported()
  }
}

/// What is chosen about an ONNX file beside what it says.
package struct ImportChoices: Hashable, Sendable {
  /// Extents of inputs by name, where the file leaves them open; the first is 1.
  package var shapes: [String: [Int]] = [:]
  /// Inputs that hold one number everywhere, by name, such as an attention mask of ones.
  package var constants: [String: Float] = [:]
  /// The output; `nil` for the first.
  package var output: String?
  /// Whether an input in channels-first order is given as `[rows, columns, channels]`, as data sets have images.
  package var takesImages = true

  package init() {}
}

/// Makes a graph of this engine's operators from one of ONNX.
///
/// The ONNX graph is imported for one example: an open first extent is 1, and the engine repeats the graph for
/// every example of a batch. Values that follow from constants and extents are computed here; images are kept
/// channels last, and turned around only where an operator looks at the order of elements.
struct ONNXImporter {
  let source: ONNXGraph
  let file: String
  let choices: ImportChoices
  var values: [String: ImportedValue] = [:]
  var nodes: [Node] = []
  var shapes: [Shape] = []
  var weights = Weights()
  /// How many operators and outputs read each value.
  private(set) var readers: [String: Int] = [:]
  /// The ONNX values that nodes with a weight compute.
  var products: [Node.ID: String] = [:]
  /// What is known about quantization on the fly.
  var dynamic = DynamicQuantizations()
  /// Elements that may still be computed, or listed, at import.
  private var budget = ConstantEvaluation.mostElements
  private var names: Set<String> = ["input"]
  /// The ONNX operator that is being imported.
  var current: ONNXNode

  init(_ source: ONNXGraph, file: String, choices: ImportChoices = ImportChoices()) {
    self.source = source
    self.file = file
    self.choices = choices
    current = ONNXNode(name: "", operation: "", inputs: [], outputs: [])
    for node in source.nodes {
      for input in node.inputs { readers[input, default: 0] += 1 }
    }
    for output in source.outputs { readers[output.name, default: 0] += 1 }
  }

  /// Imports the graph; as `ImportedGraph.init`.
  mutating func imported() throws(CheckpointError) -> ImportedGraph {
    try checkOperators()
    let inputShape = try bindInputs()
    for (name, tensor) in source.initializers { values[name] = .constant(ImportedConstant(tensor)) }
    for node in source.nodes {
      current = node
      guard let entry = ONNXOperator.named(node.operation, opset: source.opset) else { continue }
      let results = try entry.importer(&self)
      for (name, value) in zip(node.outputs, results) where !name.isEmpty {
        values[name] = value
      }
      if let missing = node.outputs.dropFirst(results.count).first(where: { readers[$0] != nil }) {
        throw failure("no use of its result '\(missing)'", "one")
      }
    }
    return try finished(inputShape)
  }

  /// Lists everything that is not supported at once.
  private func checkOperators() throws(CheckpointError) {
    var unsupported: [String: [String]] = [:]
    for node in source.nodes where ONNXOperator.named(node.operation, opset: source.opset) == nil {
      unsupported[node.operation, default: []].append(node.name)
    }
    guard !unsupported.isEmpty else { return }
    let list = unsupported.keys.sorted().map { operation in
      let nodes = unsupported[operation] ?? []
      let rest = nodes.count > 1 ? " and \(nodes.count - 1) more" : ""
      let isKnown = ONNXOperator.named(operation, opset: 11) != nil
      let version = isKnown ? " of opset \(source.opset)" : ""
      return "\(operation)\(version) ('\(nodes[0])'\(rest))"
    }
    throw .malformed(
      file: file, place: "the graph", expected: "operators that are supported",
      found: list.joined(separator: ", "))
  }

  /// Makes the graph's input of the one ONNX input that nothing else is said about.
  private mutating func bindInputs() throws(CheckpointError) -> [Int] {
    let known = source.inputs.map(\.name)
    for name in choices.shapes.keys.sorted() + choices.constants.keys.sorted()
    where !known.contains(name) {
      let near = NearMiss.find(name, among: known).map { " (did you mean '\($0)'?)" } ?? ""
      throw .malformed(
        file: file, place: "input '\(name)'", expected: "one of \(known)", found: "none" + near)
    }
    let free = source.inputs.filter { choices.constants[$0.name] == nil }
    guard free.count == 1, let input = free.first else {
      throw .malformed(
        file: file, place: "the inputs",
        expected: "one that examples fill, the others given as 'constants'",
        found: free.isEmpty ? "none" : free.map(\.name).joined(separator: ", "))
    }
    for other in source.inputs {
      guard let number = choices.constants[other.name] else { continue }
      let shape = try extents(of: other)
      let count = Shape(shape).elementCount
      guard count <= ConstantEvaluation.mostElements else { throw tooLarge(other.name) }
      values[other.name] = .constant(
        ImportedConstant(
          shape: shape, element: other.element ?? .float32,
          values: Array(repeating: Double(number), count: count)))
    }
    return try bind(input, extents(of: input))
  }

  private mutating func bind(
    _ input: ONNXGraph.Value, _ shape: [Int]
  ) throws(CheckpointError) -> [Int] {
    let isImage = choices.takesImages && takesChannelsFirst(input.name, shape)
    let physical = isImage ? Self.imageShape(of: shape) : Self.exampleShape(of: shape)
    nodes.append(Node(id: 0, name: "input", operation: .input(physical), inputs: []))
    shapes.append(physical)
    values[input.name] = .computed(
      ComputedValue(
        node: 0, shape: shape, layout: isImage ? .channelsLast : .plain,
        element: input.element ?? .float32))
    guard isImage, shape.count == 3 else { return physical.dimensions }
    return [physical.dimensions[0], physical.dimensions[2]]
  }

  /// Whether every reader looks at the input as an image whose channels come first.
  private func takesChannelsFirst(_ name: String, _ shape: [Int]) -> Bool {
    guard (3...4).contains(shape.count), shape[0] == 1 else { return false }
    var name = name
    while true {
      let readers = source.nodes.filter { $0.inputs.first == name }
      guard let first = readers.first else { return false }
      if readers.allSatisfy({ ONNXOperator.readsImages.contains($0.operation) }) { return true }
      // Codes of an input are as the input is.
      guard readers.count == 1, ONNXOperator.keepsOrder.contains(first.operation) else {
        return false
      }
      name = first.outputs.first ?? ""
    }
  }

  private func extents(of input: ONNXGraph.Value) throws(CheckpointError) -> [Int] {
    let shape = try chosenExtents(of: input)
    guard let count = Self.product(shape), count <= Int32.max else {
      throw .malformed(
        file: file, place: "input '\(input.name)'", expected: "at most \(Int32.max) elements",
        found: "\(Shape(shape))")
    }
    return shape
  }

  /// The product of extents; `nil` where it overflows.
  static func product(_ extents: [Int]) -> Int? {
    var count = 1
    for extent in extents {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard !overflows else { return nil }
      count = product
    }
    return count
  }

  private func chosenExtents(of input: ONNXGraph.Value) throws(CheckpointError) -> [Int] {
    let place = "input '\(input.name)'"
    let advice = "'inputs: { \(input.name): [1, …] }' says which"
    guard let stated = input.shape else {
      if let shape = choices.shapes[input.name] { return shape }
      throw .malformed(file: file, place: place, expected: "extents (\(advice))", found: "none")
    }
    if let shape = choices.shapes[input.name] {
      let fits =
        shape.count == stated.count && !shape.isEmpty
        && zip(shape, stated).allSatisfy { $1 == nil || $1 == $0 }
      guard fits else {
        throw .malformed(
          file: file, place: place,
          expected: "\(stated.map { $0.map(String.init) ?? "any" }.joined(separator: "×"))",
          found: "\(Shape(shape))")
      }
      guard shape.allSatisfy({ $0 > 0 }) else {
        throw .malformed(
          file: file, place: place, expected: "extents of at least 1", found: "\(Shape(shape))")
      }
      return shape
    }
    var shape: [Int] = []
    for (axis, extent) in stated.enumerated() {
      guard let known = extent ?? (axis == 0 ? 1 : nil), known > 0 else {
        throw .malformed(
          file: file, place: place, expected: "an extent of axis \(axis) (\(advice))",
          found: extent.map { "\($0)" } ?? "none")
      }
      shape.append(known)
    }
    return shape
  }

  /// The graph without what the output does not need.
  private mutating func finished(_ inputShape: [Int]) throws(CheckpointError) -> ImportedGraph {
    let names = source.outputs.map(\.name)
    guard let name = choices.output ?? names.first, let value = values[name] else {
      throw .malformed(
        file: file, place: "the outputs",
        expected: choices.output.map { "'\($0)'" } ?? "one",
        found: names.joined(separator: ", "))
    }
    current = ONNXNode(name: name, operation: "output", inputs: [], outputs: [])
    var output = try reshaped(node(value), to: Shape([max(1, value.count)]))
    if output == 0 { output = try append(.tensor(.reshape(shapes[0])), [0]) }
    var needed: Set<Node.ID> = [0, output]
    for node in nodes.reversed() where needed.contains(node.id) { needed.formUnion(node.inputs) }
    var moved: [Node.ID: Node.ID] = [:]
    var kept: [Node] = []
    var parameters = Weights()
    for node in nodes where needed.contains(node.id) {
      moved[node.id] = kept.count
      kept.append(
        Node(
          id: kept.count, name: node.name, operation: node.operation,
          inputs: node.inputs.compactMap { moved[$0] }))
      for role in ParameterRole.allCases {
        let parameter = "\(node.name).\(role.rawValue)"
        parameters[parameter] = weights[parameter]
      }
    }
    do {
      return ImportedGraph(
        graph: try Graph(kept), weights: parameters, inputShape: inputShape,
        outputShape: value.shape)
    } catch {
      throw .unsuited(file: file, reason: error)
    }
  }
}

extension ONNXImporter {
  /// Nodes that one file becomes at most.
  private static let mostNodes = 1 << 18

  /// An image's extents in memory.
  static func imageShape(of shape: [Int]) -> Shape {
    Shape([shape[2], shape.count > 3 ? shape[3] : 1, shape[1]])
  }

  /// An example's extents: those of the batch left out.
  private static func exampleShape(of shape: [Int]) -> Shape {
    let rest = shape.first == 1 && shape.count > 1 ? Array(shape.dropFirst()) : shape
    return Shape(rest.isEmpty ? [1] : rest)
  }

  /// An error about the operator that is being imported.
  func failure(_ expected: String, _ found: String) -> CheckpointError {
    .malformed(
      file: file, place: "node '\(current.name)' (\(current.operation))", expected: expected,
      found: found)
  }

  /// Takes elements from what a file may make at import, so that a small one does not make much memory.
  ///
  /// - Returns: Whether so many are left.
  mutating func spend(_ elements: Int) -> Bool {
    guard elements <= budget else { return false }
    budget -= elements
    return true
  }

  private func tooLarge(_ name: String) -> CheckpointError {
    .malformed(
      file: file, place: "value '\(name)'",
      expected: "at most \(ConstantEvaluation.mostElements) constant elements", found: "more")
  }

  /// Appends a node of this graph.
  mutating func append(
    _ operation: Operation, _ inputs: [Node.ID]
  ) throws(CheckpointError) -> Node.ID {
    guard nodes.count < Self.mostNodes else {
      throw failure("a graph of at most \(Self.mostNodes) nodes", "more")
    }
    let name = uniqueName()
    let shape: Shape
    do {
      shape = try operation.resultShape(operands: inputs.map { shapes[$0] }, node: name)
    } catch {
      throw .unsuited(file: file, reason: error)
    }
    nodes.append(Node(id: nodes.count, name: name, operation: operation, inputs: inputs))
    shapes.append(shape)
    return nodes.count - 1
  }

  /// The operator's name, numbered where it becomes several nodes; without what a terminal or a parameter's
  /// name cannot hold.
  private mutating func uniqueName() -> String {
    let cleaned = String(
      current.name.unicodeScalars.prefix(200).map { scalar in
        scalar.value < 33 || scalar.value == 127 ? "_" : Character(scalar)
      })
    let base = cleaned.isEmpty ? current.operation : cleaned
    var name = base
    var number = 1
    while !names.insert(name).inserted {
      number += 1
      name = "\(base)#\(number)"
    }
    return name
  }
}
