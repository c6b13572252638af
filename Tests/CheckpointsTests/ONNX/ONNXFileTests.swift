import Checkpoints
import Foundation
import ONNXWriter
import TestSupport
import Testing

/// Files written field by field, and what is read of them.
struct ONNXFileTests {
  private func read(_ bytes: [UInt8]) throws -> ONNXGraph {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("x.onnx")
    try Data(bytes).write(to: path)
    return try ONNXFile(path.path, shownAs: "x.onnx").graph
  }

  private func message(_ bytes: [UInt8]) throws -> String {
    do {
      _ = try read(bytes)
      return "read"
    } catch let error as CheckpointError { return error.description }
  }

  private static func file(constants: [[UInt8]]) -> [UInt8] {
    ONNXWriter.model(
      [ONNXWriter.node("Identity", ["x"], ["y"])], constants: constants,
      inputs: [ONNXWriter.value("x", [1])], outputs: [ONNXWriter.value("y", [1])])
  }

  @Test(arguments: [
    (1, 4, [0x3F80_0000, 0xC000_0000], [1, -2]), (10, 2, [0x3C00, 0xC000], [1, -2]),
    (16, 2, [0x3F80, 0xC000], [1, -2]),
    (11, 8, [0x3FF0_0000_0000_0000, 0x4000_0000_0000_0000], [1, 2]),
    (2, 1, [7, 255], [7, 255]), (3, 1, [7, 255], [7, -1]), (4, 2, [7, 65_535], [7, 65_535]),
    (5, 2, [7, 65_535], [7, -1]), (6, 4, [7, -3], [7, -3]), (7, 8, [7, -3], [7, -3]),
    (9, 1, [1, 0], [1, 0]), (12, 4, [7, 0xFFFF_FFFF], [7, 4_294_967_295]),
    (13, 8, [7, 9], [7, 9]),
  ])
  func `elements of every type are what their bytes say`(
    type: Int, width: Int, bits: [Int], values: [Double]
  ) throws {
    let tensor = ONNXWriter.tensor(
      "t", [2], type: type, raw: ONNXWriter.little(bits, width: width))
    let found = try #require(try read(Self.file(constants: [tensor])).initializers["t"])
    #expect(found.shape == [2])
    #expect(found.floats.map { Double($0) } == values.map { Double(Float($0)) })
    if found.element.isInteger { #expect(found.integers == values.map { Int($0) }) }
  }

  @Test func `an operator without a name has that of its first result that has one`() throws {
    let message =
      ["x"].flatMap { ONNXWriter.text(1, $0) } + ONNXWriter.text(2, "")
      + ONNXWriter.text(2, "y") + ONNXWriter.text(4, "Split")
    let graph = try read(
      ONNXWriter.model(
        [message], inputs: [ONNXWriter.value("x", [1])], outputs: [ONNXWriter.value("y", [1])]))
    #expect(graph.nodes.map(\.name) == ["y"])
    #expect(graph.nodes.map(\.outputs) == [["", "y"]])
  }

  @Test func `four-bit elements share bytes, the first in the low half`() throws {
    let tensors = [
      ONNXWriter.tensor("u", [3], type: 21, raw: [0x21, 0x0F]),
      ONNXWriter.tensor("i", [3], type: 22, raw: [0x87, 0x0F]),
    ]
    let found = try read(Self.file(constants: tensors)).initializers
    #expect(found["u"]?.integers == [1, 2, 15])
    #expect(found["i"]?.integers == [7, -8, -1])
  }

  @Test func `numbers that are listed one by one are read as their type says`() throws {
    let tensors = [
      ONNXWriter.tensor("i8", [2], type: 3, ONNXWriter.number(5, -5) + ONNXWriter.number(5, 6)),
      ONNXWriter.tensor("i64", [1], type: 7, ONNXWriter.number(7, -9)),
      ONNXWriter.tensor("u64", [1], type: 13, ONNXWriter.number(11, 9)),
      ONNXWriter.tensor(
        "f", [1], type: 1,
        ONNXWriter.bytes(4, ONNXWriter.little([Int(Float(2.5).bitPattern)], width: 4))),
    ]
    let found = try read(Self.file(constants: tensors)).initializers
    #expect(found["i8"]?.integers == [-5, 6])
    #expect(found["i64"]?.integers == [-9])
    #expect(found["u64"]?.integers == [9])
    #expect(found["f"]?.floats == [2.5])
  }

  @Test func `operators come in an order in which every operand is there`() throws {
    let graph = try read(
      ONNXWriter.model(
        [
          ONNXWriter.node("Neg", ["b"], ["y"]), ONNXWriter.node("Abs", ["a"], ["b"]),
          ONNXWriter.node(
            "LeakyRelu", ["x"], ["a"],
            ["alpha": .float(0.5), "note": .text("é"), "many": .integers([1, -2])],
            domain: "ai.onnx"),
        ], inputs: [ONNXWriter.value("x", [nil, 3])], outputs: [ONNXWriter.value("y", [])]))
    #expect(graph.nodes.map(\.operation) == ["LeakyRelu", "Abs", "Neg"])
    #expect(graph.nodes.map(\.name) == ["LeakyRelu-a", "Abs-b", "Neg-y"])
    #expect(graph.inputs.first?.shape == [nil, 3])
    #expect(graph.opset == 17)
    guard case .float(0.5)? = graph.nodes[0].attributes["alpha"],
      case .text("é")? = graph.nodes[0].attributes["note"],
      case .integers([1, -2])? = graph.nodes[0].attributes["many"]
    else {
      Issue.record("\(graph.nodes[0].attributes)")
      return
    }
  }

  @Test func `data of another file lie where it says, and nowhere else`() throws {
    let folder = try TemporaryFolder()
    let outside = folder.url.appendingPathComponent("secret")
    try Data([1, 2, 3, 4]).write(to: outside)
    let model = folder.url.appendingPathComponent("model")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    try Data([9, 9, 1, 2, 3]).write(to: model.appendingPathComponent("data"))
    try FileManager.default.createSymbolicLink(
      at: model.appendingPathComponent("link"), withDestinationURL: outside)
    func result(_ entries: KeyValuePairs<String, String>) throws -> String {
      let external = entries.flatMap {
        ONNXWriter.bytes(13, ONNXWriter.text(1, $0.key) + ONNXWriter.text(2, $0.value))
      }
      let tensor = ONNXWriter.tensor("t", [3], type: 2, external + ONNXWriter.number(14, 1))
      let path = model.appendingPathComponent("x.onnx")
      try Data(Self.file(constants: [tensor])).write(to: path)
      do throws(CheckpointError) {
        let graph = try ONNXFile(path.path, shownAs: "x.onnx").graph
        return "\(graph.initializers["t"]?.integers ?? [])"
      } catch { return error.description }
    }
    #expect(try result(["location": "data", "offset": "2", "length": "3"]) == "[1, 2, 3]")
    #expect(try result(["location": "data"]) == "[9, 9, 1]")
    for offset in ["3", "-1", "9223372036854775807", "two"] {
      #expect(
        try result(["location": "data", "offset": offset])
          == "x.onnx: tensor 't': expected 3 bytes within 'data' (5), found offset \(offset), length none"
      )
    }
    for location in ["../secret", "/etc/passwd", "", "a/../../secret"] {
      #expect(
        try result(["location": location])
          == "x.onnx: tensor 't': expected external data in the model's folder, found '\(location)'"
      )
    }
    #expect(try result(["location": "link"]).contains("leads it out of the model's folder"))
    #expect(try result(["location": "absent"]).contains("absent"))
  }

  @Test func `every cut of a file is refused`() throws {
    let whole = ONNXWriter.convolutional()
    #expect(try message(whole) == "read")
    for count in 0..<whole.count {
      let found = try message(Array(whole[..<count]))
      // A file that ends before the list of operator sets lacks that alone.
      #expect(found != "read" && found.hasPrefix("x.onnx: "), "\(count) bytes: \(found)")
    }
  }

  private static let sound = ONNXWriter.value("x", [1])

  private static func graph(_ fields: [UInt8], opset: [UInt8]? = nil) -> [UInt8] {
    ONNXWriter.bytes(7, fields) + (opset ?? ONNXWriter.bytes(8, ONNXWriter.number(2, 17)))
  }

  private static func nodes(_ nodes: [UInt8]...) -> [UInt8] {
    graph(
      nodes.flatMap { ONNXWriter.bytes(1, $0) } + ONNXWriter.bytes(11, sound)
        + ONNXWriter.bytes(12, ONNXWriter.value("y", [1])))
  }

  @Test(arguments: [
    ("two graphs", graph([]) + graph([]), "expected one graph, found 2"),
    ("no graph", ONNXWriter.number(1, 8), "expected one graph, found 0"),
    ("a graph that is a number", ONNXWriter.number(7, 1), "expected bytes in field 7"),
    ("no operator set", ONNXWriter.bytes(7, []), "expected one version"),
    (
      "an old operator set", graph([], opset: ONNXWriter.bytes(8, ONNXWriter.number(2, 6))),
      "expected an opset of 7…25, found 6"
    ),
    (
      "a new operator set", graph([], opset: ONNXWriter.bytes(8, ONNXWriter.number(2, 26))),
      "found 26"
    ),
    ("a group", graph([]) + [0x0B], "expected a wire type of 0, 1, 2 or 5, found 3"),
    (
      "an overlong number", [0x08] + Array(repeating: 0xFF, count: 11),
      "expected a number of 64 bits"
    ),
    (
      "a length beyond the file", [0x3A, 0xFF, 0x7F],
      "expected at most 0 bytes, found a length of 16383"
    ),
    ("field 0", [0x00, 0x00], "expected a field number"),
    ("sparse constants", graph(ONNXWriter.bytes(15, [])), "expected dense initializers"),
    (
      "a circle",
      nodes(
        ONNXWriter.node("Add", ["x", "b"], ["a"]), ONNXWriter.node("Abs", ["a"], ["b"]),
        ONNXWriter.node("Abs", ["a"], ["y"])), "expected a graph without circles"
    ),
    (
      "a missing producer", nodes(ONNXWriter.node("Abs", ["q"], ["y"])),
      "expected an operator that computes 'q'"
    ),
    (
      "two producers",
      nodes(ONNXWriter.node("Abs", ["x"], ["y"]), ONNXWriter.node("Neg", ["x"], ["y"])),
      "expected results of their own, found 'y'"
    ),
    ("an output nobody computes", nodes(ONNXWriter.node("Abs", ["x"], ["z"])), "output 'y'"),
    (
      "a setting twice",
      nodes(ONNXWriter.node("Elu", ["x"], ["y"], ["alpha": .float(1), "alpha": .float(2)])),
      "every attribute once"
    ),
    (
      "an input twice", graph(ONNXWriter.bytes(11, sound) + ONNXWriter.bytes(11, sound)),
      "expected every name once"
    ),
    (
      "a constant twice",
      file(constants: [ONNXWriter.tensor("t", [1], [1]), ONNXWriter.tensor("t", [1], [1])]),
      "found the name twice"
    ),
    (
      "a constant without a name", file(constants: [ONNXWriter.tensor("", [1], [1])]),
      "a name of its own"
    ),
    ("strings", file(constants: [ONNXWriter.tensor("t", [1], type: 8, [])]), "data type 8"),
    (
      "too few bytes", file(constants: [ONNXWriter.tensor("t", [3], [1, 2])]),
      "tensor 't': expected 12 bytes for its shape, found 8"
    ),
    (
      "a negative extent", file(constants: [ONNXWriter.tensor("t", [-1], [])]),
      "extents of 0 or more"
    ),
    (
      "extents that overflow", file(constants: [ONNXWriter.tensor("t", [1 << 40, 1 << 40], [])]),
      "expected a size that can be"
    ),
    (
      "bits that overflow", file(constants: [ONNXWriter.tensor("t", [1 << 60], [])]),
      "expected a size that can be"
    ),
    (
      "too few numbers",
      file(constants: [ONNXWriter.tensor("t", [2], type: 7, ONNXWriter.number(7, 1))]),
      "expected 2 numbers for its shape, found 1"
    ),
    (
      "data twice",
      file(constants: [
        ONNXWriter.tensor("t", [1], type: 2, ONNXWriter.bytes(9, [1]) + ONNXWriter.bytes(9, [2]))
      ]), "expected its data once"
    ),
    (
      "data that are a number",
      file(constants: [ONNXWriter.tensor("t", [1], type: 2, ONNXWriter.number(9, 1))]),
      "expected bytes in field 9"
    ),
    ("a constant that is a number", graph(ONNXWriter.number(5, 1)), "expected bytes in field 5"),
  ])
  func `contradictions are refused by name`(
    what: String, bytes: [UInt8], expected: String
  ) throws {
    let found = try message(bytes)
    #expect(found.hasPrefix("x.onnx: ") && found.contains(expected), "\(what): \(found)")
  }
}
