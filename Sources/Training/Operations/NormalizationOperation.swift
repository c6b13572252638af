import CKernels
import Graphs

/// Normalization of the parts of a vector, `x̂ = (x − m) · r`, `y = x̂ · w + b`, with `m = 0` for RMS.
///
/// With `g = dy · w` and means over the part: `dx = r · (g − mean(g) − x̂ · mean(g · x̂))`, the second term
/// for layer normalization alone; `dw = Σ dy · x̂`, `db = Σ dy` over rows and parts, ascending. Sums in
/// double precision.
struct NormalizationOperation: DifferentiableOperation {
  let normalization: Normalization

  func forward(_ step: NodeStep, _ mode: PassMode) {
    let size = step.size / normalization.parts
    var arguments = qg_norm_args(
      rows: step.batch * normalization.parts, count: size, x: step.operands[0], x_stride: size,
      epsilon: normalization.epsilon, weight: step.parameters[.weight]?.value,
      bias: step.parameters[.bias]?.value, out: step.result, out_stride: size)
    switch normalization.kind {
    case .rms: step.kernels.rms_norm_f32(&arguments)
    case .layer: step.kernels.layer_norm_f32(&arguments)
    }
  }

  func backward(_ step: NodeStep) {
    guard let weight = step.parameters[.weight] else { return }
    let size = step.size / normalization.parts
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * size) { memory in
      memory.initialize(repeating: 0)
      guard let weightSums = memory.baseAddress else { return }
      let biasSums = weightSums + size
      for row in 0..<step.batch * normalization.parts {
        let place = row * size
        let (mean, inverse) = statistics(of: step.operands[0] + place, count: size)
        let part = Part(
          x: step.operands[0] + place, gradient: step.gradient + place, weight: weight.value,
          mean: mean, inverse: inverse, count: size)
        part.addSums(to: weightSums, biasSums)
        if let operandGradient = step.operandGradients[0] {
          part.addGradient(to: operandGradient + place, isCentred: normalization.kind == .layer)
        }
      }
      for index in 0..<size { weight.gradient[index] += Float(weightSums[index]) }
      guard let bias = step.parameters[.bias] else { return }
      for index in 0..<size { bias.gradient[index] += Float(biasSums[index]) }
    }
  }

  private func statistics(of x: Floats, count: Int) -> (mean: Double, inverse: Double) {
    var mean = 0.0
    if normalization.kind == .layer {
      for index in 0..<count { mean += Double(x[index]) }
      mean /= Double(count)
    }
    var square = 0.0
    for index in 0..<count {
      let distance = Double(x[index]) - mean
      square += distance * distance
    }
    let deviation = (square / Double(count) + Double(normalization.epsilon)).squareRoot()
    return (mean, 1 / deviation)
  }

  /// One vector that was normalized.
  private struct Part {
    let x: Floats
    let gradient: Floats
    let weight: Floats
    let mean: Double
    let inverse: Double
    let count: Int

    func addSums(
      to weightSums: UnsafeMutablePointer<Double>, _ biasSums: UnsafeMutablePointer<Double>
    ) {
      for index in 0..<count {
        let normal = (Double(x[index]) - mean) * inverse
        weightSums[index] += Double(gradient[index]) * normal
        biasSums[index] += Double(gradient[index])
      }
    }

    func addGradient(to operandGradient: Floats, isCentred: Bool) {
      var offset = 0.0
      var slope = 0.0
      for index in 0..<count {
        let scaled = Double(gradient[index]) * Double(weight[index])
        offset += scaled
        slope += scaled * ((Double(x[index]) - mean) * inverse)
      }
      offset = isCentred ? offset / Double(count) : 0
      slope /= Double(count)
      for index in 0..<count {
        let normal = (Double(x[index]) - mean) * inverse
        let scaled = Double(gradient[index]) * Double(weight[index])
        operandGradient[index] += Float(inverse * (scaled - offset - normal * slope))
      }
    }
  }
}
