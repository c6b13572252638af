import Graphs

/// A walk over a tensor's elements in order, and over up to three operands at the same time: runs of equal
/// distances, so that loops have neither tests nor divisions inside.
struct Traversal: BitwiseCopyable {
  /// Axes above the innermost one.
  let rank: Int
  /// Runs per example.
  let runs: Int
  /// Elements of a run.
  let length: Int
  /// `[rank]`.
  let extents: UnsafePointer<Int>
  /// `[operands, rank + 1]`, that of the run last.
  let strides: UnsafePointer<Int>
  /// Elements per example of each operand; the rest 0.
  let counts: (Int, Int, Int)
  /// The first element of the first operand.
  let origin: Int

  /// Elements per example.
  var count: Int { runs * length }

  /// Between neighbours of a run of an operand.
  func stride(_ operand: Int) -> Int { strides[operand * (rank + 1) + rank] }

  /// An operand's element at the beginning of a run.
  func start(_ run: Int, of operand: Int) -> Int {
    var rest = run
    var place = operand == 0 ? origin : 0
    var axis = rank - 1
    while axis >= 0 {
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: extents[axis])
      place &+= index &* strides[operand &* (rank &+ 1) &+ axis]
      rest = quotient
      axis -= 1
    }
    return place
  }

  /// Calls `body` for every part of a run among this thread's elements.
  ///
  /// - Parameter body: Is given the place in the result, the example, the run and the place in the run, and how
  ///   many elements follow.
  @inline(__always)
  func forEachRun(
    _ share: Share,
    _ body: (_ result: Int, _ example: Int, _ run: Int, _ first: Int, _ count: Int) -> Void
  ) {
    let part = share.part(of: share.examples * count, unit: Machine.elementUnit)
    var position = part.lowerBound
    while position < part.upperBound {
      let (row, first) = position.quotientAndRemainder(dividingBy: length)
      let (example, run) = row.quotientAndRemainder(dividingBy: runs)
      let count = min(length - first, part.upperBound - position)
      body(position, example, run, first, count)
      position += count
    }
  }
}

/// A traversal before it is in the program's memory.
struct TraversalPlan {
  private(set) var extents: [Int]
  /// Per operand.
  private(set) var strides: [[Int]]
  let counts: [Int]
  let origin: Int

  /// Plans a walk in which neighbouring axes are joined where all operands allow.
  init(extents: [Int], strides: [[Int]], counts: [Int], origin: Int = 0) {
    self.extents = []
    self.strides = strides.map { _ in [] }
    self.counts = counts
    self.origin = origin
    for axis in extents.indices where extents[axis] != 1 {
      let isJoined =
        !self.extents.isEmpty
        && strides.indices.allSatisfy { operand in
          self.strides[operand].last == strides[operand][axis] * extents[axis]
        }
      if isJoined {
        self.extents[self.extents.count - 1] *= extents[axis]
        for operand in strides.indices {
          self.strides[operand][self.extents.count - 1] = strides[operand][axis]
        }
      } else {
        self.extents.append(extents[axis])
        for operand in strides.indices { self.strides[operand].append(strides[operand][axis]) }
      }
    }
    if self.extents.isEmpty {
      self.extents = [1]
      self.strides = strides.map { _ in [1] }
    }
  }

  /// Plans a walk over `result` whose operands are repeated where an extent of theirs is 1.
  init(_ result: Shape, operands: [Shape]) {
    self.init(
      extents: result.dimensions, strides: operands.map { View(repeating: $0, to: result).strides },
      counts: operands.map(\.elementCount))
  }

  /// Writes the plan to the program's memory.
  func placed(in memory: inout OwnedMemory) -> Traversal {
    let rank = extents.count - 1
    let counts = self.counts + [0, 0, 0]
    return Traversal(
      rank: rank, runs: extents.dropLast().reduce(1, *), length: extents[rank],
      extents: memory.copy(Array(extents.dropLast()), padded: 1),
      strides: memory.copy(strides.flatMap { $0 }, padded: 1),
      counts: (counts[0], counts[1], counts[2]), origin: origin)
  }
}
