import Graphs
import NumberFormats
import TestSupport

/// A routed feed-forward block over independent rows.
struct ExpertModel {
  /// How experts' weights are stored.
  enum Weights: String, CaseIterable {
    case float, int8, int8Groups, int6Asymmetric, int4, q4_0, nf4, bf16, reference, rounded
  }

  var experts = 5
  var chosen = 2
  var width = 64
  var hidden = 128
  var isNormalized = true
  var hasShared = false
  var seed: UInt64 = 1

  var routing: Operation {
    .routing(Routing(experts: experts, chosen: chosen, isNormalized: isNormalized))
  }

  func layer(_ outFeatures: Int, _ operand: ExpertLayer.Operand) -> Operation {
    .experts(
      ExpertLayer(experts: experts, chosen: chosen, outFeatures: outFeatures, operand: operand))
  }

  /// The nodes up to one name, or all.
  func nodes(to last: String? = nil) -> [Node] {
    var nodes: [Node] = []
    func add(_ name: String, _ operation: Operation, _ inputs: String...) {
      if let last, nodes.last?.name == last { return }
      nodes.append(
        Node(
          id: nodes.count, name: name, operation: operation,
          inputs: inputs.map { input in nodes.firstIndex { $0.name == input } ?? -1 }))
    }
    add("input", .input(Shape([width])))
    add("router", .linear(outFeatures: experts, hasBias: false), "input")
    add("routing", routing, "router")
    add("gate", layer(hidden, .shared), "input", "routing")
    add("up", layer(hidden, .shared), "input", "routing")
    add("gated", .gatedSilu, "gate", "up")
    add("down", layer(width, .own), "gated", "routing")
    add("mixture", .mixture(chosen: chosen), "down", "routing")
    guard hasShared else { return nodes }
    add("shared_gate", .linear(outFeatures: hidden, hasBias: false), "input")
    add("shared_up", .linear(outFeatures: hidden, hasBias: false), "input")
    add("shared_gated", .gatedSilu, "shared_gate", "shared_up")
    add("shared_down", .linear(outFeatures: width, hasBias: false), "shared_gated")
    add("shared_router", .linear(outFeatures: 1, hasBias: false), "input")
    add("shared_weight", .function(.sigmoid), "shared_router")
    add("shared", .multiply, "shared_down", "shared_weight")
    add("sum", .add, "mixture", "shared")
    return nodes
  }

  /// A random model; equal seeds give equal ones.
  func make(_ kind: Weights = .float, to last: String? = nil) throws -> QuantizedModel {
    let graph = try Graph(nodes(to: last))
    var generator = SeededGenerator(seed: seed)
    var weights = Graphs.Weights()
    var arithmetic: [Node.ID: NodeArithmetic] = [:]
    for node in graph.nodes where node.operation.hasWeight {
      let parts = try zip(node.weighted, graph.parameters(of: node)).map { part, parameter in
        let reach = 2 / Float(parameter.shape[1]).squareRoot()
        let matrix = FloatMatrix(
          name: part.name, rows: parameter.shape[0], columns: parameter.shape[1],
          values: (0..<parameter.elementCount).map { _ in
            Float.random(in: -reach...reach, using: &generator)
          })
        let isFloat = kind == .float || parameter.shape[0] < 8
        if isFloat {
          weights[parameter.name] = Tensor(shape: parameter.shape, values: matrix.values)
        }
        return isFloat ? .float32 : try Self.arithmetic(kind, matrix)
      }
      arithmetic[node.id] = parts.allSatisfy { $0 == .float32 } ? .float32 : .experts(parts)
      if case .linear = node.operation { arithmetic[node.id] = parts[0] }
    }
    return QuantizedModel(
      graph: graph, weights: weights, arithmetic: arithmetic,
      storage: Array(repeating: .float32, count: graph.nodes.count))
  }

  static func arithmetic(
    _ kind: Weights, _ matrix: FloatMatrix, dynamic: DynamicRange? = .asymmetric
  ) throws -> NodeArithmetic {
    func integer(_ format: AffineFormat, _ grouping: Grouping) throws -> NodeArithmetic {
      .integer(weight: try format.encode(matrix, grouping: grouping), dynamic: dynamic)
    }
    return switch kind {
    case .float: .float32
    case .int8: try integer(.int8, Grouping(.tensor, symmetric: true))
    case .int8Groups: try integer(.int8, Grouping(.group(16), symmetric: true))
    case .int6Asymmetric: try integer(.int6, Grouping(.channel, symmetric: false))
    case .int4: try integer(.int4, Grouping(.group(32), symmetric: false))
    case .q4_0:
      .blocks(weight: try BlockMatrix(encoding: matrix, as: GGUF.Q4_0()), dynamic: dynamic)
    case .nf4:
      .codebook(weight: try CodebookMatrix(encoding: matrix, as: .nf4), dynamic: dynamic)
    case .bf16: .bfloat16(weight: try BFloat16Matrix(encoding: matrix, as: .bf16))
    case .reference, .rounded:
      .reference(
        weight: try AffineFormat.int3.stored(matrix, grouping: Grouping(.channel, symmetric: true)),
        dynamic: kind == .rounded ? .symmetric : nil)
    }
  }
}
