import CKernels

/// What a kernel wrote, or should have: element bits, with a pattern where nothing may be written.
struct Sheet {
  private(set) var words: [UInt32]
  let isFloat: Bool

  private static let untouchedFloat: UInt32 = 0x7FA5_A5A5  // a NaN that no kernel stores
  private static let untouchedByte: UInt32 = 0xA5

  /// `count` untouched elements.
  init(count: Int, isFloat: Bool) {
    self.isFloat = isFloat
    let untouched = isFloat ? Self.untouchedFloat : Self.untouchedByte
    words = [UInt32](repeating: untouched, count: count)
  }

  /// Sets one element to a float.
  mutating func set(_ index: Int, _ value: Float) { words[index] = value.bitPattern }

  /// Sets one element to a code.
  mutating func set(_ index: Int, _ code: UInt8) { words[index] = UInt32(code) }

  /// Sets one element as the contract's `qg_output` says.
  mutating func store(_ index: Int, _ value: Float, _ bounds: qg_bounds, _ affine: qg_affine) {
    let value = clamped(value, bounds)
    if isFloat { set(index, value) } else { set(index, quantized(value, affine)) }
  }

  /// What is left of this sheet after `body` wrote to it, as floats or as codes.
  func written(
    by body: (_ floats: UnsafeMutablePointer<Float>?, _ codes: UnsafeMutablePointer<UInt8>?) -> Void
  ) throws -> Sheet {
    let memory = Memory()
    var result = self
    if isFloat {
      let floats = try memory.copy(words.map { Float(bitPattern: $0) })
      body(floats, nil)
      result.words = words.indices.map { floats[$0].bitPattern }
    } else {
      let codes = try memory.copy(words.map { UInt8($0) })
      body(nil, codes)
      result.words = words.indices.map { UInt32(codes[$0]) }
    }
    return result
  }

  /// Where `found` first differs from this sheet in any bit, or nil.
  func difference(from found: Sheet) -> String? {
    guard words.count == found.words.count else {
      return "\(words.count) elements expected, \(found.words.count) found"
    }
    guard let index = words.indices.first(where: { words[$0] != found.words[$0] }) else {
      return nil
    }
    let expected = String(words[index], radix: 16)
    return "element \(index): \(expected) expected, \(String(found.words[index], radix: 16)) found"
  }
}

/// The clamp of the contract.
func clamped(_ value: Float, _ bounds: qg_bounds) -> Float {
  if value.isNaN { return Float(bitPattern: 0x7FC0_0000) }
  if value < bounds.lower { return bounds.lower }
  return value > bounds.upper ? bounds.upper : value
}

/// The quantization of the contract.
func quantized(_ value: Float, _ affine: qg_affine) -> UInt8 {
  let steps = (value / affine.scale).rounded(.toNearestOrEven)
  if steps.isNaN { return UInt8(affine.zero_point) }
  return UInt8(min(max(Double(steps) + Double(affine.zero_point), 0), 255))
}
