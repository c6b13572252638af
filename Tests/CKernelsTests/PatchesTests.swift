import CKernels
import TestSupport
import Testing

@Suite struct PatchesTests {
  @Test(arguments: InstructionSet.allCases)
  func `patches copy the image, fill its outside and leave the rest of a row alone`(
    _ set: InstructionSet
  ) throws {
    let kernels = try set.kernels()
    for (index, whole) in (Windows.all + Windows.all).enumerated() {
      // The second half reads the result's positions from the image's: strides and all.
      let transposed: Int32 = index < Windows.all.count ? 0 : 1
      let window = transposed == 0 ? whole : whole.transposed
      var draws = SeededGenerator(seed: UInt64(5000 + index))
      let codes = draws.codes(window.inputs)
      let floats = codes.map { Float($0) - 100 }
      let fill = draws.pick([UInt8(0), 7, 255])
      let stride = window.taps * window.channels + draws.pick([0, 3])
      var expected = (
        Sheet(count: window.out_height * window.out_width * stride, isFloat: true),
        Sheet(count: window.out_height * window.out_width * stride, isFloat: false)
      )
      let untouched = expected
      for (y, x) in window.positions {
        for i in 0..<window.taps * window.channels {
          let (tap, c) = (i / window.channels, i % window.channels)
          let at = (y * window.out_width + x) * stride + i
          let (ky, kx) = (tap / window.kernel_width, tap % window.kernel_width)
          let place =
            transposed == 0
            ? window.place(y, x, ky, kx) : window.transposedPlace(y, x, ky, kx)
          expected.0.set(at, place.map { floats[$0 * window.channels + c] } ?? 0)
          expected.1.set(at, place.map { codes[$0 * window.channels + c] } ?? fill)
        }
      }
      let memory = Memory()
      let (floatImage, codeImage) = (try memory.copy(floats), try memory.copy(codes))
      let foundFloats = try untouched.0.written { out, _ in
        var arguments = qg_patches_args(
          window: window, in: floatImage, out: out, out_stride: stride, fill: fill,
          transposed: transposed)
        kernels.patches_f32(&arguments)
      }
      let foundCodes = try untouched.1.written { _, out in
        var arguments = qg_patches_args(
          window: window, in: codeImage, out: out, out_stride: stride, fill: fill,
          transposed: transposed)
        kernels.patches_u8(&arguments)
      }
      #expect(expected.0.difference(from: foundFloats) == nil, "\(window.summary), index \(index)")
      #expect(expected.1.difference(from: foundCodes) == nil, "\(window.summary), index \(index)")
    }
  }
}
