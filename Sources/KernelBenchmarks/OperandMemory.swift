import Comparison

/// The operands of one prepared kernel, drawn from a seed; freed with their owner.
final class OperandMemory {
  /// The alignment of cache lines and of the widest vectors.
  static let alignment = 64

  private var blocks: [UnsafeMutableRawPointer] = []
  private var random = SplitMix64(seed: 0x5147_4B45_524E)

  /// A block of `count` zeros, every page touched.
  func zeros<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Element.self
  ) -> UnsafeMutablePointer<Element> {
    let bytes = max(1, count * MemoryLayout<Element>.stride)
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: (bytes + Self.alignment - 1) / Self.alignment * Self.alignment,
      alignment: Self.alignment)
    block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    blocks.append(block)
    return block.bindMemory(to: Element.self, capacity: count)
  }

  /// `count` bytes, uniform in 0…`greatest`, which is one less than a power of two.
  func codes(_ count: Int, greatest: UInt8 = 255) -> UnsafeMutablePointer<UInt8> {
    let codes = zeros(count, of: UInt8.self)
    for index in 0..<count { codes[index] = UInt8(truncatingIfNeeded: next()) & greatest }
    return codes
  }

  /// `count` signed bytes, uniform in −128…127.
  func signedCodes(_ count: Int) -> UnsafeMutablePointer<Int8> {
    let codes = zeros(count, of: Int8.self)
    for index in 0..<count { codes[index] = Int8(truncatingIfNeeded: next()) }
    return codes
  }

  /// `count` values, uniform in `range`.
  func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> UnsafeMutablePointer<Float> {
    let values = zeros(count, of: Float.self)
    let width = range.upperBound - range.lowerBound
    for index in 0..<count {
      values[index] = range.lowerBound + width * Float(next() >> 40) / Float(1 << 24)
    }
    return values
  }

  /// Copies the first `count` elements behind themselves until there are `times` of them: the same
  /// operand in memory of its own, which alone costs time.
  static func repeatFirst<Element: BitwiseCopyable>(
    _ elements: UnsafeMutablePointer<Element>, count: Int, times: Int
  ) {
    for turn in 1..<max(1, times) { (elements + turn * count).update(from: elements, count: count) }
  }

  private func next() -> UInt64 { random.next() }

  deinit {
    for block in blocks { block.deallocate() }
  }
}
