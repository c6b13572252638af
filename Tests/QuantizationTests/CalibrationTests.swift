import Graphs
import Quantization
import TestSupport
import Testing

@Suite struct CalibrationTests {
  static func graph() throws -> Graph {
    var builder = GraphBuilder([4])
    builder.add("relu", .activation(.relu), 0)
    return try Graph(builder.nodes)
  }

  static func calibration(
    _ examples: [[Float]], observer: Observer
  ) throws -> Calibration {
    var calibration = Calibration(graph: try graph(), observer: observer)
    for example in examples {
      calibration.observe(0, example)
      calibration.observe(1, example.map { max($0, 0) })
    }
    return calibration
  }

  /// Examples of different lengths and magnitudes, signs, zeros and repeats.
  static func examples(using random: inout SeededGenerator) -> [[Float]] {
    (0..<40).map { _ in
      let magnitude = Float(
        sign: .plus, exponent: Int.random(in: -6...6, using: &random), significand: 1)
      return (0..<Int.random(in: 1...60, using: &random)).map { _ in
        switch Int.random(in: 0..<8, using: &random) {
        case 0: 0
        case 1: magnitude
        default: Float.random(in: -magnitude...magnitude, using: &random)
        }
      }
    }
  }

  /// ⌈p · n / 100⌉ − 1, an index into ascending values.
  static func index(_ percentile: Double, _ count: Int) -> Int {
    min(max(Int((percentile * Double(count) / 100).rounded(.up)), 1), count) - 1
  }

  @Test func `min-max keeps the extremes`() throws {
    let ranges = try Self.calibration([[-1, 3, 0], [2, -4, 1], [0]], observer: .minMax).finish()
    #expect(ranges.nodes == ["input", "relu"])
    #expect(ranges.observer == .minMax)
    #expect(ranges.ranges[0] == ObservedRange(low: -4, high: 3, magnitude: 4))
    #expect(ranges.ranges[1] == ObservedRange(low: 0, high: 3, magnitude: 3))
  }

  @Test func `a percentile is the sorted value, at most one bin outward`() throws {
    let seed: UInt64 = 21
    var random = SeededGenerator(seed: seed)
    for percentile in [50.5, 90, 99, 99.9, 99.99, 100] {
      let examples = Self.examples(using: &random)
      let range = try Self.calibration(examples, observer: .percentile(percentile))
        .finish().ranges[0]
      let sorted = examples.flatMap(\.self).sorted()
      let magnitudes = sorted.map(abs).sorted()
      let rank = Self.index(percentile, sorted.count)
      let bin = (magnitudes.last ?? 0) / 4096
      let wanted = (
        low: sorted[sorted.count - 1 - rank], high: sorted[rank], magnitude: magnitudes[rank]
      )
      let message: Comment = "seed \(seed), percentile \(percentile): \(range) for \(wanted)"
      #expect((wanted.low - bin...wanted.low).contains(range.low), message)
      #expect((wanted.high...wanted.high + bin).contains(range.high), message)
      #expect((wanted.magnitude...wanted.magnitude + bin).contains(range.magnitude), message)
    }
  }

  @Test func `percentile 100 is min-max`() throws {
    let seed: UInt64 = 22
    var random = SeededGenerator(seed: seed)
    let examples = Self.examples(using: &random)
    let all = try Self.calibration(examples, observer: .percentile(100)).finish()
    let extremes = try Self.calibration(examples, observer: .minMax).finish()
    #expect(all.ranges == extremes.ranges, "seed \(seed)")
  }

  @Test func `one outlier among many moves min-max and not the percentile`() throws {
    let seed: UInt64 = 23
    var random = SeededGenerator(seed: seed)
    var values = (0..<10_000).map { _ in Float.random(in: -1...1, using: &random) }
    values[1234] = 40
    let range = try Self.calibration([values], observer: .percentile(99.9)).finish().ranges[0]
    #expect(range.high < 1.02)
    #expect(range.low > -1.02)
    let extremes = try Self.calibration([values], observer: .minMax).finish().ranges[0]
    #expect(extremes.high == 40)
  }

  @Test func `order and division of the examples do not matter`() throws {
    let seed: UInt64 = 24
    var random = SeededGenerator(seed: seed)
    for observer in [Observer.minMax, .percentile(97.5)] {
      let examples = Self.examples(using: &random)
      let whole = try Self.calibration(examples, observer: observer).finish()
      let shuffled = examples.shuffled(using: &random)
      #expect(try Self.calibration(shuffled, observer: observer).finish() == whole, "seed \(seed)")
      let cut = Int.random(in: 0...examples.count, using: &random)
      var merged = try Self.calibration(Array(examples[..<cut]), observer: observer)
      merged.merge(try Self.calibration(Array(examples[cut...]), observer: observer))
      #expect(try merged.finish() == whole, "seed \(seed), cut at \(cut)")
    }
  }

  @Test func `narrow and wide values merge either way`() throws {
    let observer = Observer.percentile(60)
    let narrow = (1...50).map { Float($0) / 50 }
    let wide = narrow.map { -1000 * $0 }
    let whole = try Self.calibration([narrow, wide], observer: observer).finish()
    for (first, second) in [(narrow, wide), (wide, narrow)] {
      var merged = try Self.calibration([first], observer: observer)
      merged.merge(try Self.calibration([second], observer: observer))
      #expect(try merged.finish() == whole)
    }
  }

  @Test func `the widest, the smallest and the zero values are counted`() throws {
    let most = Float.greatestFiniteMagnitude
    let least = Float.leastNonzeroMagnitude
    let wide = try Self.calibration(
      [[least, -least], [most, -most], [0]], observer: .percentile(99)
    ).finish().ranges[0]
    #expect(wide == ObservedRange(low: -most, high: most, magnitude: most))
    let zeros = try Self.calibration([[0, -0.0, 0]], observer: .percentile(99)).finish().ranges[0]
    #expect(zeros == ObservedRange(low: 0, high: 0, magnitude: 0))
  }

  @Test func `a constant is its own range`() throws {
    for value in [Float(-3.7), 3 * Float.leastNonzeroMagnitude, 1e20] {
      for observer in [Observer.minMax, .percentile(99.9)] {
        let range = try Self.calibration([[value, value]], observer: observer).finish().ranges[0]
        #expect(range == ObservedRange(low: value, high: value, magnitude: abs(value)))
      }
    }
  }

  @Test(arguments: [Observer.minMax, .percentile(99.9)])
  func `a value that is not finite fails the calibration and names the node`(
    observer: Observer
  ) throws {
    for value in [Float.nan, .infinity, -.infinity] {
      var calibration = Calibration(graph: try Self.graph(), observer: observer)
      calibration.observe(0, [1, 2])
      calibration.observe(1, [1, value, 3])
      calibration.observe(1, [1])
      let error = #expect(throws: QuantizationError.self) { try calibration.finish() }
      #expect(
        error?.description == "relu: expected finite values while calibrating, found \(value)")
    }
  }

  @Test func `a value that was never seen fails the calibration`() throws {
    var calibration = Calibration(graph: try Self.graph(), observer: .minMax)
    calibration.observe(0, [1])
    #expect(throws: QuantizationError.unobserved(node: "relu")) { try calibration.finish() }
  }
}

extension Calibration {
  /// Never inlined: swift 6.3.1's optimizer crashes on the span of a temporary array in a loop.
  @inline(never)
  fileprivate mutating func observe(_ node: Node.ID, _ values: [Float]) {
    observe(node: node, values: values.span)
  }
}
