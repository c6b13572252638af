import Glibc
import Testing

/// Arrays at the very end of their pages, before a page that must not be touched: a kernel that reads
/// or writes past what its contract allows crashes the test.
final class Memory {
  private var regions: [(start: UnsafeMutableRawPointer, bytes: Int)] = []

  /// A copy of `values`.
  func copy<Element: BitwiseCopyable>(_ values: [Element]) throws -> UnsafeMutablePointer<Element> {
    let page = 4096
    let bytes = values.count * MemoryLayout<Element>.stride
    let whole = (bytes + page - 1) / page * page
    let mapped = mmap(
      nil, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    let start = try #require(mapped)
    try #require(start != MAP_FAILED)
    regions.append((start, whole + page))
    try #require(mprotect(start + whole, page, PROT_NONE) == 0)
    let pointer = (start + whole - bytes).bindMemory(to: Element.self, capacity: values.count)
    pointer.update(from: values, count: values.count)
    return pointer
  }

  /// A copy of `values`, or nil.
  func copy<Element: BitwiseCopyable>(
    ifPresent values: [Element]?
  ) throws -> UnsafeMutablePointer<Element>? {
    guard let values else { return nil }
    return try copy(values)
  }

  deinit {
    for region in regions { munmap(region.start, region.bytes) }
  }
}
