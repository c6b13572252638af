/// Memory for floats that kernels read and write through plain addresses, zero at first; freed when the
/// value is destroyed.
struct FloatArena: ~Copyable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: 0, count: max(1, count))
  }

  deinit { base.deallocate() }
}

/// Where a run of floats begins; the arena that owns it outlives every use.
typealias Floats = UnsafeMutablePointer<Float>
