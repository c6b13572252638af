/// What a GGUF file holds, in memory: for writing one.
public struct GGUFContents: Sendable {
  /// A tensor as its bytes are stored.
  public struct StoredTensor: Sendable {
    /// The tensor's name.
    public let name: String
    /// Extents, outermost first.
    public let shape: [Int]
    /// How elements are stored.
    public let type: GGUFType
    /// The elements, row-major.
    public let bytes: [UInt8]

    /// Creates a tensor.
    public init(name: String, shape: [Int], type: GGUFType, bytes: [UInt8]) {
      self.name = name
      self.shape = shape
      self.type = type
      self.bytes = bytes
    }

    /// Creates a tensor of `values`, as fp32.
    public init(name: String, shape: [Int], values: [Float]) {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(4 * values.count)
      for value in values { bytes.append(little: value.bitPattern) }
      self.init(name: name, shape: shape, type: .float32, bytes: bytes)
    }
  }

  /// The key-value pairs in the order of the file; `general.alignment` is obeyed.
  public var metadata: [(key: String, value: GGUFValue)]
  /// The tensors in the order of the file.
  public var tensors: [StoredTensor]

  /// Creates contents.
  public init(
    metadata: [(key: String, value: GGUFValue)] = [], tensors: [StoredTensor] = []
  ) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - version: 2 or 3.
  ///   - file: Named in errors.
  /// - Throws: `CheckpointError` for contents that `GGUFHeader` would refuse.
  public func encode(version: UInt32 = 3, file: String) throws(CheckpointError) -> [UInt8] {
    let alignment = metadata.first { $0.key == "general.alignment" }?.value.integer
    // One that is out of range is refused below, with the header.
    let step = min(max(alignment ?? GGUFHeader.defaultAlignment, 1), GGUFHeader.largestAlignment)
    var bytes = Array("GGUF".utf8)
    bytes.append(little: version)
    bytes.append(little: UInt64(tensors.count))
    bytes.append(little: UInt64(metadata.count))
    for (key, value) in metadata {
      bytes.append(counted: key)
      bytes.append(little: value.type.rawValue)
      bytes.append(value)
    }
    var offset = 0
    for tensor in tensors {
      bytes.append(counted: tensor.name)
      bytes.append(little: UInt32(tensor.shape.count))
      for extent in tensor.shape.reversed() { bytes.append(little: Int64(extent)) }
      bytes.append(little: tensor.type.number)
      bytes.append(little: UInt64(offset))
      offset = (offset + tensor.bytes.count + step - 1) / step * step
    }
    bytes.pad(to: step)
    for tensor in tensors {
      bytes.append(contentsOf: tensor.bytes)
      bytes.pad(to: step)
    }
    let header = try GGUFHeader(bytes.span.bytes, file: file)
    try check(header, file: file)
    return bytes
  }

  /// Writes a file in one step; an old file stays intact when that fails.
  ///
  /// - Throws: `CheckpointError.unwritable` with the system's reason, or what `encode` throws.
  public func write(to file: String, version: UInt32 = 3) throws(CheckpointError) {
    try AtomicFile.replace(file, with: encode(version: version, file: file))
  }

  /// The header vouches for shapes and places; whether the bytes are as many as the shape needs is seen here.
  private func check(_ header: GGUFHeader, file: String) throws(CheckpointError) {
    let places = Dictionary(
      header.entries.map { ($0.name, $0.bytes.count) }, uniquingKeysWith: { first, _ in first })
    for tensor in tensors where places[tensor.name] != tensor.bytes.count {
      throw .tensor(
        file: file, tensor: tensor.name,
        expected: "\(places[tensor.name] ?? 0) bytes for \(tensor.shape) of \(tensor.type)",
        found: "\(tensor.bytes.count)")
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(little integer: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(counted text: String) {
    append(little: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }

  fileprivate mutating func pad(to step: Int) {
    while !count.isMultiple(of: step) { append(0) }
  }

  fileprivate mutating func append(_ value: GGUFValue) {
    switch value {
    case .uint8(let value): append(little: value)
    case .int8(let value): append(little: value)
    case .uint16(let value): append(little: value)
    case .int16(let value): append(little: value)
    case .uint32(let value): append(little: value)
    case .int32(let value): append(little: value)
    case .float32(let value): append(little: value.bitPattern)
    case .bool(let value): append(value ? 1 : 0)
    case .string(let value): append(counted: value)
    case .array(let array): append(array)
    case .uint64(let value): append(little: value)
    case .int64(let value): append(little: value)
    case .float64(let value): append(little: value.bitPattern)
    }
  }

  private mutating func append(_ array: GGUFArray) {
    append(little: array.type.rawValue)
    append(little: UInt64(array.count))
    switch array {
    case .uint8(let values): append(contentsOf: values)
    case .int8(let values): values.forEach { append(little: $0) }
    case .uint16(let values): values.forEach { append(little: $0) }
    case .int16(let values): values.forEach { append(little: $0) }
    case .uint32(let values): values.forEach { append(little: $0) }
    case .int32(let values): values.forEach { append(little: $0) }
    case .float32(let values): values.forEach { append(little: $0.bitPattern) }
    case .bool(let values): append(contentsOf: values.map { $0 ? 1 : 0 })
    case .string(let values): values.forEach { append(counted: $0) }
    case .array(let values): values.forEach { append($0) }
    case .uint64(let values): values.forEach { append(little: $0) }
    case .int64(let values): values.forEach { append(little: $0) }
    case .float64(let values): values.forEach { append(little: $0.bitPattern) }
    }
  }
}
