import CKernels
import CMath

/// Softmax cross-entropy on logits.
enum CrossEntropy {
  /// The label of a row without a right answer: it adds no loss and its gradient is 0.
  static let unscored = -1

  /// What one batch scored.
  struct Score {
    /// Sum over the scored rows, in nats.
    var loss = 0.0
    /// Scored rows whose largest logit (the first of equal ones) is the label's.
    var right = 0
    /// Rows with a label.
    var scored = 0
  }

  /// The score of a batch; writes the gradient of the mean loss to `gradients`.
  ///
  /// Per row in double precision, ascending: `p = exp(x − max) / Σ exp(x − max)`,
  /// `loss = log Σ exp(x − max) − (x[label] − max)`, gradient `(p − 1[label]) / scored`, rounded once.
  ///
  /// - Parameters:
  ///   - logits: `[rows, classes]`.
  ///   - labels: A class per row, or `unscored`.
  ///   - gradients: `[rows, classes]`.
  static func score(logits: Floats, labels: [Int], classes: Int, gradients: Floats) -> Score {
    var score = Score()
    score.scored = labels.count { $0 != unscored }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: classes) { powers in
      for (row, label) in labels.enumerated() {
        let (x, gradient) = (logits + row * classes, gradients + row * classes)
        guard label != unscored else {
          gradient.update(repeating: 0, count: classes)
          continue
        }
        var best = 0
        for index in 0..<classes where x[index] > x[best] { best = index }
        score.right += best == label ? 1 : 0
        let maximum = Double(x[best])
        var sum = 0.0
        for index in 0..<classes {
          let power = cm_exp(Double(x[index]) - maximum)
          powers.initializeElement(at: index, to: power)
          sum += power
        }
        score.loss += cm_log(sum) - (Double(x[label]) - maximum)
        for index in 0..<classes {
          let target = index == label ? 1.0 : 0.0
          gradient[index] = Float((powers[index] / sum - target) / Double(score.scored))
        }
      }
    }
    return score
  }

  /// The same with the probabilities of the softmax kernel, for many rows of many classes.
  ///
  /// The largest probability is `1 / Σ exp(x − max)`, so `loss = (max − x[label]) − log p[max]`; gradient
  /// `(p − 1[label]) / scored`, in fp32.
  static func score(
    logits: Floats, labels: [Int], classes: Int, gradients: Floats, kernels: qg_kernels
  ) -> Score {
    var score = Score()
    score.scored = labels.count { $0 != unscored }
    let scored = Float(score.scored)
    for (row, label) in labels.enumerated() {
      let (x, gradient) = (logits + row * classes, gradients + row * classes)
      guard label != unscored else {
        gradient.update(repeating: 0, count: classes)
        continue
      }
      var best = 0
      for index in 0..<classes where x[index] > x[best] { best = index }
      score.right += best == label ? 1 : 0
      kernels.softmax_f32(x, 1, classes, gradient)
      score.loss += Double(x[best]) - Double(x[label]) - cm_log(Double(gradient[best]))
      gradient[label] -= 1
      for index in 0..<classes { gradient[index] /= scored }
    }
    return score
  }
}
