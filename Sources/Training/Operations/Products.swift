import CKernels
import Graphs

extension qg_bounds {
  /// Bounds that pass everything.
  static var none: qg_bounds { qg_bounds(lower: -.infinity, upper: .infinity) }
}

extension qg_kernels {
  /// `c[m, n] = Σ_k a[m, k] · b[n, k] + bias[n]`, one fused chain over k in ascending order.
  ///
  /// - Parameters:
  ///   - a: `[m, k]`, rows `stride` (or `k`) apart.
  ///   - panels: `b` packed by `qg_pack_f32`.
  ///   - c: `[m, n]`, rows `resultStride` (or `n`) apart.
  func multiply(
    m: Int, n: Int, k: Int, a: Floats, stride: Int? = nil, panels: Floats, bias: Floats? = nil,
    c: Floats, resultStride: Int? = nil
  ) {
    var arguments = qg_gemm_f32_args(
      m: m, n: n, k: k, a: a, a_stride: stride ?? k, panels: panels, bias: bias, c: c,
      c_stride: resultStride ?? n, bounds: .none)
    gemm_f32(&arguments)
  }
}

/// `target[c, r] = source[r, c]` for `rows × columns` elements; 16 rows at a time, so that whole lines of
/// the target are written.
func transpose(_ source: Floats, rows: Int, columns: Int, into target: Floats) {
  for first in stride(from: 0, to: rows, by: 16) {
    let block = first..<min(first + 16, rows)
    for column in 0..<columns {
      let line = target + column * rows
      for row in block { line[row] = source[row * columns + column] }
    }
  }
}

/// `target[i] += source[i]`.
func accumulate(_ source: Floats, count: Int, into target: Floats) {
  for index in 0..<count { target[index] += source[index] }
}

/// Adds the column sums of `matrix` `[rows, columns]` to `target`; each sum is one chain of
/// double-precision additions in ascending order of rows, rounded once.
func accumulateColumnSums(_ matrix: Floats, rows: Int, columns: Int, into target: Floats) {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: columns) { sums in
    sums.initialize(repeating: 0)
    for row in 0..<rows {
      let line = matrix + row * columns
      for column in 0..<columns { sums[column] += Double(line[column]) }
    }
    for column in 0..<columns { target[column] += Float(sums[column]) }
  }
}
