import CKernels
import Graphs

/// Turns pairs of elements by angles of the position; the gradient is turned back: the same tables with
/// negated sines.
struct RotaryOperation: DifferentiableOperation {
  let rotary: RotaryEmbedding

  private func tableCount(_ tokens: Int) -> Int { tokens * rotary.rotary / 2 }

  /// Cosines, then sines.
  func savedCount(_ extent: NodeExtent) -> Int { 2 * tableCount(extent.tokens) }

  func scratchCount(_ extent: NodeExtent) -> Int { extent.batch * extent.result.elementCount }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    rotary.frequencyDivisors.withUnsafeBufferPointer { divisors in
      var arguments = qg_rope_table_args(
        first: 0, rows: step.tokens, rotary: rotary.rotary, base: rotary.base,
        position_scale: rotary.positionScale,
        frequency_divisors: divisors.isEmpty ? nil : divisors.baseAddress,
        magnitude: rotary.magnitude)
      qg_rope_tables(&arguments, step.saved, step.saved + tableCount(step.tokens))
    }
    turn(step, from: step.operands[0], to: step.result)
  }

  func backward(_ step: NodeStep) {
    guard let operandGradient = step.operandGradients[0] else { return }
    let count = tableCount(step.tokens)
    let sines = step.saved + count
    for index in 0..<count { sines[index] = -sines[index] }
    turn(step, from: step.gradient, to: step.scratch)
    accumulate(step.scratch, count: step.count, into: operandGradient)
  }

  private func turn(_ step: NodeStep, from source: Floats, to target: Floats) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: step.tokens) { positions in
      for token in 0..<step.tokens { positions.initializeElement(at: token, to: Int32(token)) }
      for first in stride(from: 0, to: step.batch, by: step.tokens) {
        var arguments = qg_rope_args(
          tokens: step.tokens, heads: rotary.heads, head_dim: rotary.headSize,
          rotary: rotary.rotary,
          pairing: rotary.pairing == .halves ? QG_ROPE_HALVES : QG_ROPE_INTERLEAVED,
          positions: positions.baseAddress, table_rows: step.tokens, cosines: step.saved,
          sines: step.saved + tableCount(step.tokens), x: source + first * step.size,
          x_stride: step.size, out: target + first * step.size, out_stride: step.size)
        step.kernels.rope_f32(&arguments)
      }
    }
  }
}
