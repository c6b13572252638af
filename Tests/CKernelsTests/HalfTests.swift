import CKernels
import TestSupport
import Testing

@Suite struct HalfTests {
  @Test(arguments: InstructionSet.allCases)
  func `every code of both formats decodes to its value`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    let codes = (0...UInt16.max).map { $0 }
    var found = [Float](repeating: 0, count: codes.count)
    kernels.decode_f16(codes, codes.count, &found)
    for code in codes {
      let expected = canonical(Float(Float16(bitPattern: code)))
      #expect(found[Int(code)].bitPattern == expected.bitPattern, "f16 \(code)")
    }
    kernels.decode_bf16(codes, codes.count, &found)
    for code in codes {
      let expected = canonical(Float(bitPattern: UInt32(code) << 16))
      #expect(found[Int(code)].bitPattern == expected.bitPattern, "bf16 \(code)")
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func `encoding rounds half to even over the whole range`(_ set: InstructionSet) throws {
    let kernels = try set.kernels()
    let values = Self.values()
    var found = [UInt16](repeating: 0, count: values.count)
    kernels.encode_f16(values, values.count, &found)
    for (value, code) in zip(values, found) {
      let expected = value.isNaN ? 0x7E00 : Float16(value).bitPattern
      #expect(code == expected, "f16 of \(value)")
    }
    kernels.encode_bf16(values, values.count, &found)
    for (value, code) in zip(values, found) { #expect(code == Self.bf16(value), "\(value)") }
  }

  @Test(arguments: InstructionSet.allCases, raggedCounts)
  func `conversions touch their elements only`(_ set: InstructionSet, _ count: Int) throws {
    let kernels = try set.kernels()
    var draws = SeededGenerator(seed: UInt64(count))
    let values = draws.floats(count, special: true)
    let memory = Memory()
    let input = try memory.copy(values)
    let codes = try memory.copy([UInt16](repeating: 0xA5A5, count: count + 3))
    let untouched = Sheet(count: count + 3, isFloat: true)
    for isHalf in [true, false] {
      (isHalf ? kernels.encode_f16 : kernels.encode_bf16)(input, count, codes)
      let expected = values.map { value in
        if isHalf { return value.isNaN ? 0x7E00 : Float16(value).bitPattern }
        return Self.bf16(value)
      }
      #expect((0..<count).map { codes[$0] } == expected)
      #expect((count..<count + 3).allSatisfy { codes[$0] == 0xA5A5 })
      var decoded = untouched
      for (i, code) in expected.enumerated() {
        let half = Float(Float16(bitPattern: code))
        decoded.set(i, canonical(isHalf ? half : Float(bitPattern: UInt32(code) << 16)))
      }
      let atEnd = try memory.copy(expected)
      let found = try untouched.written { out, _ in
        (isHalf ? kernels.decode_f16 : kernels.decode_bf16)(atEnd, count, out)
      }
      #expect(decoded.difference(from: found) == nil)
    }
  }

  /// Numbers of all exponents, and all ties of f16 with their neighbours.
  private static func values() -> [Float] {
    let all = (0..<65_536).map { Float(bitPattern: UInt32($0) &* 65_521) }
    let ties = (UInt16(0)..<0x7C00).flatMap { code -> [Float] in
      let (low, high) = (Float(Float16(bitPattern: code)), Float(Float16(bitPattern: code + 1)))
      let tie = high.isFinite ? (low + high) / 2 : 65_520
      return [tie, tie.nextDown, -tie.nextUp]
    }
    return all + ties
  }

  /// The nearest bf16; of two, the one with an even code.
  private static func bf16(_ value: Float) -> UInt16 {
    if value.isNaN { return 0x7FC0 }
    let low = UInt16(value.bitPattern >> 16)
    let rest = value.bitPattern & 0xFFFF
    if rest > 0x8000 || (rest == 0x8000 && low % 2 == 1) { return low + 1 }
    return low
  }
}
