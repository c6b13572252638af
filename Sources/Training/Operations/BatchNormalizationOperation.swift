import Graphs

/// Batch normalization over examples and positions.
///
/// In training it uses the batch's mean and (biased) variance and moves the stored statistics by
/// `stored ← 0.9 · stored + 0.1 · batch`, with the unbiased variance. Sums are double-precision chains
/// in ascending order of example and position; element-wise arithmetic is fp32.
struct BatchNormalizationOperation: DifferentiableOperation {
  /// The share of the batch's statistics in the stored ones.
  static let momentum = 0.1

  let epsilon: Float

  /// Mean and 1 / √(variance + epsilon) per channel.
  func savedCount(_ extent: NodeExtent) -> Int { 2 * extent.result.channels }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    guard let scale = step.parameters[.scale]?.value, let shift = step.parameters[.shift]?.value,
      let storedMean = step.parameters[.mean]?.value,
      let storedVariance = step.parameters[.variance]?.value
    else { return }
    let channels = step.shape.channels
    let rows = step.count / channels
    let (mean, inverse) = (step.saved, step.saved + channels)
    switch mode {
    case .training:
      measure(step, rows: rows, storedMean: storedMean, storedVariance: storedVariance)
    case .inference:
      for channel in 0..<channels {
        mean[channel] = storedMean[channel]
        inverse[channel] = inverseDeviation(Double(storedVariance[channel]))
      }
    }
    for row in 0..<rows {
      let (x, y) = (step.operands[0] + row * channels, step.result + row * channels)
      for channel in 0..<channels {
        y[channel] =
          (x[channel] - mean[channel]) * inverse[channel] * scale[channel]
          + shift[channel]
      }
    }
  }

  private func inverseDeviation(_ variance: Double) -> Float {
    Float(1 / (variance + Double(epsilon)).squareRoot())
  }

  private func measure(
    _ step: NodeStep, rows: Int, storedMean: Floats, storedVariance: Floats
  ) {
    let channels = step.shape.channels
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * channels) { sums in
      sums.initialize(repeating: 0)
      for row in 0..<rows {
        let x = step.operands[0] + row * channels
        for channel in 0..<channels { sums[channel] += Double(x[channel]) }
      }
      for channel in 0..<channels { sums[channel] /= Double(rows) }
      for row in 0..<rows {
        let x = step.operands[0] + row * channels
        for channel in 0..<channels {
          let distance = Double(x[channel]) - sums[channel]
          sums[channels + channel] += distance * distance
        }
      }
      for channel in 0..<channels {
        let (mean, squares) = (sums[channel], sums[channels + channel])
        step.saved[channel] = Float(mean)
        step.saved[channels + channel] = inverseDeviation(squares / Double(rows))
        move(&storedMean[channel], towards: mean)
        move(&storedVariance[channel], towards: squares / Double(max(1, rows - 1)))
      }
    }
  }

  private func move(_ stored: inout Float, towards batch: Double) {
    stored = Float((1 - Self.momentum) * Double(stored) + Self.momentum * batch)
  }

  /// With x̂ the normalized operand and N the rows:
  /// `dscale = Σ dy · x̂`, `dshift = Σ dy`,
  /// `dx = scale · inverse · (dy − (dshift + x̂ · dscale) / N)`.
  func backward(_ step: NodeStep) {
    guard let scale = step.parameters[.scale], let shift = step.parameters[.shift] else { return }
    let channels = step.shape.channels
    let rows = step.count / channels
    let (mean, inverse) = (step.saved, step.saved + channels)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * channels) { sums in
      sums.initialize(repeating: 0)
      for row in 0..<rows {
        let (x, dy) = (step.operands[0] + row * channels, step.gradient + row * channels)
        for channel in 0..<channels {
          let normal = (x[channel] - mean[channel]) * inverse[channel]
          sums[channel] += Double(dy[channel])
          sums[channels + channel] += Double(dy[channel]) * Double(normal)
        }
      }
      for channel in 0..<channels {
        shift.gradient[channel] += Float(sums[channel])
        scale.gradient[channel] += Float(sums[channels + channel])
        sums[channel] /= Double(rows)
        sums[channels + channel] /= Double(rows)
      }
      guard let operandGradient = step.operandGradients[0] else { return }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * channels) { factors in
        let (offset, slope, gain) = (0, channels, 2 * channels)
        for channel in 0..<channels {
          factors[offset + channel] = Float(sums[channel])
          factors[slope + channel] = Float(sums[channels + channel])
          factors[gain + channel] = scale.value[channel] * inverse[channel]
        }
        for row in 0..<rows {
          let (x, dy) = (step.operands[0] + row * channels, step.gradient + row * channels)
          let dx = operandGradient + row * channels
          for channel in 0..<channels {
            let normal = (x[channel] - mean[channel]) * inverse[channel]
            let centred =
              dy[channel] - (factors[offset + channel] + normal * factors[slope + channel])
            dx[channel] += factors[gain + channel] * centred
          }
        }
      }
    }
  }
}
