import CKernels
import Graphs

/// `y = x · Wᵀ + b`; `dx = dy · W`, `dW = dyᵀ · x` (one fused chain over the examples), `db = Σ dy`.
struct LinearOperation: DifferentiableOperation {
  func scratchCount(_ extent: NodeExtent) -> Int {
    let (inputs, outputs) = (extent.operands[0].elementCount, extent.result.elementCount)
    let batch = extent.batch
    let panels = max(
      qg_packed_f32_count(outputs, inputs), qg_packed_f32_count(inputs, outputs),
      qg_packed_f32_count(inputs, batch))
    return panels + batch * (inputs + outputs) + inputs * outputs
  }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    guard let weight = step.parameters[.weight] else { return }
    let (inputs, outputs) = (step.operandSize, step.size)
    qg_pack_f32(weight.value, outputs, inputs, inputs, 1, step.scratch)
    step.kernels.multiply(
      m: step.batch, n: outputs, k: inputs, a: step.operands[0], panels: step.scratch,
      bias: step.parameters[.bias]?.value, c: step.result)
  }

  func backward(_ step: NodeStep) {
    guard let weight = step.parameters[.weight] else { return }
    let (inputs, outputs, batch) = (step.operandSize, step.size, step.batch)
    let turned = step.scratch
    let product = turned + batch * outputs
    let panels = product + max(inputs * outputs, batch * inputs)
    transpose(step.gradient, rows: batch, columns: outputs, into: turned)
    qg_pack_f32(step.operands[0], inputs, batch, 1, inputs, panels)
    step.kernels.multiply(m: outputs, n: inputs, k: batch, a: turned, panels: panels, c: product)
    accumulate(product, count: inputs * outputs, into: weight.gradient)
    if let bias = step.parameters[.bias] {
      accumulateColumnSums(step.gradient, rows: batch, columns: outputs, into: bias.gradient)
    }
    guard let operandGradient = step.operandGradients[0] else { return }
    qg_pack_f32(weight.value, inputs, outputs, 1, inputs, panels)
    step.kernels.multiply(
      m: batch, n: inputs, k: outputs, a: step.gradient, panels: panels, c: product)
    accumulate(product, count: batch * inputs, into: operandGradient)
  }
}
