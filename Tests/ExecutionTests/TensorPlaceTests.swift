import Execution
import Graphs
import TestSupport
import Testing

/// Elements by their places against plain loops.
@Suite struct TensorPlaceTests {
  @Test func `elements are gathered by their places, what names none is NaN`() throws {
    let shapes = [Shape([2, 3]), Shape([7])]
    let found = try TensorOperationTests.results(
      .gather, shapes,
      [
        [1, 2, 3, 4, 5, 6, 5, 0, 0, 3, 6, -1, 0.5],
        [10, 20, 30, 40, 50, 60, 1, 2, .nan, .infinity, -.infinity, 4, 5],
      ], "gather")
    #expect(found[0][..<4] == [6, 1, 1, 4] && found[0][4...].allSatisfy(\.isNaN))
    #expect(found[1][..<2] == [20, 30] && found[1][2..<5].allSatisfy(\.isNaN))
    #expect(found[1][5...] == [50, 60])
  }

  @Test(arguments: Scattering.allCases)
  func `elements are changed at their places in ascending order`(scattering: Scattering) throws {
    let shapes = [Shape([3, 2]), Shape([4]), Shape([4])]
    var random = SeededGenerator(seed: 91)
    let inputs = (0..<3).map { _ in
      let data = (0..<6).map { _ in Float.random(in: -4...4, using: &random) }
      let places = (0..<4).map { _ in Float(Int.random(in: 0..<6, using: &random)) }
      let updates = (0..<4).map { _ in Float.random(in: -4...4, using: &random) }
      return data + places + updates
    }
    let found = try TensorOperationTests.results(
      .scatter(scattering), shapes, inputs, scattering.rawValue)
    for (input, found) in zip(inputs, found) {
      var expected = Array(input[..<6])
      for update in 0..<4 {
        let (place, value) = (Int(input[6 + update]), input[10 + update])
        switch scattering {
        case .replace: expected[place] = value
        case .add: expected[place] += value
        case .multiply: expected[place] *= value
        case .minimum: expected[place] = min(expected[place], value)
        case .maximum: expected[place] = max(expected[place], value)
        }
      }
      #expect(found == expected)
    }
  }

  @Test func `a place outside spoils what is scattered, and no other example`() throws {
    let shapes = [Shape([3]), Shape([1]), Shape([1])]
    let found = try TensorOperationTests.results(
      .scatter(.add), shapes, [[1, 2, 3, 3, 9], [1, 2, 3, 2, 9], [1, 2, 3, -1, 9]], "scatter")
    #expect(found[0].allSatisfy(\.isNaN) && found[2].allSatisfy(\.isNaN))
    #expect(found[1] == [1, 2, 12])
  }

  @Test(arguments: [1, 3, 8], [false, true])
  func `the largest and the smallest elements are found in order`(
    count: Int, isAscending: Bool
  ) throws {
    let shape = Shape([5, 8])
    var random = SeededGenerator(seed: 92)
    // Few values, so that many are equal; some are no numbers.
    let inputs = (0..<3).map { _ in
      (0..<40).map { _ in
        let value = Int.random(in: -4...4, using: &random)
        return value == 4 ? Float.nan : Float(value)
      }
    }
    let found = try TensorOperationTests.results(
      .topK(count: count, isAscending: isAscending), [shape], inputs, "top \(count)")
    for (input, found) in zip(inputs, found) {
      for row in 0..<5 {
        let values = Array(input[row * 8..<row * 8 + 8])
        // NaN counts as the largest; equal elements keep their order.
        let keys = values.map { $0.isNaN ? Float.infinity : $0 }
        let order = keys.indices.sorted {
          (isAscending ? keys[$0] : -keys[$0], $0) < (isAscending ? keys[$1] : -keys[$1], $1)
        }
        #expect(
          found[row * count..<(row + 1) * count].map { Int($0) } == Array(order.prefix(count)),
          "\(values)")
      }
    }
  }

  @Test func `shapes that do not suit are refused`() {
    func shape(_ operation: TensorOperation, _ shapes: [Shape]) throws {
      _ = try TensorOperationTests.model(operation, shapes)
    }
    #expect(throws: GraphError.self) {
      try shape(.topK(count: 4, isAscending: false), [Shape([2, 3])])
    }
    #expect(throws: GraphError.self) {
      try shape(.topK(count: 0, isAscending: false), [Shape([2, 3])])
    }
    #expect(throws: GraphError.self) {
      try shape(.scatter(.add), [Shape([4]), Shape([2]), Shape([3])])
    }
  }
}
