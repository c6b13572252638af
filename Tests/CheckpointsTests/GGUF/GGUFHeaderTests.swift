import Checkpoints
import TestSupport
import Testing

@Suite struct GGUFHeaderTests {
  static func message(_ bytes: [UInt8]) -> String {
    do throws(CheckpointError) {
      _ = try GGUFHeader(bytes.span.bytes, file: "m.gguf")
      return "no error"
    } catch { return error.description }
  }

  /// A file of `tensors` over `data` bytes.
  static func table(
    _ tensors: [(name: String, extents: [UInt64], type: UInt32, offset: UInt64)], data: Int
  ) -> [UInt8] {
    var file = GGUFBytes(tensors: UInt64(tensors.count))
    for tensor in tensors {
      file.addTensor(tensor.name, tensor.extents, type: tensor.type, offset: tensor.offset)
    }
    file.addData(data)
    return file.bytes
  }

  static func pair(_ type: UInt32, _ value: [UInt8], key: String = "k") -> [UInt8] {
    var file = GGUFBytes(pairs: 1)
    file.addPair(key, type: type, value)
    return file.bytes
  }

  @Test func `extents are turned to row-major and places counted from the file's start`() throws {
    let bytes = Self.table([("b", [3, 2], 0, 64), ("a", [32], 8, 0)], data: 88)
    let header = try GGUFHeader(bytes.span.bytes, file: "m.gguf")
    #expect(header.entries.map(\.name) == ["a", "b"])
    #expect(header.entries.map(\.shape) == [[32], [2, 3]])
    #expect(header.entries[1].bytes == bytes.count - 24..<bytes.count)
    #expect(header.version == 3 && header.alignment == 32)
  }

  @Test(arguments: [
    (
      GGUFBytes(magic: "GGML").bytes,
      "byte 0, magic number: expected the bytes 'GGUF', found 0x47474D4C"
    ),
    (Array("GG".utf8), "byte 0, magic number: expected 4 bytes, found 2 until the end"),
    (GGUFBytes(version: 1).bytes, "byte 4, version: expected 2 or 3, little-endian, found 1"),
    (GGUFBytes(version: 4).bytes, "byte 4, version: expected 2 or 3, little-endian, found 4"),
    (
      GGUFBytes(version: 0x0300_0000).bytes,
      "byte 4, version: expected 2 or 3, little-endian, found big-endian version 3"
    ),
    (
      GGUFBytes(tensors: .max).bytes,
      "byte 8, number of tensors: expected at most 0, for which there are bytes, "
        + "found 18446744073709551615"
    ),
    (
      GGUFBytes(pairs: 1).bytes,
      "byte 16, number of key-value pairs: expected at most 0, for which there are bytes, found 1"
    ),
  ])
  func `a wrong preamble is named`(bytes: [UInt8], expected: String) {
    #expect(Self.message(bytes) == "m.gguf: \(expected)")
  }

  @Test(arguments: [
    (pair(13, [0]), "byte 33, type of value of 'k': expected a type from 0 to 12, found 13"),
    (pair(7, [2]), "byte 37, value of 'k': expected a bool, 0 or 1, found 2"),
    (
      pair(8, [2, 0, 0, 0, 0, 0, 0, 0, 65]),
      "byte 37, length of value of 'k': expected at most 1, for which there are bytes, found 2"
    ),
    (
      pair(8, [1, 0, 0, 0, 0, 0, 0, 0, 0xFF]),
      "byte 45, value of 'k': expected a text in UTF-8, found other bytes"
    ),
    (
      pair(9, [4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]),
      "byte 41, length of value of 'k': expected at most 0, for which there are bytes, "
        + "found 4294967295"
    ),
  ])
  func `a wrong value is named`(bytes: [UInt8], expected: String) {
    #expect(Self.message(bytes) == "m.gguf: \(expected)")
  }

  @Test(arguments: [0, 4, 24, 33, 1 << 25])
  func `an alignment is a power of two from 8 on`(alignment: UInt32) {
    let value = withUnsafeBytes(of: alignment.littleEndian) { Array($0) }
    #expect(
      Self.message(Self.pair(4, value, key: "general.alignment"))
        == "m.gguf: metadata 'general.alignment': expected a power of two from 8 to 2^24, "
        + "found uint32 \(alignment)")
  }

  @Test func `an alignment of another type is refused`() {
    #expect(
      Self.message(Self.pair(7, [1], key: "general.alignment"))
        == "m.gguf: metadata 'general.alignment': expected an integer below 2^63, found bool true")
  }

  @Test func `a key twice is an error`() {
    var file = GGUFBytes(pairs: 2)
    file.addPair("k", type: 0, [1])
    file.addPair("k", type: 0, [1])
    #expect(
      Self.message(file.bytes) == "m.gguf: byte 38, key 1: expected every key once, found 'k' twice"
    )
  }

  @Test func `arrays in arrays have a limit`() {
    func nested(_ depth: Int) -> [UInt8] {
      var value: [UInt8] = []
      for level in 0..<depth {
        value += [level == depth - 1 ? 0 : 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
      }
      return Self.pair(9, value + [7])
    }
    #expect(Self.message(nested(8)) == "no error")
    #expect(Self.message(nested(9)).contains("expected arrays at most 8 deep, found deeper ones"))
    #expect(Self.message(nested(50_000)).contains("expected arrays at most 8 deep"))
  }

  @Test(
    arguments: [
      (
        [("a", [32], UInt32(8), UInt64(8))], 64,
        "tensor 'a': expected an offset that is a multiple of 32, found 8"
      ),
      (
        [("a", [32], 8, 32)], 65,
        "tensor 'a': expected 34 bytes within the 65 of data, found an offset of 32"
      ),
      (
        [("a", [32], 8, 1 << 63)], 64,
        "tensor 'a': expected 34 bytes within the 64 of data, found an offset of 9223372036854775808"
      ),
      (
        [("a", [32], 8, 0), ("b", [1], 0, 32)], 64,
        "tensor 'b': expected bytes after those of 'a', which end at byte 130, found byte 128"
      ),
      (
        [("a", [1], 0, 0), ("a", [1], 0, 32)], 64,
        "tensor 'a': expected every name once, found it twice"
      ),
      (
        [("a", [1 << 32, 1 << 32], 0, 0)], 64,
        "tensor 'a': expected extents from 1 on whose product is below 2^63, "
          + "found [4294967296, 4294967296]"
      ),
      (
        [("a", [0], 0, 0)], 64,
        "tensor 'a': expected extents from 1 on whose product is below 2^63, found [0]"
      ),
      (
        [("a", [1 << 62], 0, 0)], 64, "tensor 'a': expected fewer than 2^63 bytes, found more"
      ),
      (
        [("a", [33], 8, 0)], 64,
        "tensor 'a': expected rows of a whole number of q8_0 blocks of 32, found 33 elements"
      ),
      (
        [("a", [16, 2], 8, 0)], 64,
        "tensor 'a': expected rows of a whole number of q8_0 blocks of 32, found 16 elements"
      ),
      ([("a", [1, 1, 1, 1, 1], 0, 0)], 64, "tensor 'a': expected at most 4 extents, found 5"),
      ([("", [1], 0, 0)], 64, "byte 24, name of tensor 0: expected 1 to 64 bytes, found 0"),
      (
        [(String(repeating: "n", count: 65), [1], 0, 0)], 64,
        "byte 24, name of tensor 0: expected 1 to 64 bytes, found 65"
      ),
    ] as [([(String, [UInt64], UInt32, UInt64)], Int, String)])
  func `a wrong tensor is named`(
    tensors: [(String, [UInt64], UInt32, UInt64)], data: Int, expected: String
  ) {
    #expect(Self.message(Self.table(tensors, data: data)) == "m.gguf: \(expected)")
  }

  @Test func `an unknown type is named with those known`() {
    let message = Self.message(Self.table([("a", [256], 16, 0)], data: 64))
    #expect(message.hasPrefix("m.gguf: tensor 'a': expected one of the types fp32 (0), f16 (1), "))
    #expect(message.contains("q4_k (12)") && message.contains("bf16 (30)"))
    #expect(message.hasSuffix(", found iq2_xxs (16)"))
    #expect(
      Self.message(Self.table([("a", [256], 99, 0)], data: 64)).hasSuffix(", found type 99"))
  }
}
