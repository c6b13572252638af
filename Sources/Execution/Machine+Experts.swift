import CKernels

extension Machine {
  /// Executes the steps of layers of experts.
  func experts(_ step: Step, _ share: Share) {
    switch step {
    case .route(let routing): route(routing, share)
    case .group(let groups): group(groups, share)
    case .gather(let gathering): gather(gathering, share)
    case .multiplyExperts(let product): multiply(product, share)
    case .mix(let mixture): mix(mixture, share)
    default: break
    }
  }

  private func numbers(_ buffer: BufferID) -> UnsafeMutablePointer<Int32> {
    addresses[buffer].assumingMemoryBound(to: Int32.self)
  }

  /// The team splits tokens.
  private func route(_ step: RoutingStep, _ share: Share) {
    for token in share.part(of: share.examples) {
      let chosen = floats(step.result) + token * 2 * step.chosen
      choose(step.chosen, from: floats(step.scores) + token * step.experts, step.experts, chosen)
      let weights = chosen + step.chosen
      let probabilities = floats(step.probabilities) + token * step.experts
      var sum: Float = 0
      for place in 0..<step.chosen {
        weights[place] = probabilities[Int(chosen[place])]
        sum += weights[place]
      }
      guard step.isNormalized else { continue }
      for place in 0..<step.chosen { weights[place] /= sum }
    }
  }

  /// Writes the numbers of the largest scores in ascending order; of equal scores the first count, a NaN is −∞.
  private func choose(
    _ count: Int, from scores: UnsafePointer<Float>, _ experts: Int,
    _ chosen: UnsafeMutablePointer<Float>
  ) {
    var last: (score: Float, expert: Int) = (.infinity, -1)
    for found in 0..<count {
      var best: (score: Float, expert: Int)?
      for expert in 0..<experts {
        let score = scores[expert].isNaN ? -.infinity : scores[expert]
        let isLeft = score < last.score || score == last.score && expert > last.expert
        if isLeft, best.map({ score > $0.score }) ?? true { best = (score, expert) }
      }
      guard let best else { preconditionFailure("there are at least as many experts") }
      last = best
      var place = found
      while place > 0, chosen[place - 1] > Float(best.expert) {
        chosen[place] = chosen[place - 1]
        place -= 1
      }
      chosen[place] = Float(best.expert)
    }
  }

  /// Sorts choices by expert, on one thread: there are few, and each is looked at twice.
  private func group(_ groups: ExpertGroups, _ share: Share) {
    guard share.member == 0 else { return }
    let order = numbers(groups.order)
    let offsets = numbers(groups.offsets)
    offsets.update(repeating: 0, count: groups.experts + 1)
    forEachChoice(groups, share) { _, expert in offsets[expert + 1] += 1 }
    for expert in 0..<groups.experts { offsets[expert + 1] += offsets[expert] }
    forEachChoice(groups, share) { choice, expert in
      order[Int(offsets[expert])] = Int32(truncatingIfNeeded: choice)
      offsets[expert] += 1
    }
    // Each beginning has moved to its end, where the next one begins.
    for expert in (1...groups.experts).reversed() { offsets[expert] = offsets[expert - 1] }
    offsets[0] = 0
  }

  private func forEachChoice(
    _ groups: ExpertGroups, _ share: Share, _ body: (_ choice: Int, _ expert: Int) -> Void
  ) {
    for token in 0..<share.examples {
      let routing = floats(groups.routing) + token * 2 * groups.chosen
      for place in 0..<groups.chosen { body(token * groups.chosen + place, Int(routing[place])) }
    }
  }

  /// The team splits choices.
  private func gather(_ step: RowGathering, _ share: Share) {
    let order = numbers(step.groups.order)
    for row in share.part(of: share.examples * step.groups.chosen) {
      let source = Int(order[row]) / step.choicesPerRow
      (addresses[step.result] + row * step.rowBytes)
        .copyMemory(from: addresses[step.source] + source * step.rowBytes, byteCount: step.rowBytes)
      if let affines = step.affines {
        self.affines(affines.result)[row] = self.affines(affines.source)[source]
      }
    }
  }

  /// The team splits slabs of outputs, numbered through all experts with their rows as weights. Every expert's
  /// weights are read once.
  private func multiply(_ step: ExpertProduct, _ share: Share) {
    let offsets = numbers(step.groups.offsets)
    let slabs = step.product.slabs
    let part = share.part(of: share.examples * step.groups.chosen * slabs)
    for expert in 0..<step.groups.experts {
      let rows = Int(offsets[expert])..<Int(offsets[expert + 1])
      guard !rows.isEmpty else { continue }
      // Slab s counts as many units as there are rows, the first of which is its owner's.
      func firstSlab(from unit: Int) -> Int {
        let distance = unit - rows.lowerBound * slabs
        return min(max((distance + rows.count - 1) / rows.count, 0), slabs)
      }
      let first = part.lowerBound <= rows.lowerBound * slabs ? 0 : firstSlab(from: part.lowerBound)
      let end = part.upperBound <= rows.lowerBound * slabs ? 0 : firstSlab(from: part.upperBound)
      guard first < end else { continue }
      multiply(step, step.matrices[expert], rows: rows, slabs: first..<end)
    }
  }

  /// One expert's products with some slabs, and their way back to the order of tokens.
  private func multiply(
    _ step: ExpertProduct, _ matrix: PackedMatrix, rows: Range<Int>, slabs: Range<Int>
  ) {
    let order = numbers(step.groups.order)
    let size = step.product.form.elementSize
    let rowBytes = step.product.outputs * size
    var product = step.product
    product.matrix = matrix
    if rows.count == 1 {
      let result = addresses[step.result] + Int(order[rows.lowerBound]) * rowBytes
      return multiply(product, rows: rows, into: result, slabs: slabs)
    }
    let results = addresses[product.result]
    multiply(product, rows: rows, into: results + rows.lowerBound * rowBytes, slabs: slabs)
    let first = slabs.lowerBound * Product.slabWidth * size
    let count = min(rowBytes, slabs.upperBound * Product.slabWidth * size) - first
    for row in rows {
      (addresses[step.result] + Int(order[row]) * rowBytes + first)
        .copyMemory(from: results + row * rowBytes + first, byteCount: count)
    }
  }

  /// The team splits tokens, or elements where tokens are few.
  private func mix(_ step: MixtureStep, _ share: Share) {
    let splitsTokens = share.examples >= share.members
    let tokens = splitsTokens ? share.part(of: share.examples) : 0..<share.examples
    let columns =
      splitsTokens ? 0..<step.count : share.part(of: step.count, unit: Self.elementUnit)
    for token in tokens {
      let weights = floats(step.routing) + (token * 2 + 1) * step.chosen
      let result = floats(step.result) + token * step.count
      for place in 0..<step.chosen {
        let vector = floats(step.source) + (token * step.chosen + place) * step.count
        let weight = weights[place]
        if place == 0 {
          for column in columns { result[column] = weight * vector[column] }
        } else {
          for column in columns { result[column] += weight * vector[column] }
        }
      }
    }
  }
}
