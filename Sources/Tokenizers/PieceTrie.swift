/// Pieces (strings of bytes) and their ids, for exact and prefix look-ups.
///
/// The children of a node are neighbours, ordered by their byte, so a step is a binary search over at
/// most 256 bytes and no content of a file can make it slow, as a hash table's collisions could.
struct PieceTrie: Sendable {
  /// A place in the trie.
  typealias Node = Int32

  /// The byte that leads to each node; the root's is unused.
  private var labels: [UInt8] = [0]
  /// The first child of each node.
  private var firstChild: [Int32] = [0]
  private var childCount: [UInt16] = [0]
  /// The id of the piece that ends at each node, or -1.
  private var ids: [Int32] = [-1]

  /// The node of the empty piece.
  static let root: Node = 0

  /// Builds the trie of `pieces`; of equal pieces the last one's id stays.
  init(_ pieces: [(bytes: [UInt8], id: Int32)]) {
    let sorted = pieces.indices.sorted { first, second in
      let (left, right) = (pieces[first].bytes, pieces[second].bytes)
      if left == right { return first < second }
      return left.lexicographicallyPrecedes(right)
    }
    var pending: [(node: Node, lower: Int, upper: Int, depth: Int)] = [
      (Self.root, 0, sorted.count, 0)
    ]
    var next = 0
    while next < pending.count {
      let (node, start, upper, depth) = pending[next]
      next += 1
      var lower = start
      while lower < upper, pieces[sorted[lower]].bytes.count == depth {
        ids[Int(node)] = pieces[sorted[lower]].id
        lower += 1
      }
      firstChild[Int(node)] = Int32(labels.count)
      while lower < upper {
        let byte = pieces[sorted[lower]].bytes[depth]
        var end = lower + 1
        while end < upper, pieces[sorted[end]].bytes[depth] == byte { end += 1 }
        childCount[Int(node)] += 1
        pending.append((Int32(labels.count), lower, end, depth + 1))
        labels.append(byte)
        firstChild.append(0)
        childCount.append(0)
        ids.append(-1)
        lower = end
      }
    }
  }

  /// The child of `node` along `byte`, or `nil`.
  @inline(__always)
  func step(_ node: Node, _ byte: UInt8) -> Node? {
    var lower = Int(firstChild[Int(node)])
    var count = Int(childCount[Int(node)])
    if count == 256 { return Int32(lower + Int(byte)) }
    while count > 0 {
      let half = count >> 1
      let label = labels[lower + half]
      if label == byte { return Int32(lower + half) }
      if label < byte {
        lower += half + 1
        count -= half + 1
      } else {
        count = half
      }
    }
    return nil
  }

  /// The id of the piece that ends at `node`, or `nil`.
  @inline(__always)
  func id(at node: Node) -> Int32? {
    let id = ids[Int(node)]
    return id < 0 ? nil : id
  }

  /// The node that `bytes` lead to from `start`, or `nil`.
  func node(of bytes: some Sequence<UInt8>, from start: Node = root) -> Node? {
    var node = start
    for byte in bytes {
      guard let child = step(node, byte) else { return nil }
      node = child
    }
    return node
  }

  /// The id of exactly `bytes`, or `nil`.
  func id(of bytes: some Sequence<UInt8>) -> Int32? {
    node(of: bytes).flatMap { id(at: $0) }
  }
}
