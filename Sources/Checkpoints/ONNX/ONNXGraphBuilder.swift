import Foundation

/// Checks a file's messages and makes a graph of them.
struct ONNXGraphBuilder {
  /// Extents of a tensor at most.
  private static let mostDimensions = 16

  let mapping: SharedMapping
  /// Where external data lies.
  let folder: String
  private var external: [String: SharedMapping] = [:]

  init(mapping: SharedMapping, folder: String) {
    self.mapping = mapping
    self.folder = folder
  }

  private var file: String { mapping.file }

  mutating func graph(_ parts: ONNXParts) throws(CheckpointError) -> ONNXGraph {
    let model = parts.model
    let opset = try opset(model)
    guard model.graph.sparseInitializer.isEmpty else {
      throw .malformed(
        file: file, place: "the graph", expected: "dense initializers",
        found: "\(model.graph.sparseInitializer.count) sparse ones")
    }
    var initializers: [String: ONNXTensor] = [:]
    for constant in parts.constants {
      let tensor = try tensor(constant.description, raw: constant.raw)
      guard !tensor.name.isEmpty, initializers.updateValue(tensor, forKey: tensor.name) == nil
      else {
        throw .tensor(
          file: file, tensor: tensor.name, expected: "a name of its own",
          found: tensor.name.isEmpty ? "none" : "the name twice")
      }
    }
    let inputs = try values(model.graph.input).filter { initializers[$0.name] == nil }
    let nodes = try nodes(model.graph.node)
    let ordered = try Self.ordered(
      nodes, given: Set(inputs.map(\.name)).union(initializers.keys), file: file)
    let outputs = try values(model.graph.output)
    let known = Set(nodes.flatMap(\.outputs)).union(inputs.map(\.name)).union(initializers.keys)
    if let absent = outputs.first(where: { !known.contains($0.name) }) {
      throw .malformed(
        file: file, place: "output '\(absent.name)'", expected: "an operator that computes it",
        found: "none")
    }
    return ONNXGraph(
      opset: opset, nodes: ordered, initializers: initializers, inputs: inputs, outputs: outputs)
  }

  private func opset(_ model: Quantgate_Onnx_Model) throws(CheckpointError) -> Int {
    let versions = model.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    guard versions.count == 1, let version = versions.first?.version else {
      throw .malformed(
        file: file, place: "the model", expected: "one version of the default operator set",
        found: "\(versions.count)")
    }
    guard ONNXFile.opsets.contains(Int(clamping: version)) else {
      throw .malformed(
        file: file, place: "the model",
        expected: "an opset of \(ONNXFile.opsets.lowerBound)…\(ONNXFile.opsets.upperBound)",
        found: "\(version)")
    }
    return Int(version)
  }

  private func values(_ infos: [Quantgate_Onnx_ValueInfo]) throws(CheckpointError)
    -> [ONNXGraph.Value]
  {
    var names: Set<String> = []
    var values: [ONNXGraph.Value] = []
    for info in infos {
      guard names.insert(info.name).inserted else {
        throw .malformed(
          file: file, place: "value '\(info.name)'", expected: "every name once", found: "it twice")
      }
      let type = info.type.tensorType
      values.append(
        ONNXGraph.Value(
          name: info.name, element: ONNXElement(rawValue: type.elemType),
          shape: type.hasShape
            ? type.shape.dim.map { dimension in
              dimension.hasDimValue && dimension.dimValue >= 0
                ? Int(exactly: dimension.dimValue) : nil
            } : nil))
    }
    return values
  }

  private mutating func nodes(_ messages: [Quantgate_Onnx_Node]) throws(CheckpointError)
    -> [ONNXNode]
  {
    var names: Set<String> = []
    var nodes: [ONNXNode] = []
    for message in messages {
      let domain = message.domain == "ai.onnx" ? "" : message.domain
      let result = message.output.first { !$0.isEmpty }
      var name = message.name.isEmpty ? result ?? "" : message.name
      // Exporters repeat names of nodes; those of results are unique, which is checked with the order.
      if names.contains(name) { name = result ?? name }
      names.insert(name)
      var attributes: [String: ONNXAttribute] = [:]
      for attribute in message.attribute {
        guard attributes.updateValue(try value(attribute, of: name), forKey: attribute.name) == nil
        else {
          throw .malformed(
            file: file, place: "node '\(name)'", expected: "every attribute once",
            found: "'\(attribute.name)' twice")
        }
      }
      nodes.append(
        ONNXNode(
          name: name,
          operation: domain.isEmpty ? message.opType : "\(domain).\(message.opType)",
          inputs: message.input, outputs: message.output, attributes: attributes))
    }
    return nodes
  }

  private mutating func value(
    _ attribute: Quantgate_Onnx_Attribute, of node: String
  ) throws(CheckpointError) -> ONNXAttribute {
    func text(_ bytes: Data) -> String { String(decoding: bytes, as: UTF8.self) }
    switch attribute.type {
    case 1: return .float(attribute.f)
    case 2: return .integer(Int(attribute.i))
    case 3: return .text(text(attribute.s))
    case 4: return .tensor(try tensor(attribute.t, raw: nil, of: "attribute of '\(node)'"))
    case 6: return .floats(attribute.floats)
    case 7: return .integers(attribute.ints.map { Int($0) })
    case 8: return .texts(attribute.strings.map(text))
    default: return .other(type: Int(attribute.type))
    }
  }

  /// Nodes in an order in which every operand is there before it is read.
  ///
  /// - Throws: For a value with two producers, an operand without one, and a circle.
  static func ordered(
    _ nodes: [ONNXNode], given: Set<String>, file: String
  ) throws(CheckpointError) -> [ONNXNode] {
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard !given.contains(output), producers.updateValue(index, forKey: output) == nil else {
          throw .malformed(
            file: file, place: "node '\(node.name)'", expected: "results of their own",
            found: "'\(output)', which is there already")
        }
      }
    }
    var readers = [[Int]](repeating: [], count: nodes.count)
    var waiting = [Int](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs where !input.isEmpty && !given.contains(input) {
        guard let producer = producers[input] else {
          throw .malformed(
            file: file, place: "node '\(node.name)'",
            expected: "an operator that computes '\(input)'",
            found: "none")
        }
        readers[producer].append(index)
        waiting[index] += 1
      }
    }
    // The file's own order where that is one.
    var ready = nodes.indices.filter { waiting[$0] == 0 }
    var ordered: [ONNXNode] = []
    var next = 0
    while next < ready.count {
      let index = ready[next]
      next += 1
      ordered.append(nodes[index])
      for reader in readers[index] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.append(reader) }
      }
    }
    guard ordered.count == nodes.count else {
      let stuck = nodes.indices.first { waiting[$0] > 0 }.map { nodes[$0].name } ?? ""
      throw .malformed(
        file: file, place: "node '\(stuck)'", expected: "a graph without circles",
        found: "\(nodes.count - ordered.count) operators that wait for one another")
    }
    return ordered
  }
}

extension ONNXGraphBuilder {
  /// A tensor whose bytes and extents agree.
  ///
  /// - Parameter raw: Where its bytes lie in the file; `nil` where the message itself holds its numbers.
  mutating func tensor(
    _ message: Quantgate_Onnx_Tensor, raw: Range<Int>?, of owner: String = ""
  ) throws(CheckpointError) -> ONNXTensor {
    let name = message.name.isEmpty ? owner : message.name
    guard let element = ONNXElement(rawValue: message.dataType) else {
      throw .tensor(
        file: file, tensor: name, expected: "elements of a number type of at least 4 bits",
        found: "data type \(message.dataType)")
    }
    let (shape, count) = try extents(message.dims, of: name)
    let (bits, overflows) = count.multipliedReportingOverflow(by: element.bits)
    guard !overflows else {
      throw .tensor(file: file, tensor: name, expected: "a size that can be", found: "\(shape)")
    }
    let bytes = bits / 8 + (bits % 8 == 0 ? 0 : 1)
    let storage: ONNXTensor.Storage
    if message.dataLocation == 1 {
      storage = try outside(message, bytes: bytes, name)
    } else if let raw {
      try require(bytes, found: raw.count, name)
      storage = .mapped(mapping, raw)
    } else if message.hasRawData {
      try require(bytes, found: message.rawData.count, name)
      storage = .held(Array(message.rawData))
    } else {
      storage = .held(try spelled(message, element, count: count, name))
    }
    return ONNXTensor(name: message.name, shape: shape, element: element, storage: storage)
  }

  private func extents(
    _ dims: [Int64], of name: String
  ) throws(CheckpointError) -> (shape: [Int], count: Int) {
    guard dims.count <= Self.mostDimensions, dims.allSatisfy({ $0 >= 0 }) else {
      throw .tensor(
        file: file, tensor: name, expected: "at most \(Self.mostDimensions) extents of 0 or more",
        found: "\(dims.prefix(Self.mostDimensions + 1))")
    }
    var count = 1
    for extent in dims {
      let (product, overflows) = count.multipliedReportingOverflow(by: Int(extent))
      guard !overflows else {
        throw .tensor(file: file, tensor: name, expected: "a size that can be", found: "\(dims)")
      }
      count = product
    }
    return (dims.map { Int($0) }, count)
  }

  private func require(_ bytes: Int, found: Int, _ name: String) throws(CheckpointError) {
    guard bytes == found else {
      throw .tensor(
        file: file, tensor: name, expected: "\(bytes) bytes for its shape", found: "\(found)")
    }
  }

  /// Numbers that are listed one by one; small types lie in 32-bit fields.
  private func spelled(
    _ message: Quantgate_Onnx_Tensor, _ element: ONNXElement, count: Int, _ name: String
  ) throws(CheckpointError) -> [UInt8] {
    func bytes(_ values: some Collection<UInt64>, width: Int) throws(CheckpointError) -> [UInt8] {
      let expected = element.bits == 4 ? (count + 1) / 2 : count
      guard values.count == expected else {
        throw .tensor(
          file: file, tensor: name, expected: "\(expected) numbers for its shape",
          found: "\(values.count)")
      }
      return values.flatMap { value in
        (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
      }
    }
    let width = max(1, element.bits / 8)
    switch element {
    case .float32:
      return try bytes(message.floatData.map { UInt64($0.bitPattern) }, width: width)
    case .float64:
      return try bytes(message.doubleData.map(\.bitPattern), width: width)
    case .int64:
      return try bytes(message.int64Data.map { UInt64(bitPattern: $0) }, width: width)
    case .uint32, .uint64: return try bytes(message.uint64Data, width: width)
    default:
      return try bytes(
        message.int32Data.map { UInt64(truncatingIfNeeded: $0) }, width: width)
    }
  }

  /// Bytes in another file of the model's folder, mapped once.
  private mutating func outside(
    _ message: Quantgate_Onnx_Tensor, bytes: Int, _ name: String
  ) throws(CheckpointError) -> ONNXTensor.Storage {
    var entries: [String: String] = [:]
    for entry in message.externalData { entries[entry.key] = entry.value }
    let location = entries["location"] ?? ""
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.contains("\0"),
      !parts.contains(where: { ["", ".", ".."].contains($0) })
    else {
      throw .tensor(
        file: file, tensor: name, expected: "external data in the model's folder",
        found: "'\(location)'")
    }
    let data: SharedMapping
    if let open = external[location] {
      data = open
    } else {
      let path = URL(fileURLWithPath: folder).appendingPathComponent(location)
      let real = path.resolvingSymlinksInPath().pathComponents
      let parent = URL(fileURLWithPath: folder).resolvingSymlinksInPath().pathComponents
      guard real.starts(with: parent) else {
        throw .unreadable(file: location, reason: "a link leads it out of the model's folder")
      }
      data = SharedMapping(try MappedFile(path.path, shownAs: location))
      external[location] = data
    }
    guard let offset = Int(entries["offset"] ?? "0"),
      let length = Int(entries["length"] ?? "\(bytes)"),
      offset >= 0, length == bytes, offset <= data.count, length <= data.count - offset
    else {
      throw .tensor(
        file: file, tensor: name, expected: "\(bytes) bytes within '\(location)' (\(data.count))",
        found: "offset \(entries["offset"] ?? "0"), length \(entries["length"] ?? "none")")
    }
    return .mapped(data, offset..<offset + length)
  }
}
