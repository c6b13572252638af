/// Zeroed, 64-byte aligned blocks that live until their owner is released.
struct OwnedMemory: ~Copyable {
  private var blocks: [UnsafeMutableRawPointer] = []
  /// Bytes of all blocks, each rounded up to the alignment.
  private(set) var bytes = 0

  /// A new block for `count` elements, all bits zero.
  mutating func allocate<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Element.self
  ) -> UnsafeMutablePointer<Element> {
    let size = max(ArenaPlan.aligned(count * MemoryLayout<Element>.stride), ArenaPlan.alignment)
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: size, alignment: ArenaPlan.alignment)
    // Touches every page now, so that no run pays for a first touch.
    block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    blocks.append(block)
    bytes += size
    return block.bindMemory(to: Element.self, capacity: count)
  }

  /// A new block with a copy of `values`, followed by zeros up to `count` elements.
  mutating func copy<Element: BitwiseCopyable>(
    _ values: [Element], padded count: Int
  ) -> UnsafePointer<Element> {
    let block = allocate(max(count, values.count), of: Element.self)
    for (index, value) in values.enumerated() { block[index] = value }
    return UnsafePointer(block)
  }

  deinit {
    for block in blocks { block.deallocate() }
  }
}
