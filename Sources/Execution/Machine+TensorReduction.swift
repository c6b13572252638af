import CKernels
import Graphs

extension Machine {
  /// One number for many; every chain runs in ascending order, however it is shared or vectorized.
  func reduce(_ step: TensorReduction, _ share: Share) {
    switch step.reduction {
    case .sum: chain(step, share, from: 0) { $0 + $1 }
    case .mean:
      let count = Float(step.reduced.count)
      chain(step, share, from: 0, finish: { $0 / count }) { $0 + $1 }
    case .sumOfSquares: chain(step, share, from: 0) { $0.addingProduct($1, $1) }
    case .product: chain(step, share, from: 1) { $0 * $1 }
    case .maximum: chain(step, share, from: -.infinity) { $0.larger($1) }
    case .minimum: chain(step, share, from: .infinity) { $0.smaller($1) }
    case .firstMaximum: place(step, share) { $0.isLargerOrNaN(than: $1) }
    case .firstMinimum: place(step, share) { $0.isSmallerOrNaN(than: $1) }
    }
  }

  @inline(__always)
  private func chain(
    _ step: TensorReduction, _ share: Share, from start: Float,
    finish: (Float) -> Float = { $0 }, _ body: (Float, Float) -> Float
  ) {
    let (kept, reduced) = (step.kept, step.reduced)
    let (keptStep, reducedStep) = (kept.stride(0), reduced.stride(0))
    kept.forEachRun(share) { place, example, run, first, count in
      let target = floats(step.result) + place
      let source =
        floats(step.source) + example * kept.counts.0 + kept.start(run, of: 0) + first * keptStep
      if keptStep == 1, count > 1 {
        // Neighbours advance together.
        for index in 0..<count { target[index] = start }
        for part in 0..<reduced.runs {
          var row = source + reduced.start(part, of: 0)
          for _ in 0..<reduced.length {
            for index in 0..<count { target[index] = body(target[index], row[index]) }
            row += reducedStep
          }
        }
        for index in 0..<count { target[index] = finish(target[index]) }
        return
      }
      for index in 0..<count {
        var value = start
        for part in 0..<reduced.runs {
          let row = source + index &* keptStep + reduced.start(part, of: 0)
          for place in 0..<reduced.length { value = body(value, row[place &* reducedStep]) }
        }
        target[index] = finish(value)
      }
    }
  }

  /// The place of the first element that no other beats.
  @inline(__always)
  private func place(
    _ step: TensorReduction, _ share: Share, _ beats: (Float, Float) -> Bool
  ) {
    let (kept, reduced) = (step.kept, step.reduced)
    let (keptStep, reducedStep) = (kept.stride(0), reduced.stride(0))
    kept.forEachRun(share) { place, example, run, first, count in
      let source =
        floats(step.source) + example * kept.counts.0 + kept.start(run, of: 0) + first * keptStep
      for index in 0..<count {
        let row = source + index &* keptStep
        var best = 0
        for candidate in 0..<reduced.length
        where beats(row[candidate &* reducedStep], row[best &* reducedStep]) {
          best = candidate
        }
        floats(step.result)[place + index] = Float(best)
      }
    }
  }
}
