import CMath
import Graphs

extension ReferenceInterpreter {
  /// The states of a recurrent layer, one step and one element at a time.
  func recur(_ node: Node, _ recurrence: Recurrence, _ operand: Value) -> [Float] {
    let size = recurrence.features
    var state = [Float](repeating: 0, count: size)
    var cells = state
    var states: [Float] = []
    for step in 0..<operand.shape.dimensions[0] {
      let value = Value(shape: Shape([size]), reals: state, codes: [], affine: nil)
      let products = products(
        node, value, count: recurrence.products, rows: recurrence.products
      ) { _ in (0..<size).map { ($0, $0) } }
      func x(_ gate: Int, _ k: Int) -> Float {
        operand.reals[step * recurrence.products + gate * size + k]
      }
      func gate(_ gate: Int, _ k: Int) -> Float {
        ReferenceFunction.sigmoid(x(gate, k) + products[gate * size + k])
      }
      for k in 0..<size {
        switch recurrence.kind {
        case .lstm:
          let update = ReferenceFunction.tanh(x(2, k) + products[2 * size + k])
          cells[k] = (gate(0, k) * update).addingProduct(gate(1, k), cells[k])
          state[k] = gate(3, k) * ReferenceFunction.tanh(cells[k])
        case .gru:
          let update = ReferenceFunction.tanh(
            x(2, k).addingProduct(gate(0, k), products[2 * size + k]))
          let keep = gate(1, k)
          state[k] = ((1 - keep) * update).addingProduct(keep, state[k])
        }
      }
      states += state
    }
    return recurrence.result == .last ? state : states
  }
}

extension DoubleInterpreter {
  /// The states of a recurrent layer, by its formulas.
  func recur(_ node: Node, _ recurrence: Recurrence, _ operand: [Double]) -> [Double] {
    let size = recurrence.features
    let weight = model.weights["\(node.name).weight"]?.values.map(Double.init) ?? []
    let bias = model.weights["\(node.name).bias"]?.values.map(Double.init) ?? []
    var state = [Double](repeating: 0, count: size)
    var cells = state
    var states: [Double] = []
    for start in stride(from: 0, to: operand.count, by: recurrence.products) {
      let x = Array(operand[start..<start + recurrence.products])
      let g = bias.indices.map { row in
        (0..<size).reduce(bias[row]) { $0 + weight[row * size + $1] * state[$1] }
      }
      func sigmoid(_ gate: Int, _ k: Int) -> Double {
        1 / (1 + cm_exp(-x[gate * size + k] - g[gate * size + k]))
      }
      let old = state
      for k in 0..<size {
        if recurrence.kind == .lstm {
          let update = cm_tanh(x[2 * size + k] + g[2 * size + k])
          cells[k] = sigmoid(1, k) * cells[k] + sigmoid(0, k) * update
          state[k] = sigmoid(3, k) * cm_tanh(cells[k])
        } else {
          let update = cm_tanh(x[2 * size + k] + sigmoid(0, k) * g[2 * size + k])
          state[k] = (1 - sigmoid(1, k)) * update + sigmoid(1, k) * old[k]
        }
      }
      states += state
    }
    return recurrence.result == .last ? state : states
  }
}
