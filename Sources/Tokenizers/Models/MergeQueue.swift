/// A binary heap of the merges that could come next: smallest rank first, leftmost among equals.
///
/// Merging a word of n symbols costs n log n, however long the word is.
struct MergeQueue {
  /// Two neighbours that can become one symbol.
  struct Candidate {
    /// Smaller merges first.
    var rank: UInt32
    /// The index of the left symbol.
    var position: Int32
    /// What tells whether the neighbours are still the ones the candidate was made for.
    var stamp: Int32

    @inline(__always)
    static func < (left: Candidate, right: Candidate) -> Bool {
      left.rank != right.rank ? left.rank < right.rank : left.position < right.position
    }
  }

  private var heap: [Candidate] = []

  /// Drops all candidates.
  mutating func removeAll() {
    heap.removeAll(keepingCapacity: true)
  }

  /// Adds a candidate.
  mutating func insert(_ candidate: Candidate) {
    heap.append(candidate)
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard candidate < heap[parent] else { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = candidate
  }

  /// Takes the first candidate.
  mutating func removeFirst() -> Candidate? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return first }
    var index = 0
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < last else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = last
    return first
  }
}
