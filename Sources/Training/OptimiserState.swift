import Architectures
import CMath
import Graphs

/// Turns gradients into steps; element-wise fp32 arithmetic, each operation rounded.
struct OptimiserState: ~Copyable {
  private let optimiser: Optimiser
  private let decay: Float
  private let first: FloatArena
  private let second: FloatArena
  private var step = 0
  private var firstPower = 1.0
  private var secondPower = 1.0

  private static let firstShare = 0.9
  private static let secondShare = 0.999
  private static let smallest: Float = 1e-8

  init(_ recipe: TrainingRecipe, parameterCount: Int) {
    optimiser = recipe.optimiser
    decay = Float(recipe.weightDecay)
    first = FloatArena(count: parameterCount)
    second = FloatArena(count: recipe.optimiser == .adam ? parameterCount : 0)
  }

  /// Moves every trained parameter; stored statistics stay.
  mutating func update(_ memory: borrowing ParameterMemory, rate: Double) {
    step += 1
    firstPower *= Self.firstShare
    secondPower *= Self.secondShare
    for index in memory.specifications.indices where memory.isTrained[index] {
      let offset = memory.offsets[index]
      let range = offset..<offset + memory.specifications[index].elementCount
      let decay = memory.isDecayed[index] ? decay : 0
      switch optimiser {
      case .sgd(let momentum):
        descend(
          memory, range, rate: Float(rate), momentum: Float(momentum), decay: decay)
      case .adam:
        adapt(memory, range, rate: Float(rate), decay: decay)
      }
    }
  }

  /// `v ← momentum · v + (g + decay · w)`, `w ← w − rate · v`.
  private func descend(
    _ memory: borrowing ParameterMemory, _ range: Range<Int>, rate: Float, momentum: Float,
    decay: Float
  ) {
    let (w, g, v) = (memory.values.base, memory.gradients.base, first.base)
    for index in range {
      v[index] = momentum * v[index] + (g[index] + decay * w[index])
      w[index] -= rate * v[index]
    }
  }

  /// `m ← β₁ m + (1 − β₁) g`, `s ← β₂ s + (1 − β₂) g²`,
  /// `w ← w − (rate · m / (1 − β₁ᵗ) / (√(s / (1 − β₂ᵗ)) + ε) + rate · decay · w)`.
  private func adapt(
    _ memory: borrowing ParameterMemory, _ range: Range<Int>, rate: Float, decay: Float
  ) {
    let (w, g, m, s) = (memory.values.base, memory.gradients.base, first.base, second.base)
    let (keepFirst, takeFirst) = (Float(Self.firstShare), Float(1 - Self.firstShare))
    let (keepSecond, takeSecond) = (Float(Self.secondShare), Float(1 - Self.secondShare))
    let firstCorrection = Float(1 / (1 - firstPower))
    let secondCorrection = Float(1 / (1 - secondPower))
    let smallest = Self.smallest
    for index in range {
      m[index] = keepFirst * m[index] + takeFirst * g[index]
      s[index] = keepSecond * s[index] + takeSecond * (g[index] * g[index])
      let root = (s[index] * secondCorrection).squareRoot() + smallest
      let step = rate * (m[index] * firstCorrection) / root
      w[index] -= step + rate * decay * w[index]
    }
  }
}

extension LearningRateSchedule {
  /// The factor on the learning rate at one step of a run.
  package func factor(step: Int, steps: Int, stepsPerEpoch: Int) -> Double {
    switch self {
    case .constant: 1
    case .cosine: 0.5 * (1 + cm_cos(.pi * Double(step) / Double(steps)))
    case .step(let epochs, let factor):
      (0..<step / stepsPerEpoch / epochs).reduce(1) { product, _ in product * factor }
    }
  }
}
