import CKernels
import TestSupport
import Testing

@Suite struct CacheTests {
  @Test(arguments: InstructionSet.allCases, [QG_F32, QG_F16, QG_S8])
  func `appended tokens lie where the layout says, and nothing else changes`(
    _ set: InstructionSet, _ storage: qg_storage
  ) throws {
    let kernels = try set.kernels()
    for (index, width) in [1, 5, 15, 16, 17, 33, 64].enumerated() {
      let seed = UInt64(index + 1)
      var draws = SeededGenerator(seed: seed)
      let positions = draws.pick([1, 16, 17, 40])
      let fixture = CacheFixture(
        storage, heads: 2, width: width, capacity: 48, positions: positions,
        special: seed % 2 == 0, using: &draws)
      for parts in 1...3 {
        let memory = Memory()
        let cache = try fixture.empty(memory)
        try Together.$isOn.withValue(index == 0) {
          try fixture.append(to: cache, kernels, ranges(positions, parts: parts), memory)
        }
        let place = "width \(width), \(positions) positions, \(parts) parts"
        Self.compare(cache, fixture, place)
      }
    }
  }

  @Test func `a vector of subnormal codes stays within 127 steps`() throws {
    var fixture = qg_kv_cache()
    (fixture.storage, fixture.kv_heads, fixture.head_dim) = (QG_S8, 1, 2)
    fixture.capacity = 16
    let memory = Memory()
    let vector: [Float] = [190 * .leastNonzeroMagnitude, -190 * .leastNonzeroMagnitude]
    for set in InstructionSet.allCases {
      var kernels = qg_kernels()
      guard qg_kernels_for(set.code, &kernels) == 1 else { continue }
      let codes = try memory.copy([Int8](repeating: 0, count: 32))
      fixture.keys = UnsafeMutableRawPointer(try memory.copy([Int8](repeating: 0, count: 32)))
      fixture.values = UnsafeMutableRawPointer(codes)
      fixture.key_scales = try memory.copy([Float](repeating: 0, count: 16))
      fixture.value_scales = try memory.copy([Float](repeating: 0, count: 16))
      let input = try memory.copy(vector)
      withUnsafePointer(to: fixture) { cache in
        var arguments = qg_kv_append_args(
          cache: cache, position: 0, tokens: 1, keys: input, values: input, stride: 2)
        kernels.kv_append(&arguments)
      }
      #expect([codes[0], codes[1]] == [127, -127])
    }
  }

  private static func compare(_ cache: qg_kv_cache, _ fixture: CacheFixture, _ place: String) {
    let (keys, values) = (fixture.kept(fixture.keys), fixture.kept(fixture.values))
    let width = fixture.width
    for head in 0..<fixture.heads {
      for position in 0..<fixture.capacity {
        let panel = head * fixture.capacity / 16 + position / 16
        for d in 0..<width {
          let keyAt = (panel * width + d) * 16 + position % 16
          let valueAt = (head * fixture.capacity + position) * width + d
          let from = (position * fixture.heads + head) * width + d
          let isFilled = position < fixture.positions
          let key = isFilled ? bits(keys.numbers[from], fixture.storage) : untouched(fixture)
          let value = isFilled ? bits(values.numbers[from], fixture.storage) : untouched(fixture)
          #expect(bits(cache.keys, keyAt, fixture.storage) == key, "\(position); \(place)")
          #expect(bits(cache.values, valueAt, fixture.storage) == value, "\(position); \(place)")
        }
        if fixture.storage == QG_S8, position < fixture.positions {
          let (at, from) = (head * fixture.capacity + position, position * fixture.heads + head)
          let (key, value) = (keys.scales[from], values.scales[from])
          #expect(cache.key_scales[at].bitPattern == key.bitPattern, "\(place)")
          #expect(cache.value_scales[at].bitPattern == value.bitPattern, "\(place)")
        }
      }
    }
  }

  private static func untouched(_ fixture: CacheFixture) -> UInt32 {
    switch fixture.storage {
    case QG_F32: .max
    case QG_F16: 0xFFFF
    default: 0xFF
    }
  }

  /// The code of a number that the storage holds.
  private static func bits(_ value: Float, _ storage: qg_storage) -> UInt32 {
    switch storage {
    case QG_F32: value.bitPattern
    case QG_F16: value.isNaN ? 0x7E00 : UInt32(Float16(value).bitPattern)
    default: UInt32(UInt8(bitPattern: Int8(value)))
    }
  }

  private static func bits(
    _ address: UnsafeMutableRawPointer, _ at: Int, _ storage: qg_storage
  ) -> UInt32 {
    switch storage {
    case QG_F32: address.load(fromByteOffset: 4 * at, as: UInt32.self)
    case QG_F16: UInt32(address.load(fromByteOffset: 2 * at, as: UInt16.self))
    default: UInt32(address.load(fromByteOffset: at, as: UInt8.self))
    }
  }
}
