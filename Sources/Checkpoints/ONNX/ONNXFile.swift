import Foundation
import SwiftProtobuf

/// An open ONNX file: its graph in memory, its large constants left where they are mapped.
///
/// Source: onnx/onnx.proto of ONNX 1.22, IR versions 7 to 13, opsets 7 to 25.
public struct ONNXFile: Sendable {
  /// The opsets that are read. Whoever imports a graph says which operators it knows in which.
  public static let opsets = 7...25

  /// What errors call it.
  public let file: String
  /// What it holds.
  public let graph: ONNXGraph

  /// Opens and checks a file.
  ///
  /// - Parameters:
  ///   - path: The file in the file system; external data lies in its folder.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError` when the file cannot be read, is no ONNX file, or contradicts itself.
  public init(_ path: String, shownAs name: String? = nil) throws(CheckpointError) {
    let mapping = SharedMapping(try MappedFile(path, shownAs: name))
    file = mapping.file
    let parts = try mapping.withBytes { (bytes) throws(CheckpointError) in
      try ONNXParts(bytes, file: mapping.file)
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var builder = ONNXGraphBuilder(mapping: mapping, folder: folder)
    graph = try builder.graph(parts)
  }
}

extension ONNXTensor {
  /// Opens a file that holds one tensor, as `onnx.save_tensor` writes it.
  ///
  /// - Parameters:
  ///   - path: The file in the file system.
  ///   - name: What errors call it; `nil` for the path.
  /// - Throws: `CheckpointError` when the file cannot be read or holds no sound tensor.
  public init(file path: String, shownAs name: String? = nil) throws(CheckpointError) {
    let mapping = SharedMapping(try MappedFile(path, shownAs: name))
    let constant = try mapping.withBytes { (bytes) throws(CheckpointError) in
      try ONNXParts.constant(bytes, 0..<bytes.byteCount, mapping.file, number: 0)
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var builder = ONNXGraphBuilder(mapping: mapping, folder: folder)
    self = try builder.tensor(constant.description, raw: constant.raw)
  }
}

/// The messages of a file, constants apart from the rest.
struct ONNXParts {
  /// A constant: what describes it, and where its bytes lie.
  struct Constant {
    let description: Quantgate_Onnx_Tensor
    let raw: Range<Int>?
  }

  let model: Quantgate_Onnx_Model
  let constants: [Constant]

  init(_ bytes: RawSpan, file: String) throws(CheckpointError) {
    var graphs: [Range<Int>] = []
    var rest: [Range<Int>] = []
    var fields = WireFields(0..<bytes.byteCount, file: file, place: "the model")
    while let field = try fields.next(bytes) {
      if field.number == 7 {
        graphs.append(try Self.payload(of: field, file, "the model"))
      } else {
        rest.append(field.whole)
      }
    }
    guard graphs.count == 1, let whole = graphs.first else {
      throw .malformed(
        file: file, place: "the model", expected: "one graph", found: "\(graphs.count)")
    }
    var constants: [Constant] = []
    var graph: [Range<Int>] = []
    var members = WireFields(whole, file: file, place: "the graph")
    while let field = try members.next(bytes) {
      if field.number == 5 {
        let payload = try Self.payload(of: field, file, "the graph")
        constants.append(try Self.constant(bytes, payload, file, number: constants.count))
      } else {
        graph.append(field.whole)
      }
    }
    var model: Quantgate_Onnx_Model = try Self.decode(bytes, rest, file, "the model")
    model.graph = try Self.decode(bytes, graph, file, "the graph")
    self.model = model
    self.constants = constants
  }

  /// What a field holds that is a message or data; a number there would be taken for an unknown field.
  private static func payload(
    of field: WireFields.Field, _ file: String, _ place: String
  ) throws(CheckpointError) -> Range<Int> {
    guard let payload = field.payload else {
      throw .malformed(
        file: file, place: place, expected: "bytes in field \(field.number)",
        found: "a number")
    }
    return payload
  }

  static func constant(
    _ bytes: RawSpan, _ whole: Range<Int>, _ file: String, number: Int
  ) throws(CheckpointError) -> Constant {
    let place = "initializer \(number)"
    var rest: [Range<Int>] = []
    var raw: Range<Int>?
    var fields = WireFields(whole, file: file, place: place)
    while let field = try fields.next(bytes) {
      if field.number == 9 {
        guard raw == nil else {
          throw .malformed(
            file: file, place: place, expected: "its data once", found: "them twice")
        }
        raw = try payload(of: field, file, place)
      } else {
        rest.append(field.whole)
      }
    }
    return Constant(description: try decode(bytes, rest, file, place), raw: raw)
  }

  /// Decodes the message that some fields make.
  private static func decode<Message: SwiftProtobuf.Message>(
    _ bytes: RawSpan, _ fields: [Range<Int>], _ file: String, _ place: String
  ) throws(CheckpointError) -> Message {
    var data = Data(capacity: fields.reduce(0) { $0 + $1.count })
    for field in fields {
      bytes.extracting(field).withUnsafeBytes { data.append(contentsOf: $0) }
    }
    do {
      return try Message(serializedBytes: data)
    } catch {
      throw .malformed(
        file: file, place: place, expected: "a message of the ONNX specification",
        found: "one that contradicts it (\(error))")
    }
  }
}
