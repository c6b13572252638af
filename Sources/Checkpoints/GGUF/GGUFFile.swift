public import Graphs

/// An open GGUF file: checked contents over mapped bytes, shared by its tensors.
public final class GGUFFile: TensorCollection {
  /// What the file holds.
  public let header: GGUFHeader
  private let mapping: SharedMapping
  private let places: [String: Int]

  /// Opens and checks a file.
  ///
  /// - Parameters:
  ///   - path: The file in the file system.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError` when the file cannot be read or contradicts itself.
  public init(_ path: String, shownAs name: String? = nil) throws(CheckpointError) {
    let mapping = SharedMapping(try MappedFile(path, shownAs: name))
    let header = try mapping.withBytes { (bytes) throws(CheckpointError) in
      try GGUFHeader(bytes, file: mapping.file)
    }
    self.mapping = mapping
    self.header = header
    places = Dictionary(
      header.entries.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  /// What errors call it.
  public var file: String { mapping.file }

  /// The names of its tensors, in ascending order.
  public var names: [String] { header.entries.map(\.name) }

  /// The key-value pairs.
  public var metadata: GGUFMetadata { header.metadata }

  /// The entry of a tensor, or `nil` where there is none.
  public func entry(_ name: String) -> GGUFTensorEntry? { places[name].map { header.entries[$0] } }

  /// The tensor called `name`, its values left in the file as they are stored; `nil` where there is none.
  public func tensor(_ name: String) -> Tensor? {
    entry(name).map { entry in
      Tensor(
        shape: entry.shape,
        source: MappedTensor(
          mapping: mapping, bytes: entry.bytes, elements: entry.type.elements,
          elementCount: entry.elementCount))
    }
  }
}
