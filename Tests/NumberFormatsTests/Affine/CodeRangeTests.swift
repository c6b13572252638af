import NumberFormats
import TestSupport
import Testing

@Suite struct CodeRangeTests {
  static let int8 = AffineFormat.int8.codes
  static let int4 = AffineFormat.int4.codes

  @Test func `symmetric codes are as many on both sides`() {
    #expect(Self.int8.narrow == -127...127)
    #expect(Self.int4.narrow == -7...7)
    #expect(CodeRange.uint8.narrow == 1...255)
    #expect(CodeRange.uint8.middle == 128)
  }

  @Test func `symmetric parameters map the extreme to the last code`() {
    let affine = Self.int8.parameters(low: -2.54, high: 1, symmetric: true)
    #expect(affine == AffineParameters(scale: 2.54 / 127, zeroPoint: 0))
    #expect(Self.int8.code(of: -2.54, affine) == -127)
    #expect(Self.int8.code(of: 2.54, affine) == 127)
    let stored = CodeRange.uint8.parameters(low: 0, high: 127, symmetric: true)
    #expect(stored == AffineParameters(scale: 1, zeroPoint: 128))
  }

  @Test func `asymmetric parameters cover both ends and represent 0 exactly`() {
    let affine = CodeRange.uint8.parameters(low: -1, high: 1.55, symmetric: false)
    #expect(affine == AffineParameters(scale: 2.55 / 255, zeroPoint: 100))
    #expect(affine.value(of: CodeRange.uint8.code(of: 0, affine)) == 0)
    let four = Self.int4.parameters(low: -1, high: 14, symmetric: false)
    #expect(four == AffineParameters(scale: 1, zeroPoint: -7))
  }

  @Test(arguments: [Float(3), -3])
  func `a range on one side of 0 is widened to hold it`(end: Float) {
    let affine = Self.int8.parameters(low: end, high: end, symmetric: false)
    #expect(affine.scale == Float(3) / 255)
    #expect(affine.zeroPoint == (end > 0 ? -128 : 127))
    #expect(affine.value(of: Self.int8.code(of: end, affine)) == end)
  }

  @Test func `a range of only 0 has scale 1`() {
    for zero in [Float(0), -0.0] {
      let symmetric = Self.int4.parameters(low: zero, high: zero, symmetric: true)
      #expect(symmetric == AffineParameters(scale: 1, zeroPoint: 0))
      let asymmetric = CodeRange.uint8.parameters(low: zero, high: zero, symmetric: false)
      #expect(asymmetric == AffineParameters(scale: 1, zeroPoint: 0))
    }
  }

  @Test func `the largest finite range has a finite scale`() {
    let most = Float.greatestFiniteMagnitude
    for symmetric in [true, false] {
      let affine = Self.int8.parameters(low: -most, high: most, symmetric: symmetric)
      #expect(affine.scale.isFinite)
      #expect(affine.scale > most / 128)
      #expect(Self.int8.code(of: most, affine) == 127)
      #expect(Self.int8.code(of: -most, affine) <= -127)
      #expect(affine.value(of: Self.int8.code(of: 0, affine)) == 0)
    }
  }

  @Test func `a scale is never subnormal`() {
    let smallest = Float.leastNormalMagnitude
    for magnitude in [Float.leastNonzeroMagnitude, smallest, 100 * smallest] {
      for symmetric in [true, false] {
        let affine = Self.int8.parameters(low: -magnitude, high: magnitude, symmetric: symmetric)
        #expect(affine.scale == .leastNormalMagnitude)
        let value = affine.value(of: Self.int8.code(of: magnitude, affine))
        #expect(abs(value - magnitude) <= affine.scale / 2)
      }
    }
  }

  @Test func `ties go to the even code and infinities saturate`() {
    let affine = AffineParameters(scale: 2, zeroPoint: 3)
    let steps: [(Float, Int32)] = [
      (1, 3), (3, 5), (5, 5), (7, 7), (-1, 3), (-3, 1), (-5, 1), (.infinity, 127),
      (-.infinity, -128), (1e38, 127), (-1e38, -128), (0, 3), (-0.0, 3),
    ]
    for (value, code) in steps { #expect(Self.int8.code(of: value, affine) == code, "\(value)") }
  }

  @Test func `a quotient that overflows saturates`() {
    let affine = AffineParameters(scale: .leastNormalMagnitude, zeroPoint: 0)
    #expect(Self.int4.code(of: 1e30, affine) == 7)
    #expect(Self.int4.code(of: -1e30, affine) == -8)
  }

  @Test func `the code is the nearest one, by search`() {
    let seed: UInt64 = 41
    var random = SeededGenerator(seed: seed)
    for range in [Self.int8, Self.int4, .uint8] {
      for _ in 0..<200 {
        let low = Float.random(in: -3...1, using: &random)
        let high = low + Float.random(in: 0...4, using: &random)
        let symmetric = Bool.random(using: &random)
        let affine = range.parameters(low: low, high: high, symmetric: symmetric)
        let value = Float.random(in: (low - 1)...(high + 1), using: &random)
        let code = range.code(of: value, affine)
        let best = (range.lower...range.upper).map { abs(affine.value(of: $0) - value) }.min()
        let error = abs(affine.value(of: code) - value)
        // Two codes may be equally near up to the rounding of the quotient.
        #expect(
          error <= (best ?? 0) + affine.scale * 0x1p-14, "seed \(seed): \(value) in \(affine)")
      }
    }
  }
}
