import CKernels
import TestSupport
import Testing

/// All kernels whose own tests do not split them among threads, or only in sizes that a thread computes
/// before another one wakes up.
@Suite struct SplitTests {
  /// A kernel as a function of a range of its units and of all its results.
  private struct Kernel {
    let name: String
    let units: Int
    /// Bytes of its results.
    let bytes: Int
    let run: (Range<Int>, UnsafeMutableRawPointer) -> Void

    init(
      _ name: String, _ units: Int, bytes: Int,
      run: @escaping (Range<Int>, UnsafeMutableRawPointer) -> Void
    ) {
      (self.name, self.units, self.bytes, self.run) = (name, units, bytes, run)
    }

    /// The results of `parts` parts that run at the same time.
    func result(parts: Int) throws -> [UInt8] {
      let memory = Memory()
      let out = try memory.copy([UInt8](repeating: 0xA5, count: bytes))
      together(ranges(units, parts: parts), isOn: true) { run($0, out) }
      return Array(UnsafeBufferPointer(start: out, count: bytes))
    }
  }

  private func expectSplits(_ kernels: [Kernel]) throws {
    for kernel in kernels {
      let whole = try kernel.result(parts: 1)
      for threads in 2...3 {
        let isSame = try kernel.result(parts: threads) == whole
        #expect(isSame, "\(kernel.name) on \(threads) threads")
      }
    }
  }

  private static let affines = (
    qg_affine(scale: 0.02, zero_point: 117), qg_affine(scale: 0.05, zero_point: 30),
    qg_affine(scale: 0.03, zero_point: 140)
  )
  private static let bounds = qg_bounds(lower: -0.5, upper: 0.75)

  @Test(arguments: InstructionSet.allCases)
  func `elements, rows and blocks may be split among threads`(_ set: InstructionSet) throws {
    let table = try set.kernels()
    let count = 3 * 256 * 9
    var draws = SeededGenerator(seed: 41)
    let memory = Memory()
    let x = try memory.copy(draws.floats(count))
    let y = try memory.copy(draws.floats(count))
    let a = try memory.copy(draws.codes(count))
    let b = try memory.copy(draws.codes(count))
    let halves = try memory.copy((0..<count).map { UInt16(truncatingIfNeeded: $0 * 7) })
    let (za, zb, zc) = Self.affines
    func floats(
      _ name: String, _ run: @escaping (Int, Int, UnsafeMutablePointer<Float>) -> Void
    ) -> Kernel {
      Kernel(name, count - 5, bytes: 4 * count) {
        run($0.lowerBound, $0.count, $1.assumingMemoryBound(to: Float.self) + $0.lowerBound)
      }
    }
    func codes(
      _ name: String, _ run: @escaping (Int, Int, UnsafeMutablePointer<UInt8>) -> Void
    ) -> Kernel {
      Kernel(name, count - 5, bytes: count) {
        run($0.lowerBound, $0.count, $1.assumingMemoryBound(to: UInt8.self) + $0.lowerBound)
      }
    }
    func shorts(
      _ name: String, _ run: @escaping (Int, Int, UnsafeMutablePointer<UInt16>) -> Void
    ) -> Kernel {
      Kernel(name, count - 5, bytes: 2 * count) {
        run($0.lowerBound, $0.count, $1.assumingMemoryBound(to: UInt16.self) + $0.lowerBound)
      }
    }
    try expectSplits([
      codes("quantize_u8") { table.quantize_u8(x + $0, $1, za, $2) },
      floats("dequantize_u8") { table.dequantize_u8(a + $0, $1, za, $2) },
      floats("add_f32") { table.add_f32(x + $0, y + $0, $1, Self.bounds, $2) },
      codes("add_u8") { table.add_u8(a + $0, za, b + $0, zb, $1, Self.bounds, zc, $2) },
      floats("clamp_f32") { table.clamp_f32(x + $0, $1, Self.bounds, $2) },
      codes("clamp_u8") { table.clamp_u8(a + $0, $1, 20, 200, $2) },
      floats("gelu_f32") { table.gelu_f32(x + $0, $1, QG_GELU_ERF, $2) },
      floats("silu_f32") { table.silu_f32(x + $0, $1, $2) },
      floats("silu_times_f32") { table.silu_times_f32(x + $0, y + $0, $1, $2) },
      shorts("encode_f16") { table.encode_f16(x + $0, $1, $2) },
      shorts("encode_bf16") { table.encode_bf16(x + $0, $1, $2) },
      floats("decode_f16") { table.decode_f16(halves + $0, $1, $2) },
      floats("decode_bf16") { table.decode_bf16(halves + $0, $1, $2) },
      Kernel("softmax_f32", 27, bytes: 4 * count) { rows, out in
        let at = rows.lowerBound * 251
        table.softmax_f32(x + at, rows.count, 251, out.assumingMemoryBound(to: Float.self) + at)
      },
      // Each thread has its own pair of results.
      Kernel("range_f32", 3, bytes: 24) { thirds, out in
        for third in thirds {
          let found = out.assumingMemoryBound(to: Float.self) + 2 * third
          table.range_f32(x + third * 768, 761, found, found + 1)
        }
      },
      Kernel("encode_q4_0", count / 32, bytes: count / 32 * MemoryLayout<qg_block_q4_0>.size) {
        let out = $1.assumingMemoryBound(to: qg_block_q4_0.self) + $0.lowerBound
        _ = table.encode_q4_0(x + 32 * $0.lowerBound, $0.count, out)
      },
      Kernel("encode_q8_0", count / 32, bytes: count / 32 * MemoryLayout<qg_block_q8_0>.size) {
        let out = $1.assumingMemoryBound(to: qg_block_q8_0.self) + $0.lowerBound
        _ = table.encode_q8_0(x + 32 * $0.lowerBound, $0.count, out)
      },
      Kernel("encode_q4_k", count / 256, bytes: count / 256 * MemoryLayout<qg_block_q4_k>.size) {
        let out = $1.assumingMemoryBound(to: qg_block_q4_k.self) + $0.lowerBound
        _ = table.encode_q4_k(x + 256 * $0.lowerBound, $0.count, out)
      },
    ])
  }

  @Test(arguments: InstructionSet.allCases)
  func `rows of pooling and patches may be split among threads`(_ set: InstructionSet) throws {
    let table = try set.kernels()
    let window = qg_window(
      height: 13, width: 12, channels: 19, kernel_height: 3, kernel_width: 3,
      stride_height: 1, stride_width: 1, padding_top: 1, padding_left: 1, dilation_height: 1,
      dilation_width: 1,
      out_height: 13, out_width: 12, row_begin: 0, row_end: 13)
    var draws = SeededGenerator(seed: 43)
    let memory = Memory()
    let values = try memory.copy(draws.floats(window.inputs))
    let codes = try memory.copy(draws.codes(window.inputs))
    let (from, to, _) = Self.affines
    func pool(
      _ name: String, size: Int, _ run: @escaping (inout qg_window, UnsafeMutableRawPointer) -> Void
    ) -> Kernel {
      Kernel(name, window.out_height, bytes: size) { rows, out in
        var part = window
        (part.row_begin, part.row_end) = (rows.lowerBound, rows.upperBound)
        run(&part, out)
      }
    }
    let patch = window.taps * window.channels
    try expectSplits([
      pool("max_pool_f32", size: 4 * window.outputs) {
        table.max_pool_f32(&$0, values, $1.assumingMemoryBound(to: Float.self))
      },
      pool("average_pool_f32", size: 4 * window.outputs) {
        table.average_pool_f32(&$0, values, $1.assumingMemoryBound(to: Float.self))
      },
      pool("max_pool_u8", size: window.outputs) {
        table.max_pool_u8(&$0, codes, $1.assumingMemoryBound(to: UInt8.self))
      },
      pool("average_pool_u8", size: window.outputs) {
        table.average_pool_u8(&$0, codes, from, to, $1.assumingMemoryBound(to: UInt8.self))
      },
      pool("patches_f32", size: 4 * window.outputs * window.taps) {
        var arguments = qg_patches_args(
          window: $0, in: values, out: $1, out_stride: patch, fill: 0, transposed: 0)
        table.patches_f32(&arguments)
      },
      pool("patches_u8", size: window.outputs * window.taps) {
        var arguments = qg_patches_args(
          window: $0, in: codes, out: $1, out_stride: patch, fill: 9, transposed: 0)
        table.patches_u8(&arguments)
      },
    ])
  }

  @Test func `rows of products may be split among threads`() throws {
    var draws = SeededGenerator(seed: 47)
    let (m, n, k) = (60, 96, 1024)
    let float = FloatProduct(m: m, n: n, k: k, special: false, using: &draws)
    let half = HalfProduct(m: m, n: n, k: k, special: false, using: &draws)
    let unsigned = Int8Product(m: m, n: n, k: k, using: &draws)
    let signed = SignedProduct(m: m, n: n, k: k, using: &draws)
    let int4 = Int4Product(m: m, n: n, k: k, using: &draws)
    let groups = GroupedInt8Product(m: m, n: n, k: k, using: &draws)
    let nf4 = NF4Product(m: m, n: n, blocks: k / 64, using: &draws)
    let blocks = BlockKind.allCases.map {
      BlockProduct($0, m: m, n: n, blocks: k / $0.size, using: &draws)
    }
    for set in InstructionSet.allCases {
      var kernels = qg_kernels()
      guard qg_kernels_for(set.code, &kernels) == 1 else { continue }
      for threads in 1...3 {
        let rows = ranges(m, parts: threads)
        try Together.$isOn.withValue(true) {
          func expect(_ name: String, _ expected: Sheet, _ found: Sheet) {
            #expect(
              expected.difference(from: found) == nil, "\(name), \(set), \(threads) threads")
          }
          expect("f32", float.expected, try float.result(kernels, rows: rows, columns: [0..<n]))
          expect("bf16", half.expected, try half.result(kernels, rows: rows, columns: [0..<n]))
          expect(
            "u8s8", unsigned.expected, try unsigned.result(kernels, parts: rows, columns: [0..<n]))
          expect("s8s8", signed.expected, try signed.result(kernels, parts: rows, columns: [0..<n]))
          expect("u8u4", int4.expected, try int4.result(kernels, parts: rows))
          expect("u8s8g", groups.expected, try groups.result(kernels, parts: rows))
          expect("nf4", nf4.expected, try nf4.result(kernels, parts: rows, columns: [0..<n]))
          for product in blocks {
            expect("\(product.kind)", product.expected, try product.result(kernels, rows: rows))
          }
        }
      }
    }
  }
}
