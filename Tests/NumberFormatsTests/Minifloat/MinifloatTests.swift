import NumberFormats
import TestSupport
import Testing

@Suite struct MinifloatTests {
  /// Codes of the non-negative finite numbers, ascending, from the definition of the table alone.
  static func ascending(_ type: Minifloat) -> [(code: UInt16, value: Float)] {
    (0..<(type.codeCount >> (type.signed ? 1 : 0))).map { (UInt16($0), type.decode(UInt16($0))) }
      .filter { $0.1.isFinite }
  }

  @Test func `the types have the limits of their definitions`() {
    #expect(Minifloat.bf16.largest == Float(bitPattern: 0x7F7F_0000))
    #expect(Minifloat.f16.largest == 65504 && Minifloat.f16.smallest == 0x1p-24)
    #expect(Minifloat.e4m3fn.largest == 448 && Minifloat.e4m3fn.smallest == 0x1p-9)
    #expect(Minifloat.e5m2.largest == 57344 && Minifloat.e5m2.smallest == 0x1p-16)
    #expect(Minifloat.e2m3fn.largest == 7.5 && Minifloat.e2m3fn.smallest == 0.125)
    #expect(Minifloat.e3m2fn.largest == 28 && Minifloat.e3m2fn.smallest == 0.0625)
    #expect(Minifloat.e2m1fn.table.prefix(8) == [0, 0.5, 1, 1.5, 2, 3, 4, 6])
    #expect(Minifloat.e8m0.largest == 0x1p127 && Minifloat.e8m0.smallest == 0x1p-127)
    #expect(Minifloat.all.map(\.bits) == [16, 16, 8, 8, 6, 6, 4, 8])
    #expect(Minifloat.all.map(\.largestExponent) == [127, 15, 8, 15, 2, 4, 2, 127])
  }

  @Test(arguments: Minifloat.all)
  func `every finite code survives decoding and encoding`(type: Minifloat) {
    for code in 0..<UInt32(type.codeCount) {
      let value = type.decode(UInt16(code))
      if value.isNaN {
        #expect(type.decode(type.encode(value)).isNaN)
      } else if type.encode(value) != UInt16(code) {
        Issue.record("\(type.name): \(code) → \(value) → \(type.encode(value))")
      }
    }
  }

  @Test(arguments: Minifloat.all)
  func `midpoints go to even codes and their neighbours to the nearer one`(type: Minifloat) {
    let numbers = Self.ascending(type)
    for (lower, upper) in zip(numbers, numbers.dropFirst()) {
      let middle = lower.value / 2 + upper.value / 2
      // Without a mantissa every significand is an odd one; the even neighbour is the upper power of two.
      let even = type.mantissaBits == 0 || upper.code.isMultiple(of: 2) ? upper.code : lower.code
      let right =
        type.encode(middle) == even && type.encode(middle, ties: .toLowerIndex) == lower.code
        && type.encode(middle.nextDown) == lower.code && type.encode(middle.nextUp) == upper.code
      if !right { Issue.record("\(type.name): around \(middle)") }
      if type.signed {
        let sign = UInt16(type.codeCount / 2)
        let mirrored =
          type.encode(-middle) == even | sign && type.encode(-middle.nextUp) == upper.code | sign
        if !mirrored { Issue.record("\(type.name): around \(-middle)") }
      }
      if abs(type.decode(type.encode(middle)) - middle) > type.errorBound(at: middle) {
        Issue.record("\(type.name): the bound at \(middle) is \(type.errorBound(at: middle))")
      }
    }
  }

  @Test func `what is beyond the largest follows the named policy`() {
    let e4m3 = Minifloat.e4m3fn
    #expect(e4m3.encode(464) == 0x7E)
    #expect(e4m3.decode(e4m3.encode(Float(464).nextUp)).isNaN)
    #expect(e4m3.encode(-1e10, overflow: .saturate) == 0xFE)
    #expect(e4m3.encode(.infinity, overflow: .saturate) == 0x7E)
    #expect(Minifloat.e5m2.decode(Minifloat.e5m2.encode(-61440)) == -.infinity)
    #expect(Minifloat.e5m2.encode(Float(61440).nextDown) == 0x7B)
    #expect(Minifloat.e5m2.encode(61440, overflow: .saturate) == 0x7B)
    #expect(Minifloat.f16.decode(Minifloat.f16.encode(65520)) == .infinity)
    #expect(Minifloat.e2m1fn.encode(-100) == 0xF)
    #expect(e4m3.encode(inRange: Float(464).nextUp) == nil)
    #expect(e4m3.encode(inRange: .nan) == nil)
    #expect(Minifloat.e8m0.encode(inRange: 0) == nil)
    #expect(Minifloat.e8m0.encode(inRange: -1) == nil)
  }

  @Test func `zero keeps its sign and e8m0 has neither`() {
    #expect(Minifloat.e4m3fn.encode(-0.0) == 0x80)
    #expect(Minifloat.e4m3fn.decode(0x80).sign == .minus)
    #expect(Minifloat.e2m1fn.encode(.nan) == 8)
    #expect([0, -1, .infinity, .nan].map { Minifloat.e8m0.encode($0) } == [255, 255, 255, 255])
    #expect(Minifloat.e8m0.encode(Float.leastNonzeroMagnitude) == 0)
  }
}
