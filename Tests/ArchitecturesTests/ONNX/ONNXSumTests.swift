import Architectures
import Checkpoints
import TestSupport
import Testing

/// Sums of products and windows against plain loops over their definitions.
struct ONNXSumTests {
  @Test(arguments: [
    ("ij,jk->ik", [[2, 3], [3, 4]]), ("bij,bjk->bik", [[2, 2, 3], [2, 3, 2]]),
    ("bhqd,bhkd->bhqk", [[2, 2, 3, 4], [2, 2, 2, 4]]), ("ii->i", [[3, 3]]), ("ij->", [[2, 3]]),
    ("ij->ji", [[2, 3]]), ("i,j->ji", [[2], [3]]), ("ij,ij->", [[2, 3], [2, 3]]),
    ("ij,jk", [[2, 3], [3, 4]]), ("ba", [[2, 3]]), ("ij,jk,kl->il", [[2, 3], [3, 2], [2, 4]]),
    ("ijj,j->i", [[2, 3, 3], [3]]), ("ij,k->i", [[2, 3], [4]]),
  ])
  func `letters say what is multiplied and summed`(equation: String, shapes: [[Int]]) throws {
    var random = SeededGenerator(seed: 61)
    let operands = shapes.map { shape in
      ONNXOperatorCase.Operand.numbers(
        shape, (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) })
    }
    let example = ONNXOperatorCase(
      operation: "Einsum", operands: operands, attributes: ["equation": .text(equation)])
    let (shape, expected) = Self.sum(equation, operands)
    for found in try example.results() {
      #expect(found.shape == shape)
      #expect(zip(found.values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func `an ellipsis stands for the axes without a letter, repeated where one is 1`() throws {
    let left = ONNXOperatorCase.Operand.numbers([2, 1, 2], [1, 2, 3, 4])
    let right = ONNXOperatorCase.Operand.numbers([1, 2, 1], [10, 1])
    for equation in ["...ij,...jk->...ik", "...ij, ...jk"] {
      let example = ONNXOperatorCase(
        operation: "Einsum", operands: [left, right], attributes: ["equation": .text(equation)])
      for found in try example.results() {
        #expect(found.shape == [2, 1, 1])
        #expect(found.values == [12, 34])
      }
    }
  }

  /// The sum over every assignment of places to letters.
  private static func sum(
    _ equation: String, _ operands: [ONNXOperatorCase.Operand]
  ) -> (shape: [Int], values: [Float]) {
    let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",").map { Array($0) }
    let all = terms.flatMap { $0 }
    let implicit = Set(all).sorted().filter { letter in all.count { $0 == letter } == 1 }
    let result = sides.count > 1 ? Array(sides[1]) : implicit
    var extents: [Character: Int] = [:]
    for (term, operand) in zip(terms, operands) {
      for (letter, extent) in zip(term, operand.shape) { extents[letter] = extent }
    }
    let letters = extents.keys.sorted()
    let shape = result.map { extents[$0] ?? 0 }
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    for number in 0..<letters.reduce(1, { $0 * (extents[$1] ?? 1) }) {
      var places: [Character: Int] = [:]
      var rest = number
      for letter in letters {
        places[letter] = rest % (extents[letter] ?? 1)
        rest /= extents[letter] ?? 1
      }
      func index(_ term: [Character]) -> Int {
        term.reduce(0) { $0 * (extents[$1] ?? 1) + (places[$1] ?? 0) }
      }
      let product = zip(terms, operands).reduce(Float(1)) { $0 * $1.1.values[index($1.0)] }
      values[index(result)] += product
    }
    return (shape, values)
  }

  /// A window over every axis behind the first two.
  struct Pool: Sendable {
    let operation: String
    var attributes: [String: ONNXAttribute] = [:]
    let shape: [Int]
    let kernel: [Int]
    let strides: [Int]
    let pads: [Int]
    /// Extents of the result.
    let result: [Int]
  }

  @Test(arguments: [
    Pool(
      operation: "MaxPool", shape: [2, 2, 4, 5], kernel: [2, 3], strides: [1, 2],
      pads: [0, 1, 1, 1],
      result: [4, 3]),
    Pool(
      operation: "MaxPool", shape: [2, 2, 4, 5, 3], kernel: [2, 3, 2], strides: [2, 1, 1],
      pads: [0, 1, 0, 0, 1, 1], result: [2, 5, 3]),
    Pool(
      operation: "AveragePool", shape: [1, 2, 4, 5, 3], kernel: [2, 3, 2], strides: [2, 1, 1],
      pads: [0, 1, 0, 0, 1, 1], result: [2, 5, 3]),
    Pool(
      operation: "AveragePool", attributes: ["count_include_pad": .integer(1)],
      shape: [1, 2, 4, 5, 3], kernel: [2, 3, 2], strides: [2, 1, 1], pads: [0, 1, 0, 0, 1, 1],
      result: [2, 5, 3]),
    Pool(
      operation: "AveragePool", attributes: ["ceil_mode": .integer(1)], shape: [1, 1, 4, 4, 4],
      kernel: [3, 3, 3], strides: [2, 2, 2], pads: [0, 0, 0, 0, 0, 0], result: [2, 2, 2]),
    Pool(
      operation: "LpPool", attributes: ["p": .integer(3)], shape: [1, 2, 4, 5], kernel: [2, 3],
      strides: [1, 2], pads: [1, 0, 0, 1], result: [4, 2]),
    Pool(
      operation: "LpPool", attributes: ["ceil_mode": .integer(1)], shape: [1, 1, 5], kernel: [2],
      strides: [2], pads: [0, 0], result: [3]),
    Pool(
      operation: "LpPool", shape: [2, 1, 3, 4, 4], kernel: [2, 2, 2], strides: [1, 1, 2],
      pads: [1, 0, 0, 0, 0, 0], result: [3, 3, 2]),
  ])
  func `windows in any number of directions and over several images`(pool: Pool) throws {
    var random = SeededGenerator(seed: 62)
    let values = (0..<pool.shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) }
    let example = ONNXOperatorCase(
      operation: pool.operation, operands: [.numbers(pool.shape, values)],
      attributes: pool.attributes.merging([
        "kernel_shape": .integers(pool.kernel), "strides": .integers(pool.strides),
        "pads": .integers(pool.pads),
      ]) { $1 })
    let expected = Self.pooled(pool, values)
    for found in try example.results() {
      #expect(found.shape == Array(pool.shape.prefix(2)) + pool.result)
      #expect(zip(found.values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  private static func places(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { places, extent in places.flatMap { p in (0..<extent).map { p + [$0] } } }
  }

  private static func pooled(_ pool: Pool, _ values: [Float]) -> [Float] {
    let spatial = Array(pool.shape.dropFirst(2))
    let plane = spatial.reduce(1, *)
    var power: Float = 2
    if case .integer(let stated)? = pool.attributes["p"] { power = Float(stated) }
    return (0..<pool.shape[0] * pool.shape[1]).flatMap { channel in
      places(pool.result).map { place in
        var taken: [Float] = []
        var padding = 0
        for tap in places(pool.kernel) {
          let at = spatial.indices.map { place[$0] * pool.strides[$0] + tap[$0] - pool.pads[$0] }
          if spatial.indices.allSatisfy({ 0..<spatial[$0] ~= at[$0] }) {
            let index = zip(at, spatial).reduce(0) { $0 * $1.1 + $1.0 }
            taken.append(values[channel * plane + index])
          } else if spatial.indices.allSatisfy({
            at[$0] < spatial[$0] + pool.pads[$0 + spatial.count]
          }) {
            padding += 1
          }
        }
        switch pool.operation {
        case "MaxPool": return taken.max() ?? .nan
        case "LpPool":
          return power.root(of: taken.reduce(0) { $0 + power.raised(abs($1)) })
        default:
          let count = pool.attributes["count_include_pad"] == nil ? 0 : padding
          return taken.reduce(0, +) / Float(taken.count + count)
        }
      }
    }
  }

  @Test func `a crop is stretched, and what lies outside of the image is filled`() throws {
    func cropped(_ start: Float, _ end: Float, _ size: Int, _ mode: String) throws -> [Float] {
      let graph = ONNXGraph.sample(
        [
          ONNXNode(
            name: "n", operation: "Resize", inputs: ["x", "roi", "", "sizes"], outputs: ["y"],
            attributes: [
              "mode": .text(mode), "extrapolation_value": .float(7),
              "coordinate_transformation_mode": .text("tf_crop_and_resize"),
            ])
        ],
        constants: [
          ONNXTensor(name: "roi", shape: [4], values: [0, start, 1, end]),
          ONNXTensor(name: "sizes", shape: [2], integers: [1, size]),
        ], input: [1, 4])
      return try ImportedGraph(graph, file: "x.onnx").run([0, 10, 20, 30]).outputs
    }
    #expect(try cropped(0.5, 1.5, 3, "linear") == [15, 30, 7])
    #expect(try cropped(-0.5, 0.5, 3, "nearest") == [7, 0, 10])
    #expect(try cropped(0, 1, 1, "linear") == [15])
    #expect(try cropped(0, 1, 4, "linear") == [0, 10, 20, 30])
  }

  @Test func `keys behind a sequence's length are not seen`() throws {
    var random = SeededGenerator(seed: 63)
    func numbers(_ shape: [Int]) -> ONNXOperatorCase.Operand {
      .numbers(
        shape, (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) })
    }
    let (query, key, value) = (
      numbers([2, 1, 3, 4]), numbers([2, 1, 5, 4]), numbers([2, 1, 5, 4])
    )
    let seen: [[Float]] = [[1, 1, 0, 0, 0], [1, 1, 1, 1, 0]]
    let lengths = ONNXOperatorCase(
      operation: "Attention",
      operands: [query, key, value, .none, .none, .none, .setting([2], [2, 4])])
    let mask = ONNXOperatorCase(
      operation: "Attention",
      operands: [
        query, key, value, .numbers([2, 1, 1, 5], seen.joined().map { $0 == 1 ? 0 : -.infinity }),
      ])
    let expected = try mask.results()
    for (found, expected) in zip(try lengths.results(), expected) {
      #expect(found.shape == expected.shape)
      #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }
}

extension Float {
  /// `value` to this whole power.
  fileprivate func raised(_ value: Float) -> Float {
    (0..<Int(self)).reduce(1) { product, _ in product * value }
  }

  /// The number whose power is `value`, by halving.
  fileprivate func root(of value: Float) -> Float {
    var (low, high) = (Double(0), max(1, Double(value)))
    for _ in 0..<80 {
      let middle = (low + high) / 2
      let power = (0..<Int(self)).reduce(1.0) { product, _ in product * middle }
      if power < Double(value) { low = middle } else { high = middle }
    }
    return Float(low)
  }
}
