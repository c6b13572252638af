import NumberFormats
import TestSupport
import Testing

@Suite struct AffineFormatTests {
  static let formats = [AffineFormat.int8, .int6, .int5, .int4, .int3, .int2, .ternary]
  static let granularities: [Granularity] = [
    .tensor, .channel, .group(1), .group(8), .group(7), .group(100),
  ]

  /// Magnitudes from subnormal to huge, a row of zeros, a constant row, a one-sided row, one outlier.
  static func matrix(
    rows: Int, columns: Int, using random: inout SeededGenerator
  ) -> FloatMatrix {
    var values: [Float] = []
    for row in 0..<rows {
      let magnitude = [Float(1), 1000 * Float.leastNonzeroMagnitude, 1e30, 0.01][row % 4]
      for column in 0..<columns {
        let value = Float.random(in: -magnitude...magnitude, using: &random)
        switch row % 7 {
        case 4: values.append(0)
        case 5: values.append(0.7)
        case 6: values.append(abs(value))
        default: values.append(column == 3 ? 8 * value : value)
        }
      }
    }
    return FloatMatrix(name: "w", rows: rows, columns: columns, values: values)
  }

  @Test func `every value is within the error bound of its group's scale`() throws {
    let seed: UInt64 = 7
    var random = SeededGenerator(seed: seed)
    for format in Self.formats {
      for granularity in Self.granularities {
        for symmetric in [true, false] where symmetric || !format.isSymmetricOnly {
          let matrix = Self.matrix(rows: 14, columns: 29, using: &random)
          let encoded = try format.encode(
            matrix, grouping: Grouping(granularity, symmetric: symmetric))
          let decoded = encoded.dequantized()
          for row in 0..<14 {
            for column in 0..<29 {
              let index = row * 29 + column
              let affine = encoded.parameters[encoded.parameterIndex(row: row, column: column)]
              let error = abs(Double(decoded[index]) - Double(matrix.values[index]))
              #expect(
                error <= Double(format.errorBound(scale: affine.scale)),
                "seed \(seed): \(format.name) \(granularity) \(symmetric) [\(row), \(column)]")
            }
          }
        }
      }
    }
  }

  @Test func `parameters follow from the extremes of each group, by search`() throws {
    let seed: UInt64 = 8
    var random = SeededGenerator(seed: seed)
    for format in Self.formats {
      for granularity in Self.granularities {
        for symmetric in [true, false] where symmetric || !format.isSymmetricOnly {
          let matrix = Self.matrix(rows: 5, columns: 19, using: &random)
          let encoded = try format.encode(
            matrix, grouping: Grouping(granularity, symmetric: symmetric))
          for (place, affine) in encoded.parameters.enumerated() {
            var members: [Float] = []
            for row in 0..<5 {
              for column in 0..<19
              where encoded.parameterIndex(row: row, column: column) == place {
                members.append(matrix.values[row * 19 + column])
              }
            }
            let expected = format.codes.parameters(
              low: members.min() ?? 0, high: members.max() ?? 0, symmetric: symmetric)
            #expect(affine == expected, "seed \(seed): \(format.name) \(granularity) \(place)")
          }
        }
      }
    }
  }

  @Test func `codes stay in the narrow range when symmetric and use the full one when not`() throws
  {
    for format in Self.formats {
      let matrix = FloatMatrix(
        name: "w", rows: 1, columns: 5, values: [-1, 1, 0.5, -0.5, 0.1])
      let symmetric = try format.encode(matrix, grouping: Grouping(.channel, symmetric: true))
      let narrow = format.codes.narrow
      #expect(symmetric.codes.map(Int32.init).min() == narrow.lowerBound)
      #expect(symmetric.codes.map(Int32.init).max() == narrow.upperBound)
      guard !format.isSymmetricOnly else { continue }
      let lopsided = FloatMatrix(name: "w", rows: 1, columns: 3, values: [-1, 2, 0.1])
      let full = try format.encode(lopsided, grouping: Grouping(.channel, symmetric: false))
      #expect(full.codes.map(Int32.init).min() == format.codes.lower)
      #expect(full.codes.map(Int32.init).max() == format.codes.upper)
    }
  }

  @Test func `negating a matrix negates its symmetric codes`() throws {
    let seed: UInt64 = 9
    var random = SeededGenerator(seed: seed)
    let matrix = Self.matrix(rows: 7, columns: 16, using: &random)
    let negated = FloatMatrix(name: "w", rows: 7, columns: 16, values: matrix.values.map { -$0 })
    for format in Self.formats {
      let grouping = Grouping(.group(8), symmetric: true)
      let codes = try format.encode(matrix, grouping: grouping).codes
      #expect(try format.encode(negated, grouping: grouping).codes == codes.map { -$0 })
    }
  }

  @Test func `a group of zeros has scale 1 and a zero stays a zero`() throws {
    let matrix = FloatMatrix(
      name: "w", rows: 2, columns: 3, values: [0, 0, 0, -0.3, 0, 1])
    for format in Self.formats {
      for symmetric in [true, false] where symmetric || !format.isSymmetricOnly {
        let encoded = try format.encode(
          matrix, grouping: Grouping(.channel, symmetric: symmetric))
        #expect(encoded.parameters[0].scale == 1)
        let decoded = encoded.dequantized()
        #expect(decoded[0...2].allSatisfy { $0 == 0 })
        #expect(decoded[4] == 0)
      }
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a value that is not finite is refused by name and index`(value: Float) {
    var values = [Float](repeating: 1, count: 6)
    values[4] = value
    let matrix = FloatMatrix(name: "conv1.weight", rows: 2, columns: 3, values: values)
    for format in FormatRegistry.all {
      let error = #expect(throws: FormatError.self) {
        try format.approximation(of: matrix, grouping: Grouping(.tensor, symmetric: true))
      }
      #expect(
        error?.description == "conv1.weight[4]: expected a finite number, found \(value)")
    }
  }

  @Test func `an empty group is refused`() {
    let matrix = FloatMatrix(name: "w", rows: 1, columns: 3, values: [1, 2, 3])
    #expect(throws: FormatError.groupSize(tensor: "w", found: 0)) {
      try AffineFormat.int4.encode(matrix, grouping: Grouping(.group(0), symmetric: true))
    }
  }

  @Test func `an empty matrix has no codes`() throws {
    let matrix = FloatMatrix(name: "w", rows: 0, columns: 4, values: [])
    for granularity in [Granularity.tensor, .channel, .group(2)] {
      let encoded = try AffineFormat.int8.encode(
        matrix, grouping: Grouping(granularity, symmetric: true))
      #expect(encoded.codes.isEmpty)
    }
  }

  @Test func `bits per weight count scales and zero points`() {
    let grouping = Grouping(.group(32), symmetric: false)
    #expect(AffineFormat.int4.bitsPerWeight(rows: 8, columns: 64, grouping: grouping) == 5.125)
    let symmetric = Grouping(.group(32), symmetric: true)
    #expect(AffineFormat.int4.bitsPerWeight(rows: 8, columns: 64, grouping: symmetric) == 5)
    let channel = Grouping(.channel, symmetric: true)
    #expect(AffineFormat.int8.bitsPerWeight(rows: 3, columns: 16, grouping: channel) == 10)
    #expect(Float32Format().bitsPerWeight(rows: 3, columns: 16, grouping: channel) == 32)
  }
}
