import CKernels
import Graphs

/// The memory of one step over a batch and the order of its operations, forwards and backwards.
struct Tape: ~Copyable {
  let graph: Graph
  let batch: Int
  /// The node whose result the loss works on: the operand of a final softmax, else the output.
  let logits: Node.ID
  let parameters: ParameterMemory
  private let values: FloatArena
  private let gradients: FloatArena
  private let scratch: FloatArena
  private let steps: [NodeStep]
  private let operations: [any DifferentiableOperation]

  init(graph: Graph, batch: Int, kernels: qg_kernels) {
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
    let layout = TapeLayout(graph: graph, batch: batch, operations: operations)
    parameters = ParameterMemory(graph)
    values = FloatArena(count: layout.count)
    gradients = FloatArena(count: layout.count)
    scratch = FloatArena(count: layout.scratch)
    var steps: [NodeStep] = []
    for node in graph.nodes {
      steps.append(
        NodeStep(
          batch: batch, kernels: kernels, operandShapes: node.inputs.map { graph.shapes[$0] },
          shape: graph.shapes[node.id],
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

  /// The batch's inputs, to be filled: `[batch, input…]`.
  var input: Floats { steps[0].result }
  /// The batch's logits `[batch, classes]` and their gradient.
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
  var offsets: [Int] = []
  var saved: [Int] = []
  var count = 0
  var scratch = 0

  init(graph: Graph, batch: Int, operations: [any DifferentiableOperation]) {
    for (node, operation) in zip(graph.nodes, operations) {
      let operands = node.inputs.map { graph.shapes[$0] }
      let result = graph.shapes[node.id]
      offsets.append(count)
      count += batch * result.elementCount
      saved.append(count)
      count += operation.savedCount(operands: operands, result: result)
      scratch = max(
        scratch, operation.scratchCount(operands: operands, result: result, batch: batch))
    }
  }
}
