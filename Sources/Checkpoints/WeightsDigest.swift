public import Digests
public import Graphs

extension Weights {
  /// The digest of names, shapes and bit patterns, in ascending order of name: equal exactly for
  /// weights that are equal to the bit, whatever file they came from.
  public var digest: Digest {
    var hasher = Hasher256()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      hasher.update(name)
      hasher.update(Int64(tensor.shape.count))
      for extent in tensor.shape { hasher.update(Int64(extent)) }
      hasher.update(tensor.values)
    }
    return hasher.finalize()
  }
}
