import Checkpoints
import Foundation
import Graphs
import NumberFormats
import TestSupport
import Testing

@Suite struct GGUFFileTests {
  static let metadata: [(key: String, value: GGUFValue)] = [
    ("general.architecture", .string("llama")), ("u8", .uint8(255)), ("i8", .int8(-128)),
    ("u16", .uint16(65_535)), ("i16", .int16(-32_768)), ("u32", .uint32(.max)),
    ("i32", .int32(.min)), ("f32", .float32(-0.1)), ("yes", .bool(true)), ("empty", .string("")),
    ("u64", .uint64(.max)), ("i64", .int64(.min)), ("f64", .float64(0.1)),
    ("tokens", .array(.string(["<s>", "", "é▁"]))), ("scores", .array(.float32([0, -1.5]))),
    ("nested", .array(.array([.uint8([1, 2]), .array([]), .array([.bool([true])])]))),
    (
      "arrays",
      .array(.array([.int8([-1]), .uint16([9]), .int16([-9]), .uint32([7]), .int32([-7])]))
    ),
    ("more", .array(.array([.uint64([.max]), .int64([-1]), .float64([2.5]), .uint8([])]))),
  ]

  /// A tensor of every type, each of 2 rows and the bytes of its encoder.
  static func tensors(seed: UInt64) throws -> [(GGUFContents.StoredTensor, [Float])] {
    var generator = SeededGenerator(seed: seed)
    return try GGUFType.all.map { type in
      let columns = 2 * max(type.blockElements, 3)
      let values = (0..<2 * columns).map { _ in Float.random(in: -1...1, using: &generator) }
      let (bytes, decoded) = try stored(values, rows: 2, columns: columns, as: type)
      return (
        GGUFContents.StoredTensor(
          name: "t.\(type)", shape: [2, columns], type: type, bytes: bytes), decoded
      )
    }
  }

  static func stored(
    _ values: [Float], rows: Int, columns: Int, as type: GGUFType
  ) throws -> ([UInt8], [Float]) {
    let matrix = FloatMatrix(name: "t", rows: rows, columns: columns, values: values)
    switch type.format {
    case let format as any BlockFormat:
      let blocks = try BlockMatrix(encoding: matrix, as: format)
      return (blocks.bytes, blocks.decoded())
    case let format as MinifloatFormat:
      let codes = try format.encode(matrix)
      return (codes.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, format.decode(codes))
    default:
      return (
        values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        },
        values
      )
    }
  }

  static func contents(seed: UInt64 = 1) throws -> GGUFContents {
    GGUFContents(metadata: metadata, tensors: try tensors(seed: seed).map(\.0))
  }

  @Test(arguments: [2, 3] as [UInt32])
  func `what is written is read back to the bit`(version: UInt32) throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("m.gguf").path
    try Self.contents().write(to: path, version: version)
    let file = try GGUFFile(path)
    #expect(file.header.version == Int(version))
    #expect(file.metadata.keys == Self.metadata.map(\.key))
    for (key, value) in Self.metadata { #expect(file.metadata[key] == value, "\(key)") }
    let tensors = try Self.tensors(seed: 1)
    #expect(file.names == tensors.map(\.0.name).sorted())
    for (stored, decoded) in tensors {
      let tensor = try #require(file.tensor(stored.name))
      #expect(tensor.shape == stored.shape)
      #expect(tensor.values.map(\.bitPattern) == decoded.map(\.bitPattern), "\(stored.name)")
      let source = try #require(tensor.source)
      #expect(source.storedFormat?.name == stored.type.format.name)
      #expect(source.withStoredBytes { $0.withUnsafeBytes { Array($0) } } == stored.bytes)
    }
    #expect(file.tensor("absent") == nil)
  }

  @Test func `any range of a tensor is that part of the whole`() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("m.gguf").path
    try Self.contents().write(to: path)
    let file = try GGUFFile(path)
    var generator = SeededGenerator(seed: 11)
    for (stored, decoded) in try Self.tensors(seed: 1) {
      let tensor = try #require(file.tensor(stored.name))
      for _ in 0..<20 {
        let first = Int.random(in: 0...decoded.count, using: &generator)
        let last = Int.random(in: first...decoded.count, using: &generator)
        #expect(
          tensor.read(first..<last) == Array(decoded[first..<last]),
          "\(stored.name) \(first)..<\(last), seed 11")
      }
    }
  }

  @Test func `tensors outlive the file they came from`() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("m.gguf").path
    try GGUFContents(tensors: [.init(name: "t", shape: [2], values: [1, -0.0])]).write(to: path)
    let tensor = try #require(try GGUFFile(path).tensor("t"))
    try FileManager.default.removeItem(atPath: path)
    #expect(tensor.values.map(\.bitPattern) == [Float(1).bitPattern, 0x8000_0000])
  }

  @Test func `metadata of another kind names key, expected and found`() throws {
    let bytes = try Self.contents().encode(file: "m.gguf")
    let metadata = try GGUFHeader(bytes.span.bytes, file: "m.gguf").metadata
    #expect(try metadata.string("general.architecture") == "llama")
    #expect(try metadata.integer("i64") == .min && metadata.integer("absent") == nil)
    #expect(try metadata.number("u8") == 255 && metadata.bool("yes") == true)
    #expect(try metadata.strings("tokens") == ["<s>", "", "é▁"])
    #expect(try metadata.numbers("scores") == [0, -1.5])
    let error = SafetensorsFileTests.error { () throws(CheckpointError) in
      _ = try metadata.integers("tokens")
    }
    #expect(
      error?.description
        == "m.gguf: metadata 'tokens': expected an array of integers, found array of 3 string")
    let large = SafetensorsFileTests.error { () throws(CheckpointError) in
      _ = try metadata.integer("u64")
    }
    #expect(
      large?.description == "m.gguf: metadata 'u64': expected an integer below 2^63, "
        + "found uint64 18446744073709551615")
  }

  @Test func `an alignment in the metadata is obeyed`() throws {
    let contents = GGUFContents(
      metadata: [("general.alignment", .uint32(4096))],
      tensors: [
        .init(name: "a", shape: [1], values: [1]), .init(name: "b", shape: [1], values: [2]),
      ])
    let bytes = try contents.encode(file: "m.gguf")
    let header = try GGUFHeader(bytes.span.bytes, file: "m.gguf")
    #expect(header.entries.map(\.bytes.lowerBound) == [4096, 8192])
  }

  @Test func `the writer refuses what the reader would`() {
    func message(_ contents: GGUFContents) -> String? {
      SafetensorsFileTests.error { () throws(CheckpointError) in
        _ = try contents.encode(file: "m.gguf")
      }?.description
    }
    let short = GGUFContents(tensors: [
      .init(name: "t", shape: [32], type: .float16, bytes: [0, 0])
    ])
    #expect(message(short)?.hasPrefix("m.gguf: tensor 't': expected 64 bytes") == true)
    let negative = GGUFContents(tensors: [
      .init(name: "t", shape: [-1], type: .float16, bytes: [0, 0])
    ])
    #expect(message(negative)?.contains("extents from 1 on") == true)
    let odd = GGUFContents(metadata: [("general.alignment", .uint32(7))])
    #expect(message(odd)?.contains("a power of two") == true)
  }

  @Test func `mutated files never crash and never decode past their bytes`() throws {
    let valid = try Self.contents(seed: 3).encode(file: "m.gguf")
    let header = try GGUFHeader(valid.span.bytes, file: "m.gguf")
    let tableEnd = try #require(header.entries.map(\.bytes.lowerBound).min())
    let seed: UInt64 = 5
    var generator = SeededGenerator(seed: seed)
    var refused = 0
    for round in 0..<6_000 {
      var bytes = valid
      if round.isMultiple(of: 5) {
        bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
      }
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<min(tableEnd, bytes.count), using: &generator)
        bytes[place] =
          Bool.random(using: &generator)
          ? UInt8.random(in: 0...255, using: &generator) : [0, 1, 0x7F, 0x80, 0xFF][round % 5]
      }
      do throws(CheckpointError) {
        let header = try GGUFHeader(bytes.span.bytes, file: "m.gguf")
        for entry in header.entries where entry.bytes.upperBound > bytes.count {
          Issue.record("round \(round), seed \(seed): '\(entry.name)' leaves the file")
        }
      } catch { refused += 1 }
    }
    #expect(refused > 1_000, "seed \(seed)")
  }
}
