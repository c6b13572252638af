import CKernels
import Graphs

/// The row of a table that a token id names; its gradient is added to that row, rows ascending.
struct EmbeddingOperation: DifferentiableOperation {
  func forward(_ step: NodeStep, _ mode: PassMode) {
    guard let table = step.parameters[.weight]?.value else { return }
    for row in 0..<step.batch {
      (step.result + row * step.size)
        .update(from: table + Int(step.operands[0][row]) * step.size, count: step.size)
    }
  }

  func backward(_ step: NodeStep) {
    guard let table = step.parameters[.weight]?.gradient else { return }
    for row in 0..<step.batch {
      accumulate(
        step.gradient + row * step.size, count: step.size,
        into: table + Int(step.operands[0][row]) * step.size)
    }
  }
}

/// The operand plus the table's row for its position; that row's gradient adds up, rows ascending.
struct PositionEmbeddingOperation: DifferentiableOperation {
  func forward(_ step: NodeStep, _ mode: PassMode) {
    guard let table = step.parameters[.weight]?.value else { return }
    for row in 0..<step.batch {
      let place = row * step.size
      step.kernels.add_f32(
        step.operands[0] + place, table + row % step.tokens * step.size, step.size, .none,
        step.result + place)
    }
  }

  func backward(_ step: NodeStep) {
    if let operandGradient = step.operandGradients[0] {
      accumulate(step.gradient, count: step.count, into: operandGradient)
    }
    guard let table = step.parameters[.weight]?.gradient else { return }
    for row in 0..<step.batch {
      accumulate(
        step.gradient + row * step.size, count: step.size,
        into: table + row % step.tokens * step.size)
    }
  }
}

/// Which rows go on: all, each sequence's first, or each sequence's mean (plain additions in the order of
/// tokens, then one division).
struct TokensOperation: DifferentiableOperation {
  let selection: TokenSelection

  func forward(_ step: NodeStep, _ mode: PassMode) {
    let (size, tokens) = (step.size, step.tokens)
    switch selection {
    case .requested:
      step.result.update(from: step.operands[0], count: step.count)
    case .first, .mean:
      for sequence in 0..<step.batch {
        let rows = step.operands[0] + sequence * tokens * size
        let result = step.result + sequence * size
        result.update(from: rows, count: size)
        guard selection == .mean else { continue }
        for token in 1..<max(1, tokens) {
          accumulate(rows + token * size, count: size, into: result)
        }
        for column in 0..<size { result[column] /= Float(tokens) }
      }
    }
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    let (size, tokens) = (step.size, step.tokens)
    switch selection {
    case .requested:
      accumulate(step.gradient, count: step.count, into: operandGradient)
    case .first:
      for sequence in 0..<step.batch {
        accumulate(
          step.gradient + sequence * size, count: size,
          into: operandGradient + sequence * tokens * size)
      }
    case .mean:
      for sequence in 0..<step.batch {
        let gradient = step.gradient + sequence * size
        for token in 0..<tokens {
          let row = operandGradient + (sequence * tokens + token) * size
          for column in 0..<size { row[column] += gradient[column] / Float(tokens) }
        }
      }
    }
  }
}

/// `y = x / max(‖x‖, 10⁻¹²)`; `dx = (dy − y · Σ dy · y) / ‖x‖`, and `dy / 10⁻¹²` where the bound holds.
/// Sums in double precision.
struct UnitLengthOperation: DifferentiableOperation {
  private static let shortest = 1e-12

  private func length(_ vector: Floats, count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(vector[index]) * Double(vector[index]) }
    return sum.squareRoot()
  }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    for row in 0..<step.batch {
      let (x, y) = (step.operands[0] + row * step.size, step.result + row * step.size)
      let divisor = max(length(x, count: step.size), Self.shortest)
      for index in 0..<step.size { y[index] = Float(Double(x[index]) / divisor) }
    }
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    for row in 0..<step.batch {
      let start = row * step.size
      let (y, dy) = (step.result + start, step.gradient + start)
      let length = length(step.operands[0] + start, count: step.size)
      var along = 0.0
      if length > Self.shortest {
        for index in 0..<step.size { along += Double(dy[index]) * Double(y[index]) }
      }
      let divisor = max(length, Self.shortest)
      for index in 0..<step.size {
        operandGradient[start + index] += Float(
          (Double(dy[index]) - Double(y[index]) * along) / divisor)
      }
    }
  }
}
