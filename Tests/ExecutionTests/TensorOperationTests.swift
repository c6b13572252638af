import Execution
import Foundation
import Graphs
import NumberFormats
import TestSupport
import Testing

/// Every operation over tensors against plain loops over its definition.
@Suite struct TensorOperationTests {
  /// An operation on operands that are parts of the input, one after the other.
  static func model(
    _ operation: TensorOperation, _ shapes: [Shape], parameter: [Float] = []
  ) throws -> QuantizedModel {
    let count = max(1, shapes.reduce(0) { $0 + $1.elementCount })
    var nodes = [Node(id: 0, name: "input", operation: .input(Shape([count])), inputs: [])]
    var offset = 0
    for (index, shape) in shapes.enumerated() {
      nodes.append(
        Node(
          id: index + 1, name: "part\(index)",
          operation: .tensor(
            .view(View(shape: shape, strides: shape.strides, offset: offset))), inputs: [0]))
      offset += shape.elementCount
    }
    nodes.append(
      Node(
        id: nodes.count, name: "result", operation: .tensor(operation),
        inputs: Array(1..<nodes.count)))
    let graph = try Graph(nodes)
    var weights = Weights()
    if let specification = graph.parameters.first {
      weights[specification.name] = Tensor(shape: specification.shape, values: parameter)
    }
    return QuantizedModel(
      graph: graph, weights: weights, arithmetic: [:],
      storage: Array(repeating: .float32, count: nodes.count))
  }

  /// Results for several examples, whose bits do not depend on batch or threads.
  static func results(
    _ operation: TensorOperation, _ shapes: [Shape], parameter: [Float] = [],
    _ inputs: [[Float]], _ place: String
  ) throws -> [[Float]] {
    let model = try model(operation, shapes, parameter: parameter)
    let whole = try run(model, inputs, batch: inputs.count, options: ExecutionOptions())
    for threads in 1...3 {
      for batch in [1, inputs.count] {
        let other = try run(
          model, inputs, batch: batch, options: ExecutionOptions(threads: threads))
        #expect(
          other.map(\.bitPattern) == whole.map(\.bitPattern),
          "\(place), \(threads) threads, batch \(batch)")
      }
    }
    let count = model.graph.outputShape.elementCount
    return inputs.indices.map { Array(whole[$0 * count..<($0 + 1) * count]) }
  }

  static func inputs(
    _ shapes: [Shape], _ random: inout SeededGenerator, in range: ClosedRange<Float> = -4...4
  ) -> [[Float]] {
    (0..<3).map { _ in
      (0..<max(1, shapes.reduce(0) { $0 + $1.elementCount })).map { _ in
        Float.random(in: range, using: &random)
      }
    }
  }

  /// The element at a place, extents of 1 and missing ones repeated.
  private static func element(
    _ values: ArraySlice<Float>, _ shape: Shape, at place: [Int]
  ) -> Float {
    let own = place.suffix(shape.rank)
    let index = zip(zip(own, shape.dimensions), shape.strides).reduce(0) {
      $0 + ($1.0.1 == 1 ? 0 : $1.0.0) * $1.1
    }
    return values[values.startIndex + index]
  }

  static func places(_ shape: Shape) -> [[Int]] {
    shape.dimensions.reduce([[]]) { places, extent in
      places.flatMap { place in (0..<extent).map { place + [$0] } }
    }
  }

  private static let broadcasts: [[Shape]] = [
    [Shape([7]), Shape([7])], [Shape([3, 5]), Shape([5])], [Shape([3, 1, 4]), Shape([2, 1])],
    [Shape([1]), Shape([2, 3])], [Shape([2, 130]), Shape([2, 1])],
    [Shape([4, 1, 1]), Shape([1, 1, 9])],
  ]

  @Test(arguments: Arithmetic.allCases, broadcasts.indices)
  func `arithmetic repeats extents of one`(arithmetic: Arithmetic, shape: Int) throws {
    let shapes = Self.broadcasts[shape]
    var random = SeededGenerator(seed: UInt64(shape) + 100)
    var inputs = Self.inputs(shapes, &random)
    // Some equal numbers and zeros, and no fraction to the power of a fraction.
    if arithmetic == .power { inputs = inputs.map { $0.map { $0.magnitude + 0.1 } } }
    if [.equal, .and, .or, .exclusiveOr].contains(arithmetic) {
      inputs = inputs.map { $0.map { $0.rounded() < 1 ? 0 : 1 } }
    }
    let result = try #require(shapes[0].broadcast(with: shapes[1]))
    let found = try Self.results(.arithmetic(arithmetic), shapes, inputs, "\(arithmetic)")
    let split = shapes[0].elementCount
    for (input, found) in zip(inputs, found) {
      for (place, value) in zip(Self.places(result), found) {
        let a = Self.element(input[..<split], shapes[0], at: place)
        let b = Self.element(input[split...], shapes[1], at: place)
        let expected = Self.expected(arithmetic, a, b)
        let limit: Float =
          arithmetic == .power ? abs(expected) * 1e-6 : arithmetic == .modulo ? 1e-5 : 0
        #expect(abs(value - expected) <= limit, "\(arithmetic) of \(a) and \(b)")
      }
    }
  }

  private static func expected(_ arithmetic: Arithmetic, _ a: Float, _ b: Float) -> Float {
    switch arithmetic {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: Float(pow(Double(a), Double(b)))
    case .minimum: min(a, b)
    case .maximum: max(a, b)
    case .modulo: a.moduloOfDivisor(b)
    case .remainder: a.truncatingRemainder(dividingBy: b)
    case .equal: a == b ? 1 : 0
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    case .and: a * b != 0 ? 1 : 0
    case .or: a != 0 || b != 0 ? 1 : 0
    case .exclusiveOr: (a == 0) != (b == 0) ? 1 : 0
    }
  }

  @Test func `functions of one element are those of their names`() throws {
    var random = SeededGenerator(seed: 7)
    let shape = Shape([70])
    let inputs = Self.inputs([shape], &random, in: 0.01...6)
    let cases: [(Mapping, (Double) -> Double, Double)] = [
      (.exponential, { exp($0) }, 2e-7), (.logarithm, { log($0) }, 1e-6),
      (.squareRoot, { $0.squareRoot() }, 1e-7), (.reciprocal, { 1 / $0 }, 1e-7),
      (.negative, { -$0 }, 0), (.absolute, { abs($0) }, 0), (.sign, { $0 > 0 ? 1 : -1 }, 0),
      (.floor, { $0.rounded(.down) }, 0), (.ceiling, { $0.rounded(.up) }, 0),
      (.round, { $0.rounded(.toNearestOrEven) }, 0), (.truncation, { $0.rounded(.towardZero) }, 0),
      (.isNaN, { _ in 0 }, 0), (.isInfinite, { _ in 0 }, 0), (.not, { _ in 0 }, 0),
      (.clamp(low: 1, high: 2), { min(max($0, 1), 2) }, 0),
      (.affine(factor: 0.5, offset: -3), { $0 / 2 - 3 }, 1e-7),
      (.softplus, { log1p(exp($0)) }, 1e-6),
      (.float16, { Double(Float16(Float($0))) }, 0),
    ]
    for (mapping, expected, limit) in cases {
      for sign in [Float(1), -1] {
        if sign < 0, [.logarithm, .squareRoot].contains(mapping) { continue }
        let signed = inputs.map { $0.map { $0 * sign } }
        let found = try Self.results(.map(mapping), [shape], signed, mapping.name)
        for (value, x) in zip(found.joined(), signed.joined()) {
          let expected = expected(Double(x))
          #expect(
            abs(Double(value) - expected) <= limit * max(1, abs(expected)), "\(mapping) of \(x)")
        }
      }
    }
  }

  @Test func `sines, error functions and small numbers agree with known values`() throws {
    let cases: [(Mapping, Float, Float, Float)] = [
      (.sine, .pi / 6, 0.5, 1e-7), (.cosine, .pi / 3, 0.5, 1e-7),
      // Abramowitz and Stegun, table 7.1.
      (.errorFunction, 1, 0.842_700_79, 1e-6), (.softplus, -20, 2.061_153_6e-9, 1e-14),
      (.bfloat16, 1.003_906_25, 1, 0), (.bfloat16, 1.011_718_75, 1.015_625, 0),
      (.isNaN, .nan, 1, 0), (.isInfinite, -.infinity, 1, 0), (.not, 0, 1, 0), (.sign, 0, 0, 0),
      (.clamp(low: 2, high: 1), 0, 1, 0),
    ]
    for (mapping, x, expected, limit) in cases {
      let found = try Self.results(.map(mapping), [Shape([1])], [[x]], mapping.name)[0][0]
      #expect(abs(found - expected) <= limit, "\(mapping) of \(x)")
    }
  }

  @Test(arguments: Reduction.allCases, [[0], [1], [2], [0, 2], [0, 1, 2]])
  func `reductions run along their axes in ascending order`(
    reduction: Reduction, axes: [Int]
  ) throws {
    if reduction.isPlace && axes.count > 1 { return }
    let shape = Shape([3, 4, 5])
    var random = SeededGenerator(seed: UInt64(axes.reduce(7) { $0 * 5 + $1 }))
    let inputs = Self.inputs([shape], &random)
    let found = try Self.results(
      .reduction(reduction, axes: axes), [shape], inputs, "\(reduction) \(axes)")
    let kept = Shape(shape.dimensions.indices.map { axes.contains($0) ? 1 : shape.dimensions[$0] })
    for (input, found) in zip(inputs, found) {
      for (place, value) in zip(Self.places(kept), found) {
        let group = Self.places(shape).filter { other in
          other.indices.allSatisfy { axes.contains($0) || other[$0] == place[$0] }
        }
        let numbers = group.map { Self.element(input[...], shape, at: $0) }
        #expect(value == Self.expected(reduction, numbers), "\(reduction) of \(numbers)")
      }
    }
  }

  private static func expected(_ reduction: Reduction, _ numbers: [Float]) -> Float {
    switch reduction {
    case .sum: numbers.reduce(0, +)
    case .mean: numbers.reduce(0, +) / Float(numbers.count)
    case .sumOfSquares: numbers.reduce(0) { $0.addingProduct($1, $1) }
    case .product: numbers.reduce(1, *)
    case .maximum: numbers.max() ?? 0
    case .minimum: numbers.min() ?? 0
    case .firstMaximum: Float(numbers.firstIndex(of: numbers.max() ?? 0) ?? -1)
    case .firstMinimum: Float(numbers.firstIndex(of: numbers.min() ?? 0) ?? -1)
    }
  }

  @Test func `a NaN wins over every number`() throws {
    let input: [Float] = [1, .nan, 3, -2]
    for reduction in [Reduction.maximum, .minimum, .sum] {
      let found = try Self.results(
        .reduction(reduction, axes: [0]), [Shape([4])], [input], "\(reduction)")
      #expect(found[0][0].isNaN)
    }
  }

  @Test func `views walk backwards, repeat and turn`() throws {
    var random = SeededGenerator(seed: 21)
    let shape = Shape([3, 4, 5])
    let inputs = Self.inputs([shape], &random)
    let views = [
      View(of: shape, order: [2, 0, 1]), View(of: shape, order: [1, 2, 0]),
      View(shape: Shape([2, 5]), strides: [-40, -1], offset: 59),
      View(shape: Shape([3, 2, 7]), strides: [1, 0, 5], offset: 2),
      View(repeating: Shape([4, 1]), to: Shape([2, 4, 3])),
    ]
    for view in views {
      let found = try Self.results(.view(view), [shape], inputs, "\(view)")
      for (input, found) in zip(inputs, found) {
        let expected = Self.places(view.shape).map { place in
          input[view.offset + zip(place, view.strides).reduce(0) { $0 + $1.0 * $1.1 }]
        }
        #expect(found == expected)
      }
    }
  }

  @Test func `slices are taken one by one, absent ones are filled`() throws {
    var random = SeededGenerator(seed: 22)
    let shape = Shape([3, 4, 5])
    let inputs = Self.inputs([shape], &random)
    for (axis, indices) in [(0, [2, 0, 0]), (1, [3, -1, 1]), (2, [4, 4, 0, -1, 2, 1])] {
      let selection = Selection(axis: axis, indices: indices, filling: 9)
      let found = try Self.results(.take(selection), [shape], inputs, "axis \(axis)")
      var extents = shape.dimensions
      extents[axis] = indices.count
      for (input, found) in zip(inputs, found) {
        for (place, value) in zip(Self.places(Shape(extents)), found) {
          var source = place
          source[axis] = indices[place[axis]]
          #expect(value == (source[axis] < 0 ? 9 : Self.element(input[...], shape, at: source)))
        }
      }
    }
  }

  @Test func `tensors are joined along every axis`() throws {
    var random = SeededGenerator(seed: 23)
    for axis in 0..<3 {
      var extents = [2, 3, 4]
      extents[axis] = 5
      let shapes = [Shape([2, 3, 4]), Shape(extents)]
      let inputs = Self.inputs(shapes, &random)
      let found = try Self.results(.concatenation(axis: axis), shapes, inputs, "axis \(axis)")
      var result = extents
      result[axis] += shapes[0].dimensions[axis]
      let split = shapes[0].elementCount
      for (input, found) in zip(inputs, found) {
        for (place, value) in zip(Self.places(Shape(result)), found) {
          let first = shapes[0].dimensions[axis]
          var other = place
          other[axis] -= first
          #expect(
            value
              == (place[axis] < first
                ? Self.element(input[..<split], shapes[0], at: place)
                : Self.element(input[split...], shapes[1], at: other)))
        }
      }
    }
  }

  @Test(arguments: [
    ([4, 7], [7, 18]), ([2, 3, 5], [2, 5, 4]), ([3, 1, 2, 6], [2, 6, 3]), ([5, 6], [4, 6, 1]),
  ])
  func `matrices are multiplied along repeated outer extents`(
    left: [Int], right: [Int]
  ) throws {
    var random = SeededGenerator(seed: 24)
    let shapes = [Shape(left), Shape(right)]
    let inputs = Self.inputs(shapes, &random)
    let found = try Self.results(.matrixProduct, shapes, inputs, "\(left) \(right)")
    let outer = try #require(
      Shape(Array(left.dropLast(2))).broadcast(with: Shape(Array(right.dropLast(2)))))
    let result = Shape(outer.dimensions + [left[left.count - 2], right[right.count - 1]])
    let split = shapes[0].elementCount
    for (input, found) in zip(inputs, found) {
      for (place, value) in zip(Self.places(result), found) {
        var sum: Float = 0
        for k in 0..<left[left.count - 1] {
          let row = place.dropLast() + [k]
          let column = place.dropLast(2) + [k, place[place.count - 1]]
          sum = sum.addingProduct(
            Self.element(input[..<split], shapes[0], at: Array(row)),
            Self.element(input[split...], shapes[1], at: Array(column)))
        }
        #expect(value == sum)
      }
    }
  }

  @Test func `rows of a table, choices, constants and softmax`() throws {
    let table: [Float] = [1, 2, 3, 4, 5, 6]
    let rows = try Self.results(
      .rows(count: 3, features: 2), [Shape([2, 2])], parameter: table, [[2, 0, 1, 1]], "rows")
    #expect(rows[0] == [5, 6, 1, 2, 3, 4, 3, 4])
    for wrong in [Float(-1), 3, 0.5, .nan, .infinity] {
      let found = try Self.results(
        .rows(count: 3, features: 2), [Shape([1])], parameter: table, [[wrong]], "rows")
      #expect(found[0].count { $0.isNaN } == 2, "row \(wrong)")
    }
    let shapes = [Shape([2, 1]), Shape([3]), Shape([1])]
    let chosen = try Self.results(.choice, shapes, [[1, 0, 10, 20, 30, 5]], "choice")
    #expect(chosen[0] == [10, 20, 30, 5, 5, 5])
    let constant = try Self.results(
      .constant(Shape([2, 3])), [], parameter: [1, 2, 3, -.infinity, 5, 6], [[0], [0]], "constant")
    #expect(constant == Array(repeating: [1, 2, 3, -.infinity, 5, 6], count: 2))
    let soft = try Self.results(
      .softmax, [Shape([2, 3])], [[1, 2, 3, 0, 0, 0]], "softmax")[0]
    #expect(abs(soft[0] + soft[1] + soft[2] - 1) < 1e-6 && soft[2] > soft[1])
    #expect(soft[3...].allSatisfy { abs($0 - 1 / 3) < 1e-6 })
  }
}

extension Float {
  /// The remainder with the sign of the divisor, by repeated subtraction of whole multiples in Double.
  fileprivate func moduloOfDivisor(_ divisor: Float) -> Float {
    let (x, y) = (Double(self), Double(divisor))
    let rest = x - y * (x / y).rounded(.down)
    return Float(rest)
  }
}
