/// A mapped file that many tensors share; unmapped with the last of them.
final class SharedMapping: Sendable {
  private let mapping: MappedFile

  init(_ mapping: consuming MappedFile) {
    self.mapping = mapping
  }

  /// What errors call the file.
  var file: String { mapping.file }

  /// Length in bytes.
  var count: Int { mapping.count }

  /// Calls `body` with the file's bytes, valid only during the call.
  func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try mapping.withBytes(body)
  }
}
