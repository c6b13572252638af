import CMath

/// Probabilities of classes, example by example.
///
/// Scores become probabilities in Double, by exp from `CMath`, the largest score subtracted first, sums in
/// ascending order of the class. An output that holds a NaN or an infinity claims nothing: every class
/// gets an equal share.
public struct ClassProbabilities: Sendable {
  /// What outputs are.
  public enum Scale: Hashable, Sendable {
    /// Scores whose exponentials are proportional to probabilities.
    case logits
    /// Probabilities already, as a softmax gives them.
    case probabilities
  }

  /// Classes.
  public let classes: Int
  /// `[examples, classes]`, row-major.
  public let values: [Double]

  /// Reads outputs `[examples, classes]`, row-major.
  public init(_ outputs: Span<Float>, classes: Int, scale: Scale) {
    precondition(classes > 0 && outputs.count.isMultiple(of: classes), "whole outputs")
    self.classes = classes
    var values: [Double] = []
    values.reserveCapacity(outputs.count)
    for start in stride(from: 0, to: outputs.count, by: classes) {
      Self.append(outputs, from: start, classes: classes, scale, to: &values)
    }
    self.values = values
  }

  private static func append(
    _ outputs: Span<Float>, from start: Int, classes: Int, _ scale: Scale,
    to values: inout [Double]
  ) {
    var largest = -Float.infinity
    var isFinite = true
    for index in start..<start + classes {
      largest = max(largest, outputs[index])
      isFinite = isFinite && outputs[index].isFinite
    }
    guard isFinite else {
      values.append(contentsOf: repeatElement(1 / Double(classes), count: classes))
      return
    }
    let first = values.count
    var sum = 0.0
    for index in start..<start + classes {
      let value = Double(outputs[index])
      values.append(scale == .probabilities ? value : cm_exp(value - Double(largest)))
      sum += values[values.count - 1]
    }
    guard scale == .logits else { return }
    for index in first..<values.count { values[index] /= sum }
  }
}

extension ClassProbabilities {
  /// Whether the label of an example is among its `count` most likely classes, the lower index first among
  /// equals.
  func isAmong(_ count: Int, example: Int, label: Int) -> Bool {
    let start = example * classes
    let own = values[start + label]
    var before = 0
    for index in 0..<classes where index != label {
      let other = values[start + index]
      if other > own || other == own && index < label { before += 1 }
    }
    return before < count
  }

  /// Sum over classes of (p − [is the label])².
  func squaredError(example: Int, label: Int) -> Double {
    var sum = 0.0
    for index in 0..<classes {
      let distance = values[example * classes + index] - (index == label ? 1 : 0)
      sum = sum.addingProduct(distance, distance)
    }
    return sum
  }

  /// The most likely class, the lowest index among equals, and its probability.
  func answer(example: Int) -> (label: Int, probability: Double) {
    var best = 0
    let start = example * classes
    for index in 1..<max(classes, 1) where values[start + index] > values[start + best] {
      best = index
    }
    return (best, values[start + best])
  }
}
