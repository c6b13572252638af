public import Graphs

/// An open safetensors file: checked contents over mapped bytes.
public struct SafetensorsFile: ~Copyable, Sendable {
  /// What the file holds.
  public let header: SafetensorsHeader
  private let mapping: MappedFile

  /// Opens and checks a file.
  ///
  /// - Parameters:
  ///   - path: The file in the file system.
  ///   - name: What errors call it, normally relative to the repository; `nil` for the path.
  /// - Throws: `CheckpointError` when the file cannot be read or contradicts itself.
  public init(_ path: String, shownAs name: String? = nil) throws(CheckpointError) {
    let mapping = try MappedFile(path, shownAs: name)
    header = try mapping.withBytes { (bytes) throws(CheckpointError) in
      try SafetensorsHeader(bytes, file: mapping.file)
    }
    self.mapping = mapping
  }

  /// What errors call it.
  public var file: String { mapping.file }

  /// Calls `body` with one tensor's bytes, valid only during the call.
  public func withBytes<Result, Failure: Error>(
    of entry: TensorEntry, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try mapping.withBytes { (bytes) throws(Failure) in
      let start = header.dataStart
      return try body(
        bytes.extracting(start + entry.bytes.lowerBound..<start + entry.bytes.upperBound))
    }
  }

  /// One tensor's values.
  ///
  /// - Throws: `CheckpointError.elementType` when it is not stored as F32.
  public func tensor(_ entry: TensorEntry) throws(CheckpointError) -> Tensor {
    guard entry.type == .float32 else {
      throw .elementType(file: file, tensor: entry.name, expected: .float32, found: entry.type)
    }
    let values = withBytes(of: entry) { bytes in
      [Float](unsafeUninitializedCapacity: entry.elementCount) { buffer, count in
        for index in 0..<entry.elementCount {
          let bits = bytes.unsafeLoadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          buffer.initializeElement(at: index, to: Float(bitPattern: UInt32(littleEndian: bits)))
        }
        count = entry.elementCount
      }
    }
    return Tensor(shape: entry.shape, values: values)
  }

  /// Every tensor's values.
  ///
  /// - Throws: `CheckpointError.elementType` for the first, by name, that is not stored as F32.
  public func weights() throws(CheckpointError) -> Weights {
    var tensors: [String: Tensor] = [:]
    for entry in header.entries { tensors[entry.name] = try tensor(entry) }
    return Weights(tensors)
  }

  /// Every tensor's values, checked to be exactly the parameters of `graph`, all finite.
  ///
  /// - Parameter tied: Parameters that take another one's values, by name; the file holds those once.
  /// - Throws: `CheckpointError.unsuited` when the graph wants other tensors.
  public func weights(
    for graph: Graph, tied: [String: String] = [:]
  ) throws(CheckpointError) -> Weights {
    var weights = try weights()
    for (name, original) in tied.sorted(by: { $0.key < $1.key }) {
      guard weights[name] == nil else {
        throw .unsuited(file: file, reason: .parameterUnknown(name: name, nearest: original))
      }
      weights[name] = weights[original]
    }
    do {
      try graph.validate(weights)
    } catch {
      throw .unsuited(file: file, reason: error)
    }
    return weights
  }
}
