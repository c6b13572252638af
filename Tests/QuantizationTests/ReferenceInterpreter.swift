import Graphs
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// Computes a graph element by element in Double, straight from the operators' formulas.
struct ReferenceInterpreter {
  let graph: Graph
  let weights: Weights

  /// The result of every node for one example.
  func results(_ input: [Double]) -> [[Double]] {
    var results: [[Double]] = []
    for node in graph.nodes {
      let operands = node.inputs.map { results[$0] }
      var result = node.id == 0 ? input : compute(node, operands)
      if let activation = node.fusedActivation { result = clamp(result, activation) }
      results.append(result)
    }
    return results
  }

  private func parameter(_ node: Node, _ role: ParameterRole) -> [Double]? {
    weights["\(node.name).\(role.rawValue)"]?.values.map(Double.init)
  }

  private func clamp(_ values: [Double], _ activation: Activation) -> [Double] {
    values.map { min(max($0, 0), Double(activation.upperBound)) }
  }

  private func compute(_ node: Node, _ operands: [[Double]]) -> [Double] {
    let shape = graph.shapes[node.id]
    switch node.operation {
    case .input, .softmax: return operands.first ?? []
    case .flatten: return operands[0]
    case .activation(let activation): return clamp(operands[0], activation)
    case .multiply:
      let count = operands[1].count
      return operands[0].enumerated().map { $1 * operands[1][$0 % count] }
    case .function(.hardSwish): return operands[0].map { $0 * min(max($0 + 3, 0), 6) / 6 }
    case .function(.hardSigmoid): return operands[0].map { min(max($0 + 3, 0), 6) / 6 }
    case .recurrence(let recurrence): return recur(node, recurrence, operands[0])
    case .add: return zip(operands[0], operands[1]).map(+)
    case .linear: return linear(node, operands[0])
    case .batchNormalization(let epsilon): return normalize(node, operands[0], epsilon)
    case .convolution(_, let window, _):
      return slide(node, window) { channel, taps in
        weighted(node, operands[0], channel, taps, depthwise: false)
      }
    case .depthwiseConvolution(let window, _):
      return slide(node, window) { channel, taps in
        weighted(node, operands[0], channel, taps, depthwise: true)
      }
    case .maxPooling(let window):
      return slide(node, window) { channel, taps in
        taps.map { operands[0][$0.position * shape.channels + channel] }.max() ?? 0
      }
    case .averagePooling(let window):
      return slide(node, window) { channel, taps in
        taps.reduce(0) { $0 + operands[0][$1.position * shape.channels + channel] }
          / Double(taps.count)
      }
    case .globalAveragePooling:
      let positions = operands[0].count / shape.channels
      return (0..<shape.channels).map { channel in
        (0..<positions).reduce(0) { $0 + operands[0][$1 * shape.channels + channel] }
          / Double(positions)
      }
    default: preconditionFailure("no reference for \(node.operation.name)")
    }
  }

  /// The states of a GRU.
  private func recur(_ node: Node, _ gru: Recurrence, _ operand: [Double]) -> [Double] {
    precondition(gru.kind == .gru && gru.result == .every)
    let weight = parameter(node, .weight) ?? []
    let bias = parameter(node, .bias) ?? []
    let size = gru.features
    var states: [Double] = []
    var state = [Double](repeating: 0, count: size)
    for start in stride(from: 0, to: operand.count, by: gru.products) {
      let x = Array(operand[start..<start + gru.products])
      let g = bias.indices.map { row in
        state.indices.reduce(bias[row]) { $0 + weight[row * size + $1] * state[$1] }
      }
      state = state.indices.map { k in
        let reset = 1 / (1 + exp(-x[k] - g[k]))
        let keep = 1 / (1 + exp(-x[size + k] - g[size + k]))
        return (1 - keep) * tanh(x[2 * size + k] + reset * g[2 * size + k]) + keep * state[k]
      }
      states += state
    }
    return states
  }

  private func linear(_ node: Node, _ operand: [Double]) -> [Double] {
    let weight = parameter(node, .weight) ?? []
    let bias = parameter(node, .bias)
    return (0..<graph.shapes[node.id].channels).map { output in
      operand.indices.reduce(bias?[output] ?? 0) {
        $0 + operand[$1] * weight[output * operand.count + $1]
      }
    }
  }

  private func normalize(_ node: Node, _ operand: [Double], _ epsilon: Float) -> [Double] {
    let parts = [ParameterRole.scale, .shift, .mean, .variance].map { parameter(node, $0) ?? [] }
    return operand.indices.map { index in
      let channel = index % parts[0].count
      let deviation = (parts[3][channel] + Double(epsilon)).squareRoot()
      return (operand[index] - parts[2][channel]) / deviation * parts[0][channel]
        + parts[1][channel]
    }
  }

  /// A tap of a window inside the image: its number, and the pixel it lies on.
  private typealias Tap = (number: Int, position: Int)

  private func slide(
    _ node: Node, _ window: Window, _ body: (Int, [Tap]) -> Double
  ) -> [Double] {
    let source = graph.shapes[node.inputs[0]].dimensions
    let target = graph.shapes[node.id].dimensions
    var result: [Double] = []
    for y in 0..<target[0] {
      for x in 0..<target[1] {
        var taps: [Tap] = []
        for tap in 0..<window.taps {
          let row =
            y * window.strides.rows - window.margins.top + tap / window.width
            * window.dilations.rows
          let column =
            x * window.strides.columns - window.margins.left
            + tap % window.width * window.dilations.columns
          guard (0..<source[0]).contains(row), (0..<source[1]).contains(column) else { continue }
          taps.append((tap, row * source[1] + column))
        }
        for channel in 0..<target[2] { result.append(body(channel, taps)) }
      }
    }
    return result
  }

  private func weighted(
    _ node: Node, _ operand: [Double], _ channel: Int, _ taps: [Tap], depthwise: Bool
  ) -> Double {
    let weight = parameter(node, .weight) ?? []
    let inputs = graph.shapes[node.inputs[0]].channels
    let allTaps = depthwise ? weight.count / inputs : weight.count / inputs / outputs(node)
    var sum = parameter(node, .bias)?[channel] ?? 0
    for tap in taps {
      if depthwise {
        sum += operand[tap.position * inputs + channel] * weight[tap.number * inputs + channel]
      } else {
        for input in 0..<inputs {
          sum +=
            operand[tap.position * inputs + input]
            * weight[(channel * allTaps + tap.number) * inputs + input]
        }
      }
    }
    return sum
  }

  private func outputs(_ node: Node) -> Int { graph.shapes[node.id].channels }
}

/// Builds graphs whose nodes are named and numbered in order.
struct GraphBuilder {
  private(set) var nodes: [Node]

  init(_ dimensions: [Int]) {
    nodes = [Node(id: 0, name: "input", operation: .input(Shape(dimensions)), inputs: [])]
  }

  @discardableResult
  mutating func add(_ name: String, _ operation: Operation, _ inputs: Node.ID...) -> Node.ID {
    nodes.append(Node(id: nodes.count, name: name, operation: operation, inputs: inputs))
    return nodes.count - 1
  }

  /// Weights in −1…1 for every parameter; variances in 0.1…2.
  static func randomWeights(_ graph: Graph, using random: inout SeededGenerator) -> Weights {
    var weights = Weights()
    for parameter in graph.parameters {
      let range: ClosedRange<Float> = parameter.role == .variance ? 0.1...2 : -1...1
      weights[parameter.name] = Tensor(
        shape: parameter.shape,
        values: (0..<parameter.elementCount).map { _ in Float.random(in: range, using: &random) })
    }
    return weights
  }
}
