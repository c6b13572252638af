public import Graphs

/// The tensors of one safetensors file, their values left in the mapping.
public final class SafetensorsCollection: TensorCollection {
  /// What the file holds.
  public let header: SafetensorsHeader
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
      try SafetensorsHeader(bytes, file: mapping.file)
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

  /// The tensor called `name`, of F32, F16 or BF16; `nil` where there is none.
  ///
  /// - Throws: `CheckpointError.tensor` for other types.
  public func tensor(_ name: String) throws(CheckpointError) -> Tensor? {
    guard let entry = places[name].map({ header.entries[$0] }) else { return nil }
    let elements: StoredElements
    switch entry.type {
    case .float32: elements = .float32
    case .float16: elements = .float16
    case .bfloat16: elements = .bfloat16
    default:
      throw .tensor(
        file: file, tensor: name, expected: "elements of type F32, F16 or BF16",
        found: entry.type.rawValue)
    }
    let start = header.dataStart
    return Tensor(
      shape: entry.shape,
      source: MappedTensor(
        mapping: mapping, bytes: start + entry.bytes.lowerBound..<start + entry.bytes.upperBound,
        elements: elements, elementCount: entry.elementCount))
  }
}
