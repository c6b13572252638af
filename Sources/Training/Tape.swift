import CKernels
import Graphs

/// The memory of one step over a batch and the order of its operations, forwards and backwards.
struct Tape: ~Copyable {
  let graph: Graph
  /// Examples, or sequences.
  let batch: Int
  /// The node whose result the loss works on: the operand of a final softmax, else the output.
  let logits: Node.ID
  /// Rows of the logits: examples, or the tokens that were selected.
  let logitRows: Int
  let parameters: ParameterMemory
  private let values: FloatArena
  private let gradients: FloatArena
  private let scratch: FloatArena
  private let steps: [NodeStep]
  private let operations: [any DifferentiableOperation]

  /// - Parameters:
  ///   - batch: Examples, or sequences.
  ///   - tokens: Of each sequence; 1 for a graph over independent examples.
  ///   - tied: Parameters that are another parameter under a second name.
  init(
    graph: Graph, batch: Int, tokens: Int = 1, tied: [String: String] = [:], kernels: qg_kernels
  ) {
    self.graph = graph
    self.batch = batch
    let last = graph.nodes[graph.output]
    logits = last.operation == .softmax ? last.inputs[0] : graph.output
    operations = graph.nodes.map { node in
      guard let operation = node.operation.differentiable else {
        preconditionFailure("the graph was checked")
      }
      return operation
    }
    let layout = TapeLayout(graph: graph, batch: batch, tokens: tokens, operations: operations)
    logitRows = layout.rows[logits]
    parameters = ParameterMemory(graph, tied: tied)
    values = FloatArena(count: layout.count)
    gradients = FloatArena(count: layout.count)
    scratch = FloatArena(count: layout.scratch)
    var steps: [NodeStep] = []
    for node in graph.nodes {
      steps.append(
        NodeStep(
          batch: layout.rows[node.id], tokens: tokens, kernels: kernels,
          operandShapes: node.inputs.map { graph.shapes[$0] }, shape: graph.shapes[node.id],
          operands: node.inputs.map { [base = values.base] in base + layout.offsets[$0] },
          result: values.base + layout.offsets[node.id],
          operandGradients: node.inputs.map { [base = gradients.base] in
            $0 == 0 ? nil : base + layout.offsets[$0]
          },
          gradient: gradients.base + layout.offsets[node.id],
          parameters: parameters.slots(of: node.id),
          saved: values.base + layout.saved[node.id], scratch: scratch.base))
    }
    self.steps = steps
  }

  /// The batch's inputs, to be filled: `[batch, tokens, input…]`.
  var input: Floats { steps[0].result }
  /// The batch's logits `[logitRows, classes]` and their gradient.
  var logitValues: Floats { steps[logits].result }
  var logitGradients: Floats { steps[logits].gradient }

  /// Computes every value the logits need.
  func forward(_ mode: PassMode) {
    for (node, step) in zip(graph.nodes, steps) where node.id <= logits {
      operations[node.id].forward(step, mode)
      if let activation = node.fusedActivation {
        step.kernels.clamp_f32(
          step.result, step.count, ClampOperation(activation: activation).bounds, step.result)
      }
    }
  }

  /// Forgets the gradients of the step before.
  func clearGradients() {
    gradients.base.update(repeating: 0, count: gradients.count)
    parameters.gradients.base.update(repeating: 0, count: parameters.gradients.count)
  }

  /// Computes the parameters' gradients from the logits' gradient.
  func backward() {
    for node in graph.nodes[...logits].reversed() {
      if let activation = node.fusedActivation {
        ClampOperation(activation: activation).mask(steps[node.id])
      }
      operations[node.id].backward(steps[node.id])
    }
  }
}

/// Where the results of a graph's nodes lie, one after the other.
private struct TapeLayout {
  /// Rows of each node's result.
  var rows: [Int] = []
  var offsets: [Int] = []
  var saved: [Int] = []
  var count = 0
  var scratch = 0

  init(graph: Graph, batch: Int, tokens: Int, operations: [any DifferentiableOperation]) {
    for (node, operation) in zip(graph.nodes, operations) {
      switch node.operation {
      case .input: rows.append(batch * tokens)
      case .tokens(.first), .tokens(.mean): rows.append(batch)
      default: rows.append(rows[node.inputs[0]])
      }
      let extent = NodeExtent(
        operands: node.inputs.map { graph.shapes[$0] }, result: graph.shapes[node.id],
        batch: rows[node.id], tokens: tokens)
      offsets.append(count)
      count += extent.batch * extent.result.elementCount
      saved.append(count)
      count += operation.savedCount(extent)
      scratch = max(scratch, operation.scratchCount(extent))
    }
  }
}
