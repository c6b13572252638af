import Graphs
import NumberFormats

/// Decides how the result of every node is stored under static activations.
///
/// - fp32: the graph's output; a routing; the operand and the result of softmax; the operand of any other operator
///   that has only an fp32 kernel; a value whose only reader is a pass-through node (max pooling, flatten,
///   clamp) with an fp32 result, as rounding it first would gain nothing; the result of a node without a
///   weight that has an fp32 operand and a kernel for codes; and, over sequences, a value that only such
///   nodes read.
/// - uint8 with the operand's parameters: pass-through nodes, which move codes without rescaling them.
/// - uint8 with its own calibrated parameters: everything else, the input included.
struct StorageAssignment {
  let graph: Graph
  let ranges: CalibratedRanges
  let symmetric: Bool

  /// Storage by node id.
  func storage() -> [ValueStorage] {
    let float = floatValues()
    var result: [ValueStorage] = []
    for node in graph.nodes {
      if float[node.id] {
        result.append(.float32)
      } else if node.operation.passesCodesThrough {
        result.append(result[node.inputs[0]])
      } else {
        result.append(.uint8(parameters(of: node.id)))
      }
    }
    return result
  }

  private func parameters(of node: Node.ID) -> AffineParameters {
    let range = ranges.ranges[node]
    return symmetric
      ? CodeRange.uint8.parameters(low: -range.magnitude, high: range.magnitude, symmetric: true)
      : CodeRange.uint8.parameters(low: range.low, high: range.high, symmetric: false)
  }

  private func floatValues() -> [Bool] {
    let readers = graph.consumers
    var float = [Bool](repeating: false, count: graph.nodes.count)
    for node in graph.nodes.reversed() {
      let consumers = readers[node.id].map { graph.nodes[$0] }
      let onlyConsumer = consumers.count == 1 ? consumers.first : nil
      float[node.id] =
        node.id == graph.output || node.operation == .softmax || node.operation.isRouting
        || consumers.contains { hasOnlyFloatKernel($0.operation) }
        || onlyConsumer.map { $0.operation.passesCodesThrough && float[$0.id] } ?? false
    }
    for node in graph.nodes where mayHaveCodeKernel(node.operation) {
      if node.inputs.contains(where: { float[$0] }) { float[node.id] = true }
    }
    guard graph.isSequence else { return float }
    for node in graph.nodes.reversed() where !float[node.id] {
      let consumers = readers[node.id].map { graph.nodes[$0] }
      float[node.id] = consumers.allSatisfy { mayHaveCodeKernel($0.operation) && float[$0.id] }
    }
    return float
  }

  /// Whether operands are read as fp32 whatever they are stored as. Functions of codes are tables; over
  /// sequences, where values are fp32 between few products, functions are computed.
  private func hasOnlyFloatKernel(_ operation: Operation) -> Bool {
    switch operation {
    case .function: graph.isSequence
    case .tensor(.reshape): false
    case .tensor(.map): graph.isSequence
    case .tensor: true
    case .softmax, .recurrence, .gatedSilu, .positionEmbedding, .normalization, .rotaryEmbedding,
      .attention, .tokens, .unitLength, .routing, .mixture:
      true
    default: false
    }
  }

  /// Whether the operation has no weight and may compute with codes.
  private func mayHaveCodeKernel(_ operation: Operation) -> Bool {
    !operation.hasWeight && !hasOnlyFloatKernel(operation)
  }
}

extension Operation {
  /// Whether the operation only selects, moves or clamps elements.
  fileprivate var passesCodesThrough: Bool {
    switch self {
    case .maxPooling, .flatten, .activation, .tensor(.reshape): true
    default: false
    }
  }
}
