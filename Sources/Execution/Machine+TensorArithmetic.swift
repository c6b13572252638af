import CKernels
import CMath
import Graphs

extension Machine {
  /// A function of every element.
  func map(_ each: Elementwise, _ mapping: Mapping, _ share: Share) {
    let part = share.part(of: share.examples * each.count, unit: Self.elementUnit)
    mapping.apply(
      floats(each.source) + part.lowerBound, part.count, floats(each.result) + part.lowerBound)
  }

  /// A function of two elements.
  func combine(
    _ arithmetic: Arithmetic, _ first: BufferID, _ second: BufferID, _ result: BufferID,
    _ traversal: Traversal, _ share: Share
  ) {
    @inline(__always) func apply(_ function: (Float, Float) -> Float) {
      let (stepA, stepB) = (traversal.stride(0), traversal.stride(1))
      traversal.forEachRun(share) { place, example, run, from, count in
        let target = floats(result) + place
        let a =
          floats(first) + example * traversal.counts.0 + traversal.start(run, of: 0) + from * stepA
        let b =
          floats(second) + example * traversal.counts.1 + traversal.start(run, of: 1)
          + from * stepB
        switch (stepA, stepB) {
        case (1, 1): for index in 0..<count { target[index] = function(a[index], b[index]) }
        case (1, 0):
          let other = b[0]
          for index in 0..<count { target[index] = function(a[index], other) }
        case (0, 1):
          let other = a[0]
          for index in 0..<count { target[index] = function(other, b[index]) }
        default:
          for index in 0..<count {
            target[index] = function(a[index &* stepA], b[index &* stepB])
          }
        }
      }
    }
    switch arithmetic {
    case .add: apply { $0 + $1 }
    case .subtract: apply { $0 - $1 }
    case .multiply: apply { $0 * $1 }
    case .divide: apply { $0 / $1 }
    case .power: apply { Float(cm_pow(Double($0), Double($1))) }
    case .minimum: apply { $0.smaller($1) }
    case .maximum: apply { $0.larger($1) }
    case .remainder: apply { $0.truncatingRemainder(dividingBy: $1) }
    case .modulo: apply { $0.modulo($1) }
    case .equal: apply { $0 == $1 ? 1 : 0 }
    case .less: apply { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: apply { $0 <= $1 ? 1 : 0 }
    case .greater: apply { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: apply { $0 >= $1 ? 1 : 0 }
    case .and: apply { $0 != 0 && $1 != 0 ? 1 : 0 }
    case .or: apply { $0 != 0 || $1 != 0 ? 1 : 0 }
    case .exclusiveOr: apply { ($0 != 0) != ($1 != 0) ? 1 : 0 }
    }
  }

  /// Elements of one operand or of another.
  func choose(
    _ condition: BufferID, _ first: BufferID, _ second: BufferID, _ result: BufferID,
    _ traversal: Traversal, _ share: Share
  ) {
    let steps = (traversal.stride(0), traversal.stride(1), traversal.stride(2))
    let counts = traversal.counts
    traversal.forEachRun(share) { place, example, run, from, count in
      let target = floats(result) + place
      let chosen =
        floats(condition) + example * counts.0 + traversal.start(run, of: 0) + from * steps.0
      let a = floats(first) + example * counts.1 + traversal.start(run, of: 1) + from * steps.1
      let b = floats(second) + example * counts.2 + traversal.start(run, of: 2) + from * steps.2
      for index in 0..<count {
        target[index] = chosen[index &* steps.0] != 0 ? a[index &* steps.1] : b[index &* steps.2]
      }
    }
  }
}

extension Mapping {
  /// Writes the function's values for `count` numbers.
  func apply(
    _ source: UnsafePointer<Float>, _ count: Int, _ result: UnsafeMutablePointer<Float>
  ) {
    @inline(__always) func apply(_ function: (Float) -> Float) {
      for index in 0..<count { result[index] = function(source[index]) }
    }
    switch self {
    case .exponential: apply { cm_expf($0) }
    case .logarithm: apply { cm_logf($0) }
    case .squareRoot: apply { $0.squareRoot() }
    case .reciprocal: apply { 1 / $0 }
    case .errorFunction: apply { cm_erff($0) }
    case .sine: apply { Float(cm_sin(Double($0))) }
    case .cosine: apply { Float(cm_cos(Double($0))) }
    case .negative: apply { -$0 }
    case .absolute: apply { $0.magnitude }
    case .sign: apply { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .floor: apply { $0.rounded(.down) }
    case .ceiling: apply { $0.rounded(.up) }
    case .round: apply { $0.rounded(.toNearestOrEven) }
    case .truncation: apply { $0.rounded(.towardZero) }
    case .softplus:
      apply { Float(Double(max($0, 0)) + cm_log(1 + cm_exp(-Double($0.magnitude)))) }
    case .isNaN: apply { $0.isNaN ? 1 : 0 }
    case .isInfinite: apply { $0.isInfinite ? 1 : 0 }
    case .not: apply { $0 == 0 ? 1 : 0 }
    case .float16: apply { Float(Float16($0)) }
    case .bfloat16: apply { $0.roundedToBFloat16 }
    case .clamp(let low, let high):
      apply {
        let raised = $0 < low ? low : $0
        return raised > high ? high : raised
      }
    case .affine(let factor, let offset): apply { offset.addingProduct($0, factor) }
    }
  }
}
