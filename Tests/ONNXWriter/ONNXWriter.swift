/// Bytes of ONNX files, written field by field: independent of the product's reader and of any library.
///
/// Source: Protocol Buffers, "Encoding"; onnx/onnx.proto of ONNX 1.22.
public enum ONNXWriter {
  /// A whole number of seven bits a byte.
  public static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(truncatingIfNeeded: rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  /// A field that holds a whole number.
  public static func number(_ field: Int, _ value: Int) -> [UInt8] {
    varint(UInt64(field) << 3) + varint(UInt64(bitPattern: Int64(value)))
  }

  /// A field that holds bytes.
  public static func bytes(_ field: Int, _ payload: [UInt8]) -> [UInt8] {
    varint(UInt64(field) << 3 | 2) + varint(UInt64(payload.count)) + payload
  }

  /// A field that holds a text.
  public static func text(_ field: Int, _ text: String) -> [UInt8] {
    bytes(field, Array(text.utf8))
  }

  /// The low bytes of numbers, the lowest first.
  public static func little(_ values: [Int], width: Int) -> [UInt8] {
    values.flatMap { value in (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }

  /// A tensor of fp32 numbers, as raw data.
  public static func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> [UInt8] {
    tensor(
      name, shape, type: 1, raw: little(values.map { Int($0.bitPattern) }, width: 4))
  }

  /// A tensor of raw data.
  public static func tensor(_ name: String, _ shape: [Int], type: Int, raw: [UInt8]) -> [UInt8] {
    tensor(name, shape, type: type, bytes(9, raw))
  }

  /// A tensor whose data are other fields.
  public static func tensor(
    _ name: String, _ shape: [Int], type: Int, _ data: [UInt8]
  ) -> [UInt8] {
    shape.flatMap { number(1, $0) } + number(2, type) + text(8, name) + data
  }

  /// A setting of an operator.
  public enum Setting {
    case integer(Int), float(Float), text(String), integers([Int]), tensor([UInt8])
  }

  /// An operator.
  public static func node(
    _ operation: String, _ inputs: [String], _ outputs: [String],
    _ settings: KeyValuePairs<String, Setting> = [:], domain: String = ""
  ) -> [UInt8] {
    var message = inputs.flatMap { text(1, $0) } + outputs.flatMap { text(2, $0) }
    message += text(3, "\(operation)-\(outputs.first ?? "")") + text(4, operation)
    for (name, setting) in settings {
      var attribute = text(1, name)
      switch setting {
      case .integer(let value): attribute += number(3, value) + number(20, 2)
      case .float(let value):
        attribute += varint(2 << 3 | 5) + little([Int(value.bitPattern)], width: 4) + number(20, 1)
      case .text(let value): attribute += text(4, value) + number(20, 3)
      case .integers(let values): attribute += values.flatMap { number(8, $0) } + number(20, 7)
      case .tensor(let tensor): attribute += bytes(5, tensor) + number(20, 4)
      }
      message += bytes(5, attribute)
    }
    return message + (domain.isEmpty ? [] : text(7, domain))
  }

  /// The name and type of a value; an extent of `nil` is open.
  public static func value(_ name: String, _ shape: [Int?], type: Int = 1) -> [UInt8] {
    let extents = shape.flatMap { bytes(1, $0.map { number(1, $0) } ?? text(2, "n")) }
    return text(1, name) + bytes(2, bytes(1, number(1, type) + bytes(2, extents)))
  }

  /// A whole file.
  public static func model(
    _ nodes: [[UInt8]], constants: [[UInt8]] = [], inputs: [[UInt8]], outputs: [[UInt8]],
    opset: Int = 17
  ) -> [UInt8] {
    let graph =
      nodes.flatMap { bytes(1, $0) } + text(2, "graph") + constants.flatMap { bytes(5, $0) }
      + inputs.flatMap { bytes(11, $0) } + outputs.flatMap { bytes(12, $0) }
    return number(1, 8) + bytes(7, graph) + bytes(8, text(1, "") + number(2, opset))
  }

  /// A convolution, its bias, and a linear layer over what it makes of an image of 2 × 4 × 4.
  public static func convolutional(classes: Int = 3) -> [UInt8] {
    model(
      [
        node("Conv", ["x", "w", "b"], ["c"], ["pads": .integers([1, 1, 1, 1])]),
        node("Relu", ["c"], ["r"]), node("Flatten", ["r"], ["f"]),
        node("Gemm", ["f", "h"], ["y"], ["transB": .integer(1)]),
      ],
      constants: [
        tensor("w", [2, 2, 3, 3], (0..<36).map { Float($0 % 7 - 3) / 8 }),
        tensor("b", [2], [0.5, -0.25]),
        tensor("h", [classes, 32], (0..<32 * classes).map { Float($0 * 5 % 11 - 5) / 16 }),
      ], inputs: [value("x", [nil, 2, 4, 4])], outputs: [value("y", [nil, classes])])
  }

  /// A linear layer of int8 codes over activations in uint8 codes.
  public static func quantized() -> [UInt8] {
    model(
      [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        node("DequantizeLinear", ["w", "ws"], ["wd"], ["axis": .integer(1)]),
        node("MatMul", ["d", "wd"], ["m"]), node("Add", ["m", "b"], ["y"]),
      ],
      constants: [
        tensor("s", [], [0.1]), tensor("z", [], type: 2, raw: [100]),
        tensor("w", [4, 2], type: 3, raw: [1, 251, 254, 6, 3, 7, 4, 248]),
        tensor("ws", [2], [0.5, 0.25]), tensor("b", [2], [1, -1]),
      ], inputs: [value("x", [1, 4])], outputs: [value("y", [1, 2])])
  }

  /// A recurrent layer over four steps.
  public static func recurrent() -> [UInt8] {
    model(
      [
        node("LSTM", ["x", "w", "r"], ["", "h"], ["hidden_size": .integer(2)]),
        node("Squeeze", ["h", "axes"], ["y"]),
      ],
      constants: [
        tensor("w", [1, 8, 3], (0..<24).map { Float($0 % 5 - 2) / 4 }),
        tensor("r", [1, 8, 2], (0..<16).map { Float($0 % 3 - 1) / 4 }),
        tensor("axes", [1], type: 7, raw: little([0], width: 8)),
      ], inputs: [value("x", [4, 1, 3])], outputs: [value("y", [1, 2])])
  }

  /// Extents that follow from one another, and operators that move elements.
  public static func moving() -> [UInt8] {
    model(
      [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"]),
        node("Unsqueeze", ["n", "zeros"], ["nr"]),
        node("Concat", ["nr", "rest"], ["e"], ["axis": .integer(0)]),
        node("Transpose", ["x"], ["t"], ["perm": .integers([0, 2, 1])]),
        node("Slice", ["t", "zeros", "ends"], ["l"]), node("Reshape", ["l", "e"], ["r"]),
        node("Pad", ["r", "pads"], ["p"], ["mode": .text("reflect")]),
        node("Softmax", ["p"], ["y"], ["axis": .integer(-1)]),
      ],
      constants: [
        tensor("zero", [], type: 7, raw: little([0], width: 8)),
        tensor("zeros", [1], type: 7, raw: little([0], width: 8)),
        tensor("rest", [1], type: 7, raw: little([-1], width: 8)),
        tensor("ends", [1], type: 7, raw: little([.max], width: 8)),
        tensor("pads", [4], type: 7, raw: little([0, 1, 0, 2], width: 8)),
      ], inputs: [value("x", [nil, 2, 3])], outputs: [value("y", [nil, 9])])
  }

  /// Operators that find elements by places, sums with letters, windows in three directions, a crop.
  public static func choosing() -> [UInt8] {
    model(
      [
        node("TopK", ["x", "two"], ["v", "i"], ["axis": .integer(-1)]),
        node("GatherElements", ["x", "i"], ["g"], ["axis": .integer(1)]),
        node("OneHot", ["i", "four", "pair"], ["h"]),
        node(
          "ScatterElements", ["x", "i", "v"], ["s"],
          ["axis": .integer(1), "reduction": .text("add")]),
        node("GatherND", ["s", "first"], ["r"]), node("ScatterND", ["s", "first", "r"], ["w"]),
        node("Einsum", ["w", "h"], ["e"], ["equation": .text("bn, bkn -> bk")]),
        node("Reshape", ["x", "cube"], ["c"]),
        node(
          "LpPool", ["c"], ["p"],
          ["kernel_shape": .integers([1, 2, 1]), "ceil_mode": .integer(1)]),
        node(
          "Resize", ["p", "regions", "", "cube"], ["z"],
          ["coordinate_transformation_mode": .text("tf_crop_and_resize"), "mode": .text("linear")]),
        node("Reshape", ["z", "row"], ["t"]),
        node("Concat", ["e", "g", "t"], ["y"], ["axis": .integer(1)]),
      ],
      constants: [
        tensor("two", [1], type: 7, raw: little([2], width: 8)),
        tensor("four", [1], type: 7, raw: little([4], width: 8)),
        tensor("pair", [2], [0, 1]),
        tensor("first", [1, 1], type: 7, raw: little([0], width: 8)),
        tensor("cube", [5], type: 7, raw: little([1, 1, 1, 2, 2], width: 8)),
        tensor("row", [2], type: 7, raw: little([1, 4], width: 8)),
        tensor("regions", [10], [0, 0, 0, 0, -0.5, 1, 1, 1, 1, 1.5]),
      ], inputs: [value("x", [1, 4])], outputs: [value("y", [1, 8])])
  }
}
