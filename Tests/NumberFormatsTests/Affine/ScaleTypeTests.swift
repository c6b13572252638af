import NumberFormats
import TestSupport
import Testing

@Suite struct ScaleTypeTests {
  @Test func `a scale is rounded to the nearest number of its type, by search`() {
    let seed: UInt64 = 51
    var random = SeededGenerator(seed: seed)
    for type in [ScaleType.float16, .bfloat16] {
      for _ in 0..<300 {
        let exponent = Int.random(in: -14...15, using: &random)
        let scale = Float(
          sign: .plus, exponent: exponent, significand: Float.random(in: 1..<2, using: &random))
        guard let stored = type.stored(scale) else {
          #expect(scale > type.largest, "seed \(seed): \(scale)")
          continue
        }
        let spacing = Float(
          sign: .plus, exponent: exponent - (type == .float16 ? 10 : 7), significand: 1)
        #expect((stored / spacing).rounded() == stored / spacing, "seed \(seed): \(scale)")
        #expect(abs(stored - scale) <= spacing / 2, "seed \(seed): \(scale)")
        #expect(abs(stored - scale) <= stored * type.relativeRounding, "seed \(seed): \(scale)")
      }
    }
  }

  @Test func `ties go to the even number`() {
    #expect(ScaleType.float16.stored(1 + 0x1p-11) == 1)
    #expect(ScaleType.float16.stored(1 + 0x3p-11) == 1 + 0x1p-9)
    #expect(ScaleType.bfloat16.stored(1 + 0x1p-8) == 1)
    #expect(ScaleType.bfloat16.stored(1 + 0x3p-8) == 1 + 0x1p-6)
  }

  @Test func `powers of two and scales below fp16's normal numbers are rounded up`() {
    #expect(ScaleType.powerOfTwo.stored(1) == 1)
    #expect(ScaleType.powerOfTwo.stored(Float(1).nextUp) == 2)
    #expect(ScaleType.powerOfTwo.stored(0.3) == 0.5)
    #expect(ScaleType.powerOfTwo.stored(.leastNormalMagnitude) == 0x1p-126)
    #expect(ScaleType.float16.stored(1e-30) == 0x1p-24)
    #expect(ScaleType.float16.stored(0x1p-24) == 0x1p-24)
    #expect(ScaleType.float16.stored(0x1.4p-24) == 0x1p-23)
  }

  @Test func `a scale beyond the largest is none`() {
    #expect(ScaleType.float16.stored(65_504) == 65_504)
    #expect(ScaleType.float16.stored(65_520) == nil)
    #expect(ScaleType.bfloat16.stored(0x1.fep127) == 0x1.fep127)
    #expect(ScaleType.bfloat16.stored(.greatestFiniteMagnitude) == nil)
    #expect(ScaleType.powerOfTwo.stored(0x1p127) == 0x1p127)
    #expect(ScaleType.powerOfTwo.stored(0x1.8p127) == nil)
    for type in ScaleType.allCases { #expect(type.stored(type.largest) == type.largest) }
  }

  @Test func `a scale that overflows is refused by tensor, group and type`() {
    let matrix = FloatMatrix(
      name: "fc.weight", rows: 1, columns: 6, values: [1, 2, 3, 1e9, 2, 3])
    let grouping = Grouping(.group(3), symmetric: true, scaleType: .float16)
    let error = #expect(throws: FormatError.self) {
      try AffineFormat.int4.encode(matrix, grouping: grouping)
    }
    #expect(
      error?.description
        == "fc.weight[3]: fp16 cannot store the scale 1.4285714e+08 of the group that starts here; "
        + "the largest is 65504.0")
    let huge = FloatMatrix(name: "w", rows: 1, columns: 1, values: [.greatestFiniteMagnitude])
    #expect(throws: FormatError.decodedOverflow(tensor: "w", index: 0)) {
      try AffineFormat.int8.encode(
        huge, grouping: Grouping(.tensor, symmetric: true, scaleType: .powerOfTwo))
    }
  }

  @Test func `codes belong to the scale as it is stored`() throws {
    // 1 / 7 rounds up to 1 / 4 as a power of two: 0.9 is 4 steps of it, not 6 of a seventh.
    let matrix = FloatMatrix(name: "w", rows: 1, columns: 3, values: [1, 0.9, -0.3])
    let encoded = try AffineFormat.int4.encode(
      matrix, grouping: Grouping(.channel, symmetric: true, scaleType: .powerOfTwo))
    #expect(encoded.parameters == [AffineParameters(scale: 0.25, zeroPoint: 0)])
    #expect(encoded.codes == [4, 4, -1])
    #expect(encoded.scaleType == .powerOfTwo)
    #expect(encoded.storedBytes == 2 + 1)
  }

  @Test func `bits per weight and bytes count the scale in its type`() throws {
    let matrix = FloatMatrix(
      name: "w", rows: 2, columns: 64, values: Array(repeating: 1, count: 128))
    for (type, bits) in zip(ScaleType.allCases, [5.0, 4.5, 4.5, 4.25]) {
      let grouping = Grouping(.group(32), symmetric: true, scaleType: type)
      #expect(AffineFormat.int4.bitsPerWeight(rows: 2, columns: 64, grouping: grouping) == bits)
      let encoded = try AffineFormat.int4.encode(matrix, grouping: grouping)
      #expect(Double(8 * encoded.storedBytes) == bits * 128)
    }
    let shifted = Grouping(.group(16), symmetric: false, scaleType: .float16)
    #expect(
      AffineFormat.int3.bitsPerWeight(rows: 2, columns: 64, grouping: shifted) == 3 + 19.0 / 16)
  }
}
