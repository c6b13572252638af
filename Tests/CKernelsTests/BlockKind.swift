import CKernels
import TestSupport

/// A block format of GGUF and what the contract says of its products, from the bytes of its blocks.
enum BlockKind: CaseIterable {
  case q4_0, q8_0, mxfp4, q4_k, q6_k

  var size: Int { self == .q4_k || self == .q6_k ? 256 : 32 }

  var bytes: Int {
    switch self {
    case .q4_0: 18
    case .q8_0: 34
    case .mxfp4: 17
    case .q4_k: 144
    case .q6_k: 210
    }
  }

  func packedBytes(_ n: Int, _ k: Int) -> Int {
    switch self {
    case .q4_0: qg_packed_q4_0_bytes(n, k)
    case .q8_0: qg_packed_q8_0_bytes(n, k)
    case .mxfp4: qg_packed_mxfp4_bytes(n, k)
    case .q4_k: qg_packed_q4_k_bytes(n, k)
    case .q6_k: qg_packed_q6_k_bytes(n, k)
    }
  }

  func pack(
    _ blocks: UnsafePointer<UInt8>, _ n: Int, _ k: Int, _ panels: UnsafeMutablePointer<UInt8>
  ) {
    switch self {
    case .q4_0: qg_pack_q4_0(blocks, n, k, panels)
    case .q8_0: qg_pack_q8_0(blocks, n, k, panels)
    case .mxfp4: qg_pack_mxfp4(blocks, n, k, panels)
    case .q4_k: qg_pack_q4_k(blocks, n, k, panels)
    case .q6_k: qg_pack_q6_k(blocks, n, k, panels)
    }
  }

  func multiply(_ kernels: qg_kernels, _ arguments: inout qg_gemm_blocks_args) {
    switch self {
    case .q4_0: kernels.gemm_u8_q4_0(&arguments)
    case .q8_0: kernels.gemm_u8_q8_0(&arguments)
    case .mxfp4: kernels.gemm_u8_mxfp4(&arguments)
    case .q4_k: kernels.gemm_u8_q4_k(&arguments)
    case .q6_k: kernels.gemm_u8_q6_k(&arguments)
    }
  }

  /// A block of random codes or of extreme ones; its scales moderate, or with `special` anything.
  func draw(special: Bool, using draws: inout SeededGenerator) -> [UInt8] {
    var block = draws.pick([
      draws.integers(bytes, in: UInt8(0)...255), [UInt8](repeating: 255, count: bytes),
      [UInt8](repeating: 0x80, count: bytes),
    ])
    let d = special ? UInt16.random(in: 0...UInt16.max, using: &draws) : 0x2000
    func put(_ half: UInt16, at place: Int) {
      block[place] = UInt8(half & 255)
      block[place + 1] = UInt8(half >> 8)
    }
    switch self {
    case .q4_0, .q8_0: put(d ^ UInt16.random(in: 0...15, using: &draws), at: 0)
    case .mxfp4: if !special { block[0] = UInt8.random(in: 118...130, using: &draws) }
    case .q4_k:
      put(d, at: 0)
      put(special ? UInt16.random(in: 0...UInt16.max, using: &draws) : 0x1C00, at: 2)
    case .q6_k: put(d, at: 208)
    }
    return block
  }

  private static func half(_ block: ArraySlice<UInt8>, _ place: Int) -> Float {
    let at = block.startIndex + place
    return Float(Float16(bitPattern: UInt16(block[at]) | UInt16(block[at + 1]) << 8))
  }

  /// Scale and minimum of sub-block `j` of a Q4_K block.
  private static func scales(_ block: ArraySlice<UInt8>, _ j: Int) -> (scale: Int, minimum: Int) {
    let q = block.dropFirst(4).prefix(12).map { Int($0) }
    if j < 4 { return (q[j] & 63, q[j + 4] & 63) }
    return ((q[j + 4] & 15) | ((q[j - 4] >> 6) << 4), (q[j + 4] >> 4) | ((q[j] >> 6) << 4))
  }

  /// The integer that stands for element `i` before any scale.
  private func code(_ block: ArraySlice<UInt8>, _ i: Int) -> Int {
    func byte(_ place: Int) -> Int { Int(block[block.startIndex + place]) }
    func nibble(_ place: Int, _ high: Bool) -> Int { high ? byte(place) >> 4 : byte(place) & 15 }
    switch self {
    case .q4_0: return nibble(2 + i % 16, i >= 16) - 8
    case .q8_0: return Int(Int8(bitPattern: UInt8(byte(2 + i))))
    case .mxfp4:
      let magnitudes = [0, 1, 2, 3, 4, 6, 8, 12]
      let code = nibble(1 + i % 16, i >= 16)
      return code < 8 ? magnitudes[code] : -magnitudes[code - 8]
    case .q4_k: return nibble(16 + i / 64 * 32 + i % 32, i % 64 >= 32)
    case .q6_k:
      let (part, quarter, within) = (i / 128, i / 32 % 4, i % 32)
      let low = nibble(part * 64 + quarter % 2 * 32 + within, quarter >= 2)
      let high = (byte(128 + part * 32 + within) >> (2 * quarter)) & 3
      return (low | (high << 4)) - 32
    }
  }

  private static func power(_ e: UInt8) -> Float {
    Float(bitPattern: e < 2 ? 0x0020_0000 << UInt32(e) : UInt32(e - 1) << 23)
  }

  /// `sum` after the block's floating steps against the activations x.
  func step(_ block: ArraySlice<UInt8>, _ x: [Int], _ sum: Float) -> Float {
    func dot(_ range: Range<Int>) -> Int { range.reduce(0) { $0 + x[$1] * code(block, $1) } }
    switch self {
    case .q4_0, .q8_0: return sum.addingProduct(Float(dot(0..<32)), Self.half(block, 0))
    case .mxfp4:
      return sum.addingProduct(Float(dot(0..<32)), Self.power(block[block.startIndex]))
    case .q4_k:
      var (products, minimums) = (0, 0)
      for j in 0..<8 {
        let scales = Self.scales(block, j)
        products += scales.scale * dot(32 * j..<32 * j + 32)
        minimums += scales.minimum * x[32 * j..<32 * j + 32].reduce(0, +)
      }
      let first = sum.addingProduct(Float(products), Self.half(block, 0))
      return first.addingProduct(Float(minimums), -Self.half(block, 2))
    case .q6_k:
      let products = (0..<16).reduce(0) { sum, j in
        let scale = Int(Int8(bitPattern: block[block.startIndex + 192 + j]))
        return sum + scale * dot(16 * j..<16 * j + 16)
      }
      return sum.addingProduct(Float(products), Self.half(block, 208))
    }
  }

  /// The weight that element `i` decodes to.
  func weight(_ block: ArraySlice<UInt8>, _ i: Int) -> Double {
    let code = Double(code(block, i))
    switch self {
    case .q4_0, .q8_0: return code * Double(Self.half(block, 0))
    case .mxfp4: return code * Double(Self.power(block[block.startIndex]))
    case .q4_k:
      let scales = Self.scales(block, i / 32)
      let minimum = Double(Self.half(block, 2)) * Double(scales.minimum)
      return Double(Self.half(block, 0)) * Double(scales.scale) * code - minimum
    case .q6_k:
      let scale = Double(Int8(bitPattern: block[block.startIndex + 192 + i / 16]))
      return Double(Self.half(block, 208)) * scale * code
    }
  }
}
