import CMath
import Checkpoints
import Graphs

/// Computes operations whose operands are known at import: arithmetic on shapes, masks, positions.
///
/// Numbers are Double, so that sums, products and quotients of fp32 numbers are rounded once to fp32, and whole
/// numbers below 2⁵³ are exact.
struct ConstantEvaluation {
  /// More elements, in all of a file, are left to the run: a small file must not make much memory.
  static let mostElements = 1 << 23

  /// Elements that are read and written, roughly.
  var cost: Int {
    let own = operands.reduce(shape.elementCount) { $0 + $1.count }
    guard case .matrixProduct = operation else { return own }
    return own + shape.elementCount.multipliedReportingOverflow(by: operands[0].shape.last ?? 1)
      .partialValue.magnitude.clamped / 16
  }

  let operation: TensorOperation
  let operands: [ImportedConstant]
  /// Extents of the result.
  let shape: Shape

  /// The result's elements, unrounded.
  var values: [Double] {
    switch operation {
    case .reshape: operands[0].values
    case .view(let view):
      { values in view.elements.map { values[$0] } }(operands[0].values)
    case .take(let selection): taken(selection)
    case .concatenation(let axis): concatenated(axis)
    case .map(let mapping): operands[0].values.map(mapping.value)
    case .arithmetic(let arithmetic):
      broadcast { arithmetic.value($0[0], $0[1]) }
    case .choice: broadcast { $0[0] != 0 ? $0[1] : $0[2] }
    case .reduction(let reduction, let axes): reduced(reduction, axes)
    case .matrixProduct: product
    case .constant, .rows: preconditionFailure("only nodes have parameters")
    case .gather: preconditionFailure("elements at known places are slices")
    case .softmax: softmax
    case .scatter(let scattering): scattered(scattering)
    case .topK(let count, let isAscending): topPlaces(count, isAscending)
    }
  }

  private func scattered(_ scattering: Scattering) -> [Double] {
    var values = operands[0].values
    for (place, update) in zip(operands[1].values, operands[2].values) {
      guard let index = Int(exactly: place), values.indices.contains(index) else {
        return Array(repeating: .nan, count: values.count)
      }
      values[index] = scattering.arithmetic?.value(values[index], update) ?? update
    }
    return values
  }

  private func topPlaces(_ count: Int, _ isAscending: Bool) -> [Double] {
    let values = operands[0].values
    let length = operands[0].shape.last ?? 1
    return stride(from: 0, to: values.count, by: length).flatMap { start in
      let row = Array(values[start..<start + length])
      let order = row.indices.sorted { first, second in
        let (x, y) = isAscending ? (row[second], row[first]) : (row[first], row[second])
        return x.isLargerOrNaN(than: y) || !y.isLargerOrNaN(than: x) && first < second
      }
      return order.prefix(count).map { Double($0) }
    }
  }

  private func taken(_ selection: Selection) -> [Double] {
    let values = operands[0].values
    let extents = operands[0].shape
    let inner = extents[(selection.axis + 1)...].reduce(1, *)
    let outer = extents[..<selection.axis].reduce(1, *)
    var result: [Double] = []
    result.reserveCapacity(shape.elementCount)
    for row in 0..<outer {
      for index in selection.indices {
        guard index >= 0 else {
          result += repeatElement(Double(selection.filling), count: inner)
          continue
        }
        let start = (row * extents[selection.axis] + index) * inner
        result += values[start..<start + inner]
      }
    }
    return result
  }

  private func concatenated(_ axis: Int) -> [Double] {
    let parts = operands.map { ($0.values, $0.shape[axis...].reduce(1, *)) }
    return (0..<shape.dimensions[..<axis].reduce(1, *)).flatMap { row in
      parts.flatMap { values, run in values[row * run..<(row + 1) * run] }
    }
  }

  private func broadcast(_ function: ([Double]) -> Double) -> [Double] {
    let views = operands.map { View(repeating: Shape($0.shape), to: shape) }
    let values = operands.map(\.values)
    return (0..<shape.elementCount).map { index in
      function(zip(values, views).map { $0[$1.element(index)] })
    }
  }

  private func reduced(_ reduction: Reduction, _ axes: [Int]) -> [Double] {
    let values = operands[0].values
    let extents = operands[0].shape
    let strides = Shape(extents).strides
    func walk(_ kept: Bool) -> View {
      let chosen = extents.indices.filter { axes.contains($0) != kept }
      return View(
        shape: Shape(chosen.map { extents[$0] }), strides: chosen.map { strides[$0] })
    }
    let reducedPlaces = walk(false).elements
    return walk(true).elements.map { origin in
      reduction.value(reducedPlaces.map { values[origin + $0] })
    }
  }

  private var product: [Double] {
    let (left, right) = (Shape(operands[0].shape), Shape(operands[1].shape))
    let (rows, length, columns) = (
      left.dimensions[left.rank - 2], left.channels, right.channels
    )
    let outer = Shape(Array(shape.dimensions.dropLast(2)))
    let first = View(repeating: Shape(Array(left.dimensions.dropLast(2))), to: outer)
    let second = View(repeating: Shape(Array(right.dimensions.dropLast(2))), to: outer)
    let (a, b) = (operands[0].values, operands[1].values)
    return (0..<outer.elementCount).flatMap { batch in
      let (x, y) = (
        first.element(batch) * rows * length, second.element(batch) * length * columns
      )
      return (0..<rows * columns).map { place in
        let (row, column) = place.quotientAndRemainder(dividingBy: columns)
        return (0..<length).reduce(0.0) {
          $0 + a[x + row * length + $1] * b[y + $1 * columns + column]
        }
      }
    }
  }

  private var softmax: [Double] {
    let values = operands[0].values
    let length = shape.channels
    return stride(from: 0, to: values.count, by: length).flatMap { start in
      let row = values[start..<start + length]
      let largest = row.max() ?? 0
      let powers = row.map { cm_exp($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }
}

extension Mapping {
  /// The function's value.
  fileprivate func value(_ x: Double) -> Double {
    switch self {
    case .exponential: cm_exp(x)
    case .logarithm: cm_log(x)
    case .squareRoot: x.squareRoot()
    case .reciprocal: 1 / x
    case .errorFunction: cm_erf(x)
    case .sine: cm_sin(x)
    case .cosine: cm_cos(x)
    case .negative: -x
    case .absolute: abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .floor: x.rounded(.down)
    case .ceiling: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .truncation: x.rounded(.towardZero)
    case .softplus: max(x, 0) + cm_log(1 + cm_exp(-abs(x)))
    case .isNaN: x.isNaN ? 1 : 0
    case .isInfinite: x.isInfinite ? 1 : 0
    case .not: x == 0 ? 1 : 0
    case .float16: ONNXElement.float16.rounded(x)
    case .bfloat16: ONNXElement.bfloat16.rounded(x)
    case .clamp(let low, let high): min(max(x, Double(low)), Double(high))
    case .affine(let factor, let offset): x * Double(factor) + Double(offset)
    }
  }
}

extension Arithmetic {
  /// The function's value.
  fileprivate func value(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .add: x + y
    case .subtract: x - y
    case .multiply: x * y
    case .divide: x / y
    case .power: cm_pow(x, y)
    case .minimum: x.smaller(y)
    case .maximum: x.larger(y)
    case .remainder: x.truncatingRemainder(dividingBy: y)
    case .modulo: x.modulo(y)
    case .equal: x == y ? 1 : 0
    case .less: x < y ? 1 : 0
    case .lessOrEqual: x <= y ? 1 : 0
    case .greater: x > y ? 1 : 0
    case .greaterOrEqual: x >= y ? 1 : 0
    case .and: x != 0 && y != 0 ? 1 : 0
    case .or: x != 0 || y != 0 ? 1 : 0
    case .exclusiveOr: (x != 0) != (y != 0) ? 1 : 0
    }
  }
}

extension Scattering {
  /// The function of what was there and what is written; `nil` where only the latter counts.
  fileprivate var arithmetic: Arithmetic? {
    switch self {
    case .replace: nil
    case .add: .add
    case .multiply: .multiply
    case .minimum: .minimum
    case .maximum: .maximum
    }
  }
}

extension Reduction {
  /// The one number for `values`, which are some.
  fileprivate func value(_ values: [Double]) -> Double {
    switch self {
    case .sum: values.reduce(0, +)
    case .mean: values.reduce(0, +) / Double(values.count)
    case .sumOfSquares: values.reduce(0) { $0 + $1 * $1 }
    case .product: values.reduce(1, *)
    case .maximum: values.reduce(-.infinity) { $0.larger($1) }
    case .minimum: values.reduce(.infinity) { $0.smaller($1) }
    case .firstMaximum: place(values) { $0.isLargerOrNaN(than: $1) }
    case .firstMinimum: place(values) { $0.isSmallerOrNaN(than: $1) }
    }
  }

  /// The place of the first number that no other beats.
  private func place(_ values: [Double], _ beats: (Double, Double) -> Bool) -> Double {
    var best = 0
    for place in values.indices where beats(values[place], values[best]) { best = place }
    return Double(best)
  }
}

extension UInt {
  /// The nearest `Int`.
  fileprivate var clamped: Int { Int(clamping: self) }
}
