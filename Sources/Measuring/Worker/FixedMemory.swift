/// A block of memory that stays where it is, touched when it is made: time stamps go here without
/// allocating or faulting.
package struct FixedMemory<Element: BitwiseCopyable>: ~Copyable {
  /// The block.
  package let elements: UnsafeMutableBufferPointer<Element>

  /// Fills `count` elements.
  package init(repeating value: Element, count: Int) {
    elements = .allocate(capacity: count)
    elements.initialize(repeating: value)
  }

  /// Copies some values.
  package init(_ values: some Collection<Element>) {
    elements = .allocate(capacity: values.count)
    _ = elements.initialize(from: values)
  }

  deinit {
    elements.deallocate()
  }

  /// The block, to read.
  package var readOnly: UnsafeBufferPointer<Element> { UnsafeBufferPointer(elements) }
}
