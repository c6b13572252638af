import CKernels
import Graphs

/// Scaled dot-product attention inside each sequence, head by head, as products of matrices over all pairs
/// of tokens: `P = softmax(scale · Q·Kᵀ)` where a token does not see another as −∞, `O = P·V`.
///
/// `dV = Pᵀ·dO`, `dP = dO·Vᵀ`, `dS = scale · P · (dP − Σ dP · P)` with the sum over a row in double
/// precision, `dQ = dS·K`, `dK = dSᵀ·Q`. Query heads add to the gradient of their key and value in
/// ascending order.
struct AttentionOperation: DifferentiableOperation {
  let attention: Attention

  /// Where one head of one sequence begins.
  private struct Head {
    let query: Int
    let key: Int
    let weights: Int
  }

  /// Elements between the tokens of a query, and of a key or value.
  private var queryStride: Int { attention.heads * attention.headSize }
  private var keyStride: Int { attention.keyValueHeads * attention.headSize }

  /// Every head's P.
  func savedCount(_ extent: NodeExtent) -> Int { extent.batch * extent.tokens * attention.heads }

  private func panelCount(_ tokens: Int) -> Int {
    max(
      qg_packed_f32_count(tokens, attention.headSize),
      qg_packed_f32_count(attention.headSize, tokens))
  }

  func scratchCount(_ extent: NodeExtent) -> Int {
    panelCount(extent.tokens) + 2 * extent.tokens * extent.tokens
      + extent.tokens * attention.headSize
  }

  private func forEachHead(_ step: NodeStep, _ body: (Head) -> Void) {
    let group = attention.heads / attention.keyValueHeads
    for sequence in 0..<step.batch / step.tokens {
      for head in 0..<attention.heads {
        body(
          Head(
            query: sequence * step.tokens * queryStride + head * attention.headSize,
            key: sequence * step.tokens * keyStride + head / group * attention.headSize,
            weights: (sequence * attention.heads + head) * step.tokens * step.tokens))
      }
    }
  }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    let (tokens, size) = (step.tokens, attention.headSize)
    let panels = step.scratch
    forEachHead(step) { head in
      let weights = step.saved + head.weights
      qg_pack_f32(step.operands[1] + head.key, tokens, size, keyStride, 1, panels)
      step.kernels.multiply(
        m: tokens, n: tokens, k: size, a: step.operands[0] + head.query, stride: queryStride,
        panels: panels, c: weights)
      mask(weights, tokens: tokens)
      step.kernels.softmax_f32(weights, tokens, tokens, weights)
      qg_pack_f32(step.operands[2] + head.key, size, tokens, 1, keyStride, panels)
      step.kernels.multiply(
        m: tokens, n: size, k: tokens, a: weights, panels: panels, c: step.result + head.query,
        resultStride: queryStride)
    }
  }

  /// Scales what a token sees and hides the rest.
  private func mask(_ scores: Floats, tokens: Int) {
    for token in 0..<tokens {
      let row = scores + token * tokens
      let end = attention.isCausal ? token + 1 : tokens
      let begin = attention.isCausal ? max(0, token + 1 - (attention.window ?? tokens)) : 0
      for other in 0..<begin { row[other] = -.infinity }
      for other in begin..<end { row[other] *= attention.scale }
      for other in end..<tokens { row[other] = -.infinity }
    }
  }

  func backward(_ step: NodeStep) {
    let (tokens, size) = (step.tokens, attention.headSize)
    let panels = step.scratch
    let scores = panels + panelCount(tokens)
    let turned = scores + tokens * tokens
    let product = turned + tokens * tokens
    forEachHead(step) { head in
      let weights = step.saved + head.weights
      let gradient = step.gradient + head.query
      if let valueGradient = step.operandGradients[2] {
        transpose(weights, rows: tokens, columns: tokens, into: turned)
        qg_pack_f32(gradient, size, tokens, 1, queryStride, panels)
        step.kernels.multiply(m: tokens, n: size, k: tokens, a: turned, panels: panels, c: product)
        add(product, tokens: tokens, to: valueGradient + head.key, stride: keyStride)
      }
      qg_pack_f32(step.operands[2] + head.key, tokens, size, keyStride, 1, panels)
      step.kernels.multiply(
        m: tokens, n: tokens, k: size, a: gradient, stride: queryStride, panels: panels, c: scores)
      differentiate(weights, scores, tokens: tokens)
      if let queryGradient = step.operandGradients[0] {
        qg_pack_f32(step.operands[1] + head.key, size, tokens, 1, keyStride, panels)
        step.kernels.multiply(m: tokens, n: size, k: tokens, a: scores, panels: panels, c: product)
        add(product, tokens: tokens, to: queryGradient + head.query, stride: queryStride)
      }
      if let keyGradient = step.operandGradients[1] {
        transpose(scores, rows: tokens, columns: tokens, into: turned)
        qg_pack_f32(step.operands[0] + head.query, size, tokens, 1, queryStride, panels)
        step.kernels.multiply(m: tokens, n: size, k: tokens, a: turned, panels: panels, c: product)
        add(product, tokens: tokens, to: keyGradient + head.key, stride: keyStride)
      }
    }
  }

  /// Turns dP, in place, into dS before masking and scaling.
  private func differentiate(_ weights: Floats, _ gradients: Floats, tokens: Int) {
    for token in 0..<tokens {
      let (row, gradient) = (weights + token * tokens, gradients + token * tokens)
      var sum = 0.0
      for other in 0..<tokens { sum += Double(row[other]) * Double(gradient[other]) }
      let mean = Float(sum)
      for other in 0..<tokens {
        gradient[other] = attention.scale * (row[other] * (gradient[other] - mean))
      }
    }
  }

  private func add(_ product: Floats, tokens: Int, to target: Floats, stride: Int) {
    let size = attention.headSize
    for token in 0..<tokens {
      accumulate(product + token * size, count: size, into: target + token * stride)
    }
  }
}
