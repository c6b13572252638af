import NumberFormats
import TestSupport
import Testing

@Suite struct ScaleChoiceTests {
  static let formats = AffineFormatTests.formats

  static func uses(_ format: AffineFormat) -> [(symmetric: Bool, use: CodeUse)] {
    format.isSymmetricOnly ? [(true, .narrow)] : [(true, .narrow), (true, .full), (false, .narrow)]
  }

  static func row(_ values: [Float]) -> FloatMatrix {
    FloatMatrix(name: "w", rows: 1, columns: values.count, values: values)
  }

  /// A bell of values, now and then with an outlier.
  static func values(_ count: Int, using random: inout SeededGenerator) -> [Float] {
    var values = (0..<count).map { _ in
      (0..<6).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &random) }
    }
    if Bool.random(using: &random) { values[0] *= 8 }
    return values
  }

  static func error(_ values: [Float], _ matrix: QuantizedMatrix) -> Double {
    zip(values, matrix.dequantized()).reduce(0) {
      $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
    }
  }

  @Test func `every value is within the bound of its scale, whatever the scale's type`() throws {
    let seed: UInt64 = 61
    var random = SeededGenerator(seed: seed)
    for format in Self.formats {
      for (symmetric, use) in Self.uses(format) {
        for type in ScaleType.allCases {
          for _ in 0..<40 {
            let spread = Float(
              sign: .plus, exponent: Int.random(in: -20...8, using: &random), significand: 1)
            let values = Self.values(23, using: &random).map { $0 * spread }
            let grouping = Grouping(.group(9), symmetric: symmetric, codeUse: use, scaleType: type)
            let encoded = try format.encode(Self.row(values), grouping: grouping)
            let decoded = encoded.dequantized()
            for column in values.indices {
              let scale = encoded.parameters[column / 9].scale
              #expect(
                abs(Double(values[column]) - Double(decoded[column]))
                  <= Double(format.errorBound(scale: scale, grouping: grouping)),
                "seed \(seed): \(format.name) \(symmetric) \(use) \(type) \(values[column])")
              #expect(type.stored(scale) == scale)
            }
          }
        }
      }
    }
  }

  @Test func `full range has the lowest code, no wider steps than narrow and no saturation`() throws
  {
    let values: [Float] = [-1.6, 1, 0.25]
    let full = try AffineFormat.int4.encode(
      Self.row(values), grouping: Grouping(.channel, symmetric: true, codeUse: .full))
    #expect(full.parameters == [AffineParameters(scale: 0.2, zeroPoint: 0)])
    #expect(full.codes == [-8, 5, 1])
    let upward = try AffineFormat.int4.encode(
      Self.row(values.map { -$0 }), grouping: Grouping(.channel, symmetric: true, codeUse: .full))
    #expect(upward.parameters == [AffineParameters(scale: 1.6 / 7, zeroPoint: 0)])
    let two = try AffineFormat.int2.encode(
      Self.row([-2, 1, 0.4]), grouping: Grouping(.channel, symmetric: true, codeUse: .full))
    #expect(two.codes == [-2, 1, 0])
  }

  @Test func `ternary codes are -1, 0 and 1 and cannot be shifted`() throws {
    let encoded = try AffineFormat.ternary.encode(
      Self.row([-3, 1.6, 1.4, 0, 2]), grouping: Grouping(.channel, symmetric: true))
    #expect(encoded.codes == [-1, 1, 0, 0, 1])
    #expect(encoded.bits == 2)
    #expect(AffineFormat.ternary.isSymmetricOnly && !AffineFormat.int2.isSymmetricOnly)
    let error = #expect(throws: FormatError.symmetricOnly(tensor: "w", format: "ternary")) {
      try AffineFormat.ternary.encode(Self.row([1]), grouping: Grouping(.tensor, symmetric: false))
    }
    #expect(error?.description == "w: ternary has no asymmetric codes")
  }

  @Test func `a percentile cuts off what lies beyond its rank`() throws {
    // Magnitudes 1…10: rank ⌈0.85 · 10⌉ = 9.
    let values: [Float] = [1, -2, 3, -4, 5, -6, 7, -8, 9, -10]
    let symmetric = try AffineFormat.int8.encode(
      Self.row(values),
      grouping: Grouping(.tensor, symmetric: true, scaleChoice: .percentile(85)))
    #expect(symmetric.parameters == [AffineParameters(scale: Float(9) / 127, zeroPoint: 0)])
    #expect(symmetric.codes[9] == -127)
    // From below rank 9 is 7, from above −8: 9 and −10 saturate.
    let asymmetric = try AffineFormat.int8.encode(
      Self.row(values),
      grouping: Grouping(.tensor, symmetric: false, scaleChoice: .percentile(85)))
    #expect(
      asymmetric.parameters == [
        AffineFormat.int8.codes.parameters(low: -8, high: 7, symmetric: false)
      ])
    #expect([asymmetric.codes[8], asymmetric.codes[9]] == [127, -128])
  }

  @Test func `a percentile of 100 is the extremes, and one that falls on 0 gives way to them`()
    throws
  {
    let seed: UInt64 = 62
    var random = SeededGenerator(seed: seed)
    for format in Self.formats {
      for (symmetric, use) in Self.uses(format) {
        let matrix = Self.row(Self.values(17, using: &random))
        func encode(_ choice: ScaleChoice) throws -> QuantizedMatrix {
          try format.encode(
            matrix,
            grouping: Grouping(.group(6), symmetric: symmetric, codeUse: use, scaleChoice: choice))
        }
        #expect(try encode(.percentile(100)) == encode(.absoluteMaximum), "seed \(seed)")
      }
    }
    let sparse = try AffineFormat.int4.encode(
      Self.row([0, 0, 0, 0, 0, 0, 0, 7]),
      grouping: Grouping(.tensor, symmetric: true, scaleChoice: .percentile(60)))
    #expect(sparse.parameters == [AffineParameters(scale: 1, zeroPoint: 0)])
    #expect(sparse.codes[7] == 7)
  }

  @Test func `narrow codes stay narrow where values saturate`() throws {
    let values: [Float] = [-100, 1, 1, 1, 1, 1, 1, 1]
    for choice in [ScaleChoice.percentile(80), .leastSquares] {
      for format in Self.formats {
        let encoded = try format.encode(
          Self.row(values), grouping: Grouping(.tensor, symmetric: true, scaleChoice: choice))
        #expect(encoded.codes[0] < 0)
        #expect(
          encoded.codes.allSatisfy { format.codes.narrow.contains(Int32($0)) }, "\(format.name)")
        if choice != .leastSquares {
          #expect(encoded.codes[0] == Int8(format.codes.narrow.lowerBound), "\(format.name)")
        }
      }
    }
  }

  @Test func `least squares never has more error than the extremes`() throws {
    let seed: UInt64 = 63
    var random = SeededGenerator(seed: seed)
    for format in Self.formats {
      for (symmetric, use) in Self.uses(format) {
        for type in ScaleType.allCases {
          for _ in 0..<25 {
            let values = Self.values(Int.random(in: 1...33, using: &random), using: &random)
            func error(_ choice: ScaleChoice) throws -> Double {
              let encoded = try format.encode(
                Self.row(values),
                grouping: Grouping(
                  .tensor, symmetric: symmetric, codeUse: use, scaleType: type, scaleChoice: choice)
              )
              return Self.error(values, encoded)
            }
            #expect(
              try error(.leastSquares) <= error(.absoluteMaximum),
              "seed \(seed): \(format.name) \(symmetric) \(use) \(type)")
          }
        }
      }
    }
  }

  /// The least squared error of symmetric codes over every scale: the codes change only where |x| / scale is
  /// midway between two, and between two such scales the best one is known.
  static func leastError(_ values: [Float], _ codes: CodeRange) -> Double {
    let reach = max(-codes.lower, codes.upper)
    var edges: [Double] = [.infinity]
    for value in values where value != 0 {
      for step in 0..<reach { edges.append(abs(Double(value)) / (Double(step) + 0.5)) }
    }
    edges.sort()
    var least = values.reduce(0) { $0 + Double($1) * Double($1) }
    for (low, high) in zip([0] + edges, edges) where high > low {
      let middle = high.isFinite ? (low + high) / 2 : 2 * low
      let steps = values.map {
        min(
          max((Double($0) / middle).rounded(.toNearestOrEven), Double(codes.lower)),
          Double(codes.upper))
      }
      let products = zip(values, steps).reduce(0) { $0 + Double($1.0) * $1.1 }
      let squares = steps.reduce(0) { $0 + $1 * $1 }
      guard squares > 0 else { continue }
      let scale = products / squares
      least = min(
        least,
        zip(values, steps).reduce(0) {
          $0 + (Double($1.0) - $1.1 * scale) * (Double($1.0) - $1.1 * scale)
        })
    }
    return least
  }

  @Test func `least squares is near the least error there is, by brute force`() throws {
    let seed: UInt64 = 64
    var random = SeededGenerator(seed: seed)
    for format in Self.formats {
      for use in format.isSymmetricOnly ? [CodeUse.narrow] : CodeUse.allCases {
        var found = 0.0
        var least = 0.0
        var extremes = 0.0
        for _ in 0..<30 {
          let values = Self.values(16, using: &random)
          func encode(_ choice: ScaleChoice) throws -> QuantizedMatrix {
            try format.encode(
              Self.row(values),
              grouping: Grouping(.tensor, symmetric: true, codeUse: use, scaleChoice: choice))
          }
          let codes = use == .narrow ? format.codes.narrowed : format.codes
          let best = Self.leastError(values, codes)
          let reached = Self.error(values, try encode(.leastSquares))
          #expect(reached >= best * (1 - 1e-5), "seed \(seed): the brute force is not the least")
          found += reached
          least += best
          extremes += Self.error(values, try encode(.absoluteMaximum))
        }
        let excess = format.bits == 8 ? 0.25 : format.bits > 4 ? 0.05 : 0.01
        #expect(found <= least * (1 + excess), "seed \(seed): \(format.name) \(use)")
        #expect(found < extremes, "seed \(seed): \(format.name) \(use)")
      }
    }
  }
}
