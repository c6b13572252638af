public import Digests
public import Graphs
import NumberFormats

extension Weights {
  /// The digest of names, shapes and bit patterns, in ascending order of name: equal exactly for
  /// weights that are equal to the bit, whatever file they came from. Tensors that are not stored as fp32
  /// give the name of their format and their bytes, generated ones the text that decides them.
  public var digest: Digest {
    var hasher = Hasher256()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      hasher.update(name)
      hasher.update(Int64(tensor.shape.count))
      for extent in tensor.shape { hasher.update(Int64(extent)) }
      tensor.update(&hasher)
    }
    return hasher.finalize()
  }
}

extension Tensor {
  fileprivate func update(_ hasher: inout Hasher256) {
    guard let source else { return hasher.update(values) }
    if let identity = source.identity { return hasher.update(identity) }
    if let weight = source.integers?.weight {
      hasher.update("int\(weight.bits)")
      weight.codes.withUnsafeBytes { hasher.update($0) }
      for parameter in weight.parameters {
        hasher.update([parameter.scale])
        hasher.update(Int64(parameter.zeroPoint))
      }
      return
    }
    if let format = source.storedFormat, !(format is Float32Format) {
      hasher.update(format.name)
      return source.withStoredBytes { bytes in bytes.withUnsafeBytes { hasher.update($0) } }
    }
    let step = 1 << 20
    for start in stride(from: 0, to: elementCount, by: step) {
      hasher.update(read(start..<min(start + step, elementCount)))
    }
  }
}
