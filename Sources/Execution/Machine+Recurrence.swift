import CKernels
import Graphs

extension Machine {
  /// The team splits examples: a step needs all of the one before.
  func recur(_ steps: RecurrentSteps, _ share: Share) {
    let part = share.part(of: share.examples)
    guard !part.isEmpty else { return }
    let first = part.lowerBound * steps.features
    let count = part.count * steps.features
    let state = floats(steps.state) + first
    let cells = floats(steps.cells) + first
    state.update(repeating: 0, count: count)
    cells.update(repeating: 0, count: count)
    for step in 0..<steps.count {
      if let rounding = steps.rounding { round(state, rounding, steps.features, part) }
      multiply(steps.product, examples: part)
      advance(steps, step, part, state: state, cells: cells)
      guard steps.selection == .every else { continue }
      for (row, example) in part.enumerated() {
        (floats(steps.result) + (example * steps.count + step) * steps.features)
          .update(from: state + row * steps.features, count: steps.features)
      }
    }
    if steps.selection == .last {
      (floats(steps.result) + first).update(from: state, count: count)
    }
  }

  private func advance(
    _ steps: RecurrentSteps, _ step: Int, _ part: Range<Int>,
    state: UnsafeMutablePointer<Float>, cells: UnsafeMutablePointer<Float>
  ) {
    let width = steps.product.outputs
    var arguments = qg_cell_args(
      rows: part.count, hidden: steps.features,
      x: floats(steps.source) + (part.lowerBound * steps.count + step) * width,
      x_stride: steps.count * width,
      g: floats(steps.product.result) + part.lowerBound * width, c: cells, h: state)
    switch steps.kind {
    case .lstm: kernels.lstm_cell_f32(&arguments)
    case .gru: kernels.gru_cell_f32(&arguments)
    }
  }

  /// Quantizes the state of every example with the range of its own elements.
  private func round(
    _ state: UnsafePointer<Float>, _ rounding: StateRounding, _ features: Int, _ part: Range<Int>
  ) {
    let stride = Compiler.codeStride(features)
    let codes = codes(rounding.codes) + part.lowerBound * stride
    let affines = affines(rounding.affines) + part.lowerBound
    var arguments = qg_quantize_rows_args(
      rows: part.count, count: features, x: state, x_stride: features,
      symmetric: rounding.isSymmetric ? 1 : 0, affines: affines, codes: codes,
      codes_stride: stride)
    kernels.quantize_rows_u8(&arguments)
    guard let decoded = rounding.decoded else { return }
    for row in 0..<part.count {
      kernels.dequantize_u8(
        codes + row * stride, features, affines[row],
        floats(decoded) + (part.lowerBound + row) * features)
    }
  }
}
