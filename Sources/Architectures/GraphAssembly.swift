import Documents
import Graphs

/// Turns `layers:` into a graph and reports what does not fit, each at its own place.
struct GraphAssembly {
  /// Integer kernels sum at most so many products, so that an int32 never overflows.
  static let longestSum = 65_535

  private let fields: Fields
  private var ids = ["input": 0]
  private var nodes: [Node]
  private var places: [Place]
  private var read: Set<Node.ID> = []
  private var isComplete = true

  init(input: [Int], _ fields: Fields) {
    self.fields = fields
    nodes = [Node(id: 0, name: "input", operation: .input(Shape(input)), inputs: [])]
    places = [fields.place(of: "input")]
  }

  /// The graph, or `nil` after an issue was reported.
  mutating func assemble(_ layers: [Layer]) -> Graph? {
    for layer in layers { append(layer) }
    guard isComplete else { return nil }
    let graph: Graph
    do {
      graph = try Graph(nodes)
    } catch {
      let culprit = nodes.firstIndex { $0.name == error.node }
      fields.report(error.description, at: culprit.map { places[$0] } ?? fields.place(of: "layers"))
      return nil
    }
    checkUse()
    checkSums(of: graph)
    checkOutput(of: graph)
    return graph
  }

  private mutating func append(_ layer: Layer) {
    guard ids[layer.name.value] == nil else {
      isComplete = false
      return fields.report(
        "'\(layer.name.value)' is the name of an earlier layer", at: layer.name.place)
    }
    var inputs = layer.operands.isEmpty ? [nodes.count - 1] : []
    for operand in layer.operands {
      if let id = ids[operand.value] {
        inputs.append(id)
      } else {
        isComplete = false
        fields.report(
          "no earlier layer '\(operand.value)'", at: operand.place,
          suggestion: NearMiss.find(operand.value, among: ids.keys.sorted()))
      }
    }
    read.formUnion(inputs)
    if let preparation = layer.preparation {
      let id = nodes.count
      nodes.append(
        Node(id: id, name: layer.name.value + ".input", operation: preparation, inputs: inputs))
      places.append(layer.name.place)
      read.insert(id)
      inputs = [id]
    }
    let id = nodes.count
    ids[layer.name.value] = id
    nodes.append(Node(id: id, name: layer.name.value, operation: layer.operation, inputs: inputs))
    places.append(layer.name.place)
  }

  private func checkUse() {
    for node in nodes.dropLast() where !read.contains(node.id) {
      fields.report("no layer reads the result of '\(node.name)'", at: places[node.id])
    }
  }

  private func checkSums(of graph: Graph) {
    for node in nodes where node.operation.hasWeight {
      let length = graph.summationLength(of: node)
      if length > Self.longestSum {
        fields.report(
          "expected sums of at most \(Self.longestSum) products, found \(length)",
          at: places[node.id])
      }
    }
  }

  private func checkOutput(of graph: Graph) {
    let last = nodes[graph.output]
    let isScore =
      switch last.operation {
      case .linear, .softmax, .globalAveragePooling, .flatten, .recurrence: true
      default: false
      }
    guard isScore, graph.outputShape.rank == 1, graph.outputShape.elementCount > 1 else {
      return fields.report(
        "expected the last layer to give logits or a softmax of at least two classes, "
          + "found \(last.operation.name) of shape \(graph.outputShape)", at: places[graph.output])
    }
  }
}
