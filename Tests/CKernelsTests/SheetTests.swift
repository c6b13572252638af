import CKernels
import TestSupport
import Testing

/// The comparison that all other tests here rely on.
@Suite struct SheetTests {
  @Test func `one flipped bit is a difference`() throws {
    var expected = Sheet(count: 20, isFloat: true)
    for i in 0..<20 { expected.set(i, Float(i)) }
    for bit in 0..<32 {
      let found = try expected.written { floats, _ in
        guard let floats else { return }
        floats[13] = Float(bitPattern: floats[13].bitPattern ^ (1 << UInt32(bit)))
      }
      #expect(expected.difference(from: found)?.hasPrefix("element 13: ") == true, "bit \(bit)")
    }
    #expect(expected.difference(from: try expected.written { _, _ in }) == nil)
  }

  @Test func `one flipped bit of a code is a difference`() throws {
    let expected = Sheet(count: 20, isFloat: false)
    for bit in 0..<8 {
      let found = try expected.written { _, codes in codes?[19] ^= 1 << UInt8(bit) }
      #expect(expected.difference(from: found)?.hasPrefix("element 19: ") == true, "bit \(bit)")
    }
  }

  @Test func `a faulty kernel is caught by the product's comparison`() throws {
    var kernels = try InstructionSet.scalar.kernels()
    kernels.gemm_f32 = { arguments in
      var honest = qg_kernels()
      guard let arguments, qg_kernels_for(QG_ISA_SCALAR, &honest) == 1 else { return }
      honest.gemm_f32(arguments)
      guard let c = arguments.pointee.c else { return }
      c[0] = c[0].nextUp
    }
    var draws = SeededGenerator(seed: 5)
    let product = FloatProduct(m: 2, n: 17, k: 9, special: false, using: &draws)
    let found = try product.result(kernels, rows: [0..<2], columns: [0..<17])
    #expect(product.expected.difference(from: found)?.hasPrefix("element 0: ") == true)
  }

  @Test func `a write outside the region is a difference`() throws {
    let untouched = Sheet(count: 6, isFloat: true)
    let found = try untouched.written { floats, _ in floats?[5] = 0 }
    #expect(untouched.difference(from: found) != nil)
  }
}
