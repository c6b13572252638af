import Graphs
import NumberFormats

/// Consecutive elements of another source: one of equal parts along the outermost extent.
struct TensorPart: TensorSource {
  let whole: any TensorSource
  /// Which part.
  let index: Int
  /// How many parts there are.
  let parts: Int

  var elementCount: Int { whole.elementCount / parts }

  /// Only bytes that divide as elements do can be told apart.
  var storedFormat: (any NumberFormat)? {
    whole.withStoredBytes { $0.byteCount.isMultiple(of: parts) } ? whole.storedFormat : nil
  }

  var identity: String? { whole.identity.map { "\($0) part \(index) of \(parts)" } }

  var isKnownFinite: Bool { whole.isKnownFinite }

  func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
    let first = index * elementCount
    whole.read(first + range.lowerBound..<first + range.upperBound, into: &values)
  }

  func withStoredBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try whole.withStoredBytes { (bytes) throws(Failure) in
      guard bytes.byteCount.isMultiple(of: parts) else { return try body(RawSpan()) }
      let size = bytes.byteCount / parts
      return try body(bytes.extracting(index * size..<(index + 1) * size))
    }
  }
}

extension Tensor {
  /// One of the tensors that lie side by side along the outermost extent, where their values are; `nil` where
  /// there are fewer.
  func part(_ index: Int) -> Tensor? {
    guard let parts = shape.first, (0..<parts).contains(index) else { return nil }
    let rest = Array(shape.dropFirst())
    if let source {
      return Tensor(shape: rest, source: TensorPart(whole: source, index: index, parts: parts))
    }
    let size = rest.reduce(1, *)
    return Tensor(shape: rest, values: read(index * size..<(index + 1) * size))
  }
}
