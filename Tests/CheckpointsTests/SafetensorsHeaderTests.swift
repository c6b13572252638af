import Checkpoints
import TestSupport
import Testing

@Suite struct SafetensorsHeaderTests {
  /// A file's bytes: header length, header, data.
  static func file(_ header: String, dataBytes: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    let prefix = withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { Array($0) }
    return prefix + text + [UInt8](repeating: 0, count: dataBytes)
  }

  static func parse(_ bytes: [UInt8]) throws(CheckpointError) -> SafetensorsHeader {
    let span = bytes.span.bytes
    return try SafetensorsHeader(span, file: "x.safetensors")
  }

  static func message(_ bytes: [UInt8]) -> String {
    do {
      _ = try parse(bytes)
      return "accepted"
    } catch { return error.description }
  }

  @Test func `a header with two tensors and metadata is read`() throws {
    let header = try Self.parse(
      Self.file(
        #"{ "__metadata__": {"a": "\u00e4\n\ud83d\ude00"}, "#
          + #""y": {"dtype": "BF16", "shape": [2], "data_offsets": [24, 28]}, "#
          + #""x": {"data_offsets": [0, 24], "dtype": "F32", "shape": [2, 3]}}   "#, dataBytes: 28))
    #expect(
      header.entries == [
        TensorEntry(name: "x", type: .float32, shape: [2, 3], bytes: 0..<24),
        TensorEntry(name: "y", type: .bfloat16, shape: [2], bytes: 24..<28),
      ])
    #expect(header.metadata == ["a": "ä\n😀"])
    #expect(header.entry("y")?.elementCount == 2)
    #expect(header.entry("z") == nil)
  }

  @Test func `scalars and empty tensors have a place`() throws {
    let header = try Self.parse(
      Self.file(
        #"{"a":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]},"#
          + #""b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#, dataBytes: 4))
    #expect(header.entries.map(\.elementCount) == [0, 1])
    #expect(try Self.parse(Self.file("{}")).entries.isEmpty)
  }

  @Test func `every dtype name is known with its width`() throws {
    for type in ElementType.allCases {
      let bytes = type.bits * 8 / 8
      let header = try Self.parse(
        Self.file(
          #"{"t":{"dtype":"\#(type.rawValue)","shape":[8],"data_offsets":[0,\#(bytes)]}}"#,
          dataBytes: bytes))
      #expect(header.entries[0].type == type)
    }
  }

  @Test(arguments: [
    (
      [UInt8](),
      "x.safetensors: byte 0: expected eight bytes of header length, found 0 bytes in all"
    ),
    (
      [2, 0, 0],
      "x.safetensors: byte 0: expected eight bytes of header length, found 3 bytes in all"
    ),
    (
      file("{}", length: 1),
      "x.safetensors: byte 0: expected a header of 2 to 100000000 bytes, found a length of 1"
    ),
    (
      file("{}", length: 100_000_001),
      "x.safetensors: byte 0: expected a header of 2 to 100000000 bytes, "
        + "found a length of 100000001"
    ),
    (
      file("{}", length: .max),
      "x.safetensors: byte 0: expected a header of 2 to 100000000 bytes, "
        + "found a length of 18446744073709551615"
    ),
    (
      file("{}", length: 9),
      "x.safetensors: byte 8: expected a header of 9 bytes, found 2 bytes until the end of the file"
    ),
  ])
  func `a wrong length is refused`(bytes: [UInt8], expected: String) {
    #expect(Self.message(bytes) == expected)
  }

  @Test(arguments: [
    ("hello", "header byte 0: expected '{', found 'h'"),
    ("[]", "header byte 0: expected '{', found '['"),
    (#"{"a""#, "header byte 4: expected ':', found the end of the header"),
    (#"{"a"#, #"header byte 3: expected '"', found the end of the header"#),
    (#"{"__metadata__":{"a":1}}"#, #"header byte 21: expected '"', found '1'"#),
    ("{}}", "header byte 2: expected nothing after the header's object, found '}'"),
    ("{}\u{0}", "header byte 2: expected nothing after the header's object, found byte 0x0"),
    (#"{"\x":{}}"#, "header byte 3: expected an escape, found 'x'"),
    (#"{"\ud800":{}}"#, "header byte 8: expected a pair of surrogates, found '\"'"),
    (#"{"\u12g4":{}}"#, "header byte 6: expected four hexadecimal digits, found 'g'"),
    (
      #"{"__metadata__":{"a":"","a":""}}"#,
      "header byte 27: expected every key once, found 'a' twice"
    ),
    (#"{"a":{"shape":[-1]}}"#, "header byte 15: expected a non-negative integer, found '-'"),
    (#"{"a":{"shape":[01]}}"#, "header byte 17: expected a non-negative integer, found ']'"),
    (#"{"a":{"shape":[1.5]}}"#, "header byte 16: expected ']', found '.'"),
    (
      #"{"a":{"shape":[9223372036854775808]}}"#,
      "header byte 33: expected an integer below 2^63, found '8'"
    ),
  ])
  func `a header that is not the format's JSON is refused`(header: String, expected: String) {
    #expect(Self.message(Self.file(header)) == "x.safetensors: \(expected)")
  }

  @Test func `text that is not UTF-8 is refused`() {
    var bytes = Self.file(#"{"ab":{}}"#)
    bytes[10] = 0xFF
    #expect(Self.message(bytes).contains("expected a string in UTF-8"))
  }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "header byte 57: expected every key once, found 'a' twice"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"shape":[1],"data_offsets":[0,8]}}"#,
      "header byte 39: expected every key once, found 'shape' twice"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"order":"C"}}"#,
      "tensor 'a': expected dtype, shape and data_offsets, found 'order'"
    ),
    (
      #"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#,
      "tensor 'a': expected the key 'shape', found none"
    ),
    (
      #"{"a":{"dtype":"FLOAT","shape":[2],"data_offsets":[0,8]}}"#,
      "tensor 'a': expected a dtype of the safetensors format, found 'FLOAT'"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}"#,
      "tensor 'a': expected data_offsets [begin, end] with begin ≤ end, found [0, 4, 8]"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
      "tensor 'a': expected data_offsets [begin, end] with begin ≤ end, found [8, 0]"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
      "tensor 'a': expected an end within the 8 bytes of data, found 12"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[7],"#
        + #""data_offsets":[9223372036854775800,9223372036854775807]}}"#,
      "tensor 'a': expected an end within the 8 bytes of data, found 9223372036854775807"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
      "tensor 'a': expected 12 bytes for [3] of F32, found 8"
    ),
    (
      #"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#,
      "tensor 'a': expected 1 bytes for [3] of F4, found 1"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
      "tensor 'a': expected a shape of fewer than 2^63 bits, found [4294967296, 4294967296]"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]},"#
        + #""c":{"dtype":"U8","shape":[2],"data_offsets":[6,8]}}"#,
      "tensor 'b': expected an offset that is a multiple of 4, found 2"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "tensor 'b': expected data from byte 8, found an overlap, it begins at 4"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "tensor 'a': expected data from byte 0, found a gap, it begins at 4"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      "data byte 4: expected the end of the file, found 4 more bytes"
    ),
  ])
  func `an entry that contradicts the data is refused`(header: String, expected: String) {
    #expect(Self.message(Self.file(header, dataBytes: 8)) == "x.safetensors: \(expected)")
  }
}
