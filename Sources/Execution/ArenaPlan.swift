/// Where every buffer of a program lies in one block of memory.
///
/// Buffers that are never live at the same step may share bytes. Placement is greedy: the largest
/// buffer first, each into the tightest gap that its neighbours in time leave, else on top of them.
package struct ArenaPlan: Equatable, Sendable {
  /// Every offset is a multiple of this many bytes: a cache line and a 512-bit vector.
  package static let alignment = 64

  /// What one buffer needs.
  package struct Request: Hashable, Sendable {
    /// Its size.
    package let bytes: Int
    /// The steps during which its content matters, both ends included.
    package let live: ClosedRange<Int>

    /// Creates a request.
    package init(bytes: Int, live: ClosedRange<Int>) {
      self.bytes = bytes
      self.live = live
    }
  }

  /// Offsets in bytes, one per request.
  package let offsets: [Int]
  /// Size of the block.
  package let bytes: Int

  /// Places every request.
  package init(_ requests: [Request]) {
    let sizes = requests.map { Self.aligned($0.bytes) }
    var offsets = [Int](repeating: 0, count: requests.count)
    let order = requests.indices.sorted {
      (sizes[$1], requests[$0].live.lowerBound, $0) < (sizes[$0], requests[$1].live.lowerBound, $1)
    }
    var placed: [Int] = []
    var total = 0
    for index in order {
      let neighbours =
        placed
        .filter { requests[$0].live.overlaps(requests[index].live) }
        .map { offsets[$0]..<offsets[$0] + sizes[$0] }
        .sorted { $0.lowerBound < $1.lowerBound }
      offsets[index] = Self.tightestGap(of: sizes[index], between: neighbours)
      total = max(total, offsets[index] + sizes[index])
      placed.append(index)
    }
    self.offsets = offsets
    bytes = total
  }

  /// The offset of the smallest gap of at least `size` bytes, or the end of the last neighbour.
  private static func tightestGap(of size: Int, between neighbours: [Range<Int>]) -> Int {
    var end = 0
    var best: (offset: Int, gap: Int)?
    for neighbour in neighbours {
      let gap = neighbour.lowerBound - end
      if gap >= size, gap < best?.gap ?? .max { best = (end, gap) }
      end = max(end, neighbour.upperBound)
    }
    return best?.offset ?? end
  }

  /// `bytes` rounded up to the alignment.
  package static func aligned(_ bytes: Int) -> Int {
    (bytes + alignment - 1) / alignment * alignment
  }
}
