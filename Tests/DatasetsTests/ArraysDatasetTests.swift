import Datasets
import Documents
import Foundation
import TestSupport
import Testing

@Suite struct ArraysDatasetTests {
  private static let definition = """
    dataset: arrays
    kind: safetensors
    root: { folder: data }
    inputs: { numbers: { tensor: x, shape: [2, 1] } }
    label: answer
    classes: [low, high]
    columns: [age, { name: group, tensor: g, values: [young, old] }]
    slices: [group, { name: senior, where: "age >= 65 and group = 'old'" }]
    splits:
      train: { files: a.safetensors, count: 1 }
      calibrate: { files: a.safetensors, from: 1 }
      evaluate: { files: b.safetensors }
    """

  private struct Stored {
    var name: String
    var type: String
    var shape: [Int]
    var bytes: [UInt8]
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { little($0.bitPattern) }
  }

  private static func file(_ tensors: [Stored]) -> [UInt8] {
    var (entries, data) = ([String](), [UInt8]())
    for tensor in tensors {
      entries.append(
        "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),"
          + "\"data_offsets\":[\(data.count),\(data.count + tensor.bytes.count)]}")
      data += tensor.bytes
    }
    var header = "{" + entries.joined(separator: ",") + "}"
    while header.utf8.count % 8 != 0 { header += " " }
    return little(UInt64(header.utf8.count)) + Array(header.utf8) + data
  }

  private static func tensors(
    _ x: [Float], y: [Int64], age: [Float], group: [UInt8]
  ) -> [Stored] {
    [
      Stored(name: "answer", type: "I64", shape: [y.count], bytes: y.flatMap { little($0) }),
      Stored(name: "x", type: "F32", shape: [y.count, 2, 1], bytes: floats(x)),
      Stored(name: "age", type: "F32", shape: [age.count], bytes: floats(age)),
      Stored(name: "g", type: "U8", shape: [group.count], bytes: group),
    ]
  }

  private func open(
    _ definition: String = definition, b: [UInt8], _ folder: TemporaryFolder
  ) throws -> any Dataset {
    try folder.write(definition, to: "Scenarios/datasets/arrays.yaml")
    let a = Self.tensors([9, 9, 1, 2, 5, 6], y: [0, 1, 0], age: [1, 2, 3], group: [0, 0, 1])
    try folder.write(Self.file(a), to: "data/a.safetensors")
    try folder.write(b, to: "data/b.safetensors")
    return try folder.catalog().dataset("arrays")
  }

  private static let b = tensors([1, 2, 3, 4], y: [1, 0], age: [70, 80.5], group: [1, 0])

  @Test func `rows become inputs, labels and slices`() throws {
    let folder = try TemporaryFolder()
    let dataset = try open(b: Self.file(Self.b), folder)
    let set = try dataset.load(.evaluate, count: 2)
    #expect(set.inputShape == [2, 1])
    #expect(set.inputs == [1, 2, 3, 4])
    #expect(set.labels == [1, 0])
    #expect(set.slices == ["group": ["old", "young"], "senior": ["yes", "no"]])
    #expect(try dataset.load(.calibrate, count: 1).inputs == [5, 6])
    #expect(throws: DatasetError.self) { try dataset.load(.calibrate, count: 2) }
  }

  @Test(
    arguments: [
      ("F16", [0x00, 0x3C, 0x00, 0xC0], [1, -2]), ("BF16", [0x80, 0x3F, 0x00, 0xC0], [1, -2]),
      ("U8", [1, 255], [1, 255]), ("I8", [1, 255], [1, -1]), ("BOOL", [0, 1], [0, 1]),
      ("I16", [1, 0, 0xFF, 0xFF], [1, -1]),
      ("I32", [2, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF], [2, -2]),
      ("F64", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x40], [1, 2]),
    ] as [(String, [UInt8], [Float])])
  func `inputs of every plain type are read`(type: String, bytes: [UInt8], values: [Float]) throws {
    let folder = try TemporaryFolder()
    var tensors = Self.tensors([0, 0], y: [0], age: [1], group: [0])
    tensors[1] = Stored(name: "x", type: type, shape: [1, 2, 1], bytes: bytes)
    let order = tensors.sorted { Self.width($0) > Self.width($1) }
    let set = try open(b: Self.file(order), folder).load(.evaluate, count: 1)
    #expect(set.inputs == values)
  }

  /// Bytes of an element: tensors begin at multiples of it.
  private static func width(_ tensor: Stored) -> Int {
    tensor.bytes.count / max(1, tensor.shape.reduce(1, *))
  }

  @Test func `vectors and tokens are read as declared`() throws {
    let folder = try TemporaryFolder()
    var definition = Self.definition.replacing(
      "label: answer\nclasses: [low, high]", with: "target: vector\nvector: [age, g]\nwidth: 2")
    let set = try open(definition, b: Self.file(Self.b), folder).load(.evaluate, count: 2)
    #expect(set.targets == [70, 1, 80.5, 0])
    definition = Self.definition
      .replacing(
        "{ numbers: { tensor: x, shape: [2, 1] } }",
        with: "{ tokens: { tensor: t, vocabulary: 7, length: 3 } }"
      )
      .replacing("label: answer\nclasses: [low, high]", with: "target: next_token")
    let ids = Stored(name: "t", type: "U8", shape: [2, 3], bytes: [0, 1, 2, 6, 5, 4])
    let dataset = try open(definition, b: Self.file(Self.b + [ids]), folder)
    #expect(dataset.target == .nextToken(vocabulary: 7))
    #expect(try dataset.load(.evaluate, count: 2).inputs == [0, 1, 2, 6, 5, 4])
    var wrong = ids
    wrong.bytes[4] = 7
    let refused = try open(definition, b: Self.file(Self.b + [wrong]), folder)
    #expect(
      #expect(throws: DatasetError.self) { try refused.load(.evaluate, count: 2) }
        == .malformed(
          file: "data/b.safetensors", place: "tensor 't', record 1",
          expected: "token ids from 0 to 6", found: "7"))
  }

  @Test func `each damage is named with its tensor`() throws {
    let folder = try TemporaryFolder()
    func failure(_ change: (inout [Stored]) -> Void) throws -> String {
      var tensors = Self.b
      change(&tensors)
      let dataset = try open(b: Self.file(tensors), folder)
      let error = #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 2) }
      return error?.description ?? ""
    }
    #expect(try failure { $0.removeLast() }.contains("expected a tensor 'g', found none"))
    #expect(
      try failure { $0[1].shape = [2, 1, 2] }
        .contains("tensor 'x': expected shape [records, 2, 1], found [2, 1, 2]"))
    #expect(
      try failure { $0[0].bytes[0] = 2 }
        .contains("tensor 'answer', record 0: expected a label from 0 to 1, found 2"))
    #expect(
      try failure { $0[1].bytes.replaceSubrange(8..<12, with: Self.floats([.nan])) }
        .contains("tensor 'x', record 1, element 0: expected a finite number"))
    #expect(
      try failure { $0[3] = Stored(name: "g", type: "U8", shape: [3], bytes: [0, 0, 0]) }
        .contains("tensor 'g': expected 2 records, as 'x' has, found 3"))
    #expect(
      try failure { $0[0] = Stored(name: "answer", type: "F64", shape: [2], bytes: $0[0].bytes) }
        .contains("found an element of type F64"))
  }

  @Test(
    arguments: [
      ("classes: [low, high]", "classes: { low: \"0\", high: \"1\" }", "expected a list of names"),
      ("slices: [group", "slices: [grup", "no column 'grup' (did you mean 'group'?)"),
      ("columns: [age", "columns: [group", "two properties called 'group'"),
      ("label: answer\nclasses: [low, high]", "target: next_token", "needs inputs of tokens"),
      (
        "label: answer\nclasses: [low, high]", "target: vector\nvector: [a, b]\nwidth: 3",
        "one for each of the 3 numbers"
      ),
    ])
  func `a wrong definition is refused before any file is read`(
    old: String, new: String, message: String
  ) throws {
    let folder = try TemporaryFolder()
    let definition = Self.definition.replacing(old, with: new)
    let error = #expect(throws: InvalidDocument.self) { _ = try open(definition, b: [], folder) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
