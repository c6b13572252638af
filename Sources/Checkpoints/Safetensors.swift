public import Graphs

/// Writes weights in the safetensors format.
///
/// Equal weights and metadata give equal bytes: tensors and metadata sorted by name, no white space,
/// the header padded with spaces so that the data begins at a multiple of 8 bytes.
public enum Safetensors {
  /// The bytes of a file that holds `weights`, all as F32.
  ///
  /// - Parameters:
  ///   - weights: The tensors.
  ///   - metadata: Texts for `__metadata__`, left out when empty.
  public static func encode(_ weights: Weights, metadata: [String: String] = [:]) -> [UInt8] {
    let tensors = weights.tensors.sorted { $0.key < $1.key }
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map {
        "\(quoted($0.key)):\(quoted($0.value))"
      }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + 4 * tensor.values.count
      members.append(
        "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header)
    for (_, tensor) in tensors {
      for value in tensor.values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    return bytes
  }

  /// Writes `weights` to `file` in one step; the old file stays intact when that fails.
  ///
  /// - Throws: `CheckpointError.unwritable` with the system's reason.
  public static func write(
    _ weights: Weights, metadata: [String: String] = [:], to file: String
  ) throws(CheckpointError) {
    try AtomicFile.replace(file, with: encode(weights, metadata: metadata))
  }

  /// A JSON string literal.
  private static func quoted(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }
}
