import CKernels
import NumberFormats
import TestSupport
import Testing

@Suite struct DynamicRangeTests {
  /// What the best kernel of this machine makes of one row.
  private static func kernelResult(
    _ values: [Float], symmetric: Bool
  ) throws -> (affine: qg_affine, codes: [UInt8]) {
    var kernels = qg_kernels()
    try #require(qg_kernels_for(qg_isa_detect(), &kernels) == 1)
    var affine = qg_affine()
    var codes = [UInt8](repeating: 0, count: values.count)
    values.withUnsafeBufferPointer { values in
      codes.withUnsafeMutableBufferPointer { codes in
        withUnsafeMutablePointer(to: &affine) { affine in
          var arguments = qg_quantize_rows_args(
            rows: 1, count: values.count, x: values.baseAddress, x_stride: values.count,
            symmetric: symmetric ? 1 : 0, affines: affine, codes: codes.baseAddress,
            codes_stride: codes.count)
          kernels.quantize_rows_u8(&arguments)
        }
      }
    }
    return (affine, codes)
  }

  private static func check(_ values: [Float], _ place: String) throws {
    for symmetric in [true, false] {
      let found = try kernelResult(values, symmetric: symmetric)
      let expected = CodeRange.uint8.parameters(
        low: values.min() ?? 0, high: values.max() ?? 0, symmetric: symmetric)
      #expect(
        found.affine.scale.bitPattern == expected.scale.bitPattern
          && found.affine.zero_point == expected.zeroPoint,
        "\(place), symmetric \(symmetric): \(found.affine), \(expected)")
      #expect(
        found.codes.map(Int32.init) == values.map { CodeRange.uint8.code(of: $0, expected) },
        "\(place), symmetric \(symmetric)")
    }
  }

  @Test func `the kernel and the code range give rows of every size the same codes`() throws {
    let seed: UInt64 = 71
    var random = SeededGenerator(seed: seed)
    for exponent in -149...127 {
      let unit = Float(sign: .plus, exponent: exponent, significand: 1)
      for sides in [-1...1, 0...1, -1...0, 0.5...1] as [ClosedRange<Float>] {
        let values = (0..<19).map { _ in unit * Float.random(in: sides, using: &random) }
        try Self.check(values, "seed \(seed), exponent \(exponent), \(sides)")
      }
    }
  }

  @Test func `the kernel and the code range agree at the ends of fp32`() throws {
    let least = Float.leastNonzeroMagnitude
    let normal = Float.leastNormalMagnitude
    let most = Float.greatestFiniteMagnitude
    for values: [Float] in [
      [], [0], [-0.0, 0], [least], [-least], [least, -least], [200 * least, 0], [127 * normal],
      [126 * normal, -normal], [255 * normal, 0], [254 * normal, 1], [most], [-most],
      [most, -most], [most, -least], [most, -3e38, 1], [most / 2, -most / 2],
      [most / 2, -most.nextDown / 2, 3],
    ] {
      try Self.check(values, "\(values)")
    }
  }
}
