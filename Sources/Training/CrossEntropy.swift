import CMath

/// Softmax cross-entropy on logits.
enum CrossEntropy {
  /// What one batch scored.
  struct Score {
    /// Sum over the examples, in nats.
    var loss = 0.0
    /// Examples whose largest logit (the first of equal ones) is the label's.
    var right = 0
  }

  /// The score of a batch; writes the gradient of the mean loss to `gradients`.
  ///
  /// Per example in double precision, ascending: `p = exp(x − max) / Σ exp(x − max)`,
  /// `loss = log Σ exp(x − max) − (x[label] − max)`, gradient `(p − 1[label]) / batch`, rounded once.
  ///
  /// - Parameters:
  ///   - logits: `[batch, classes]`.
  ///   - gradients: `[batch, classes]`.
  static func score(
    logits: Floats, labels: some Collection<Int>, classes: Int, gradients: Floats
  ) -> Score {
    var score = Score()
    for (example, label) in labels.enumerated() {
      let (x, gradient) = (logits + example * classes, gradients + example * classes)
      var best = 0
      for index in 0..<classes where x[index] > x[best] { best = index }
      score.right += best == label ? 1 : 0
      let maximum = Double(x[best])
      var sum = 0.0
      for index in 0..<classes { sum += cm_exp(Double(x[index]) - maximum) }
      score.loss += cm_log(sum) - (Double(x[label]) - maximum)
      for index in 0..<classes {
        let probability = cm_exp(Double(x[index]) - maximum) / sum
        let target = index == label ? 1.0 : 0.0
        gradient[index] = Float((probability - target) / Double(labels.count))
      }
    }
    return score
  }
}
