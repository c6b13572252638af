import Graphs
import NumberFormats

/// The values of a tensor that stay in a mapped file.
struct MappedTensor: TensorSource {
  let mapping: SharedMapping
  /// Where the bytes lie in the file.
  let bytes: Range<Int>
  let elements: StoredElements
  let elementCount: Int

  var storedFormat: (any NumberFormat)? { elements.format }

  func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
    mapping.withBytes { file in
      elements.decode(file.extracting(bytes), range, into: &values)
    }
  }

  func withStoredBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try mapping.withBytes { (file) throws(Failure) in try body(file.extracting(bytes)) }
  }
}
