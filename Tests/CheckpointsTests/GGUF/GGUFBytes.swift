/// A GGUF file put together field by field, so that each can be wrong.
struct GGUFBytes {
  var bytes: [UInt8] = []

  init(
    magic: String = "GGUF", version: UInt32 = 3, tensors: UInt64 = 0, pairs: UInt64 = 0
  ) {
    bytes = Array(magic.utf8)
    add(version)
    add(tensors)
    add(pairs)
  }

  mutating func add(_ integer: some FixedWidthInteger) {
    withUnsafeBytes(of: integer.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func addPair(_ key: String, type: UInt32, _ value: [UInt8]) {
    add(key)
    add(type)
    bytes.append(contentsOf: value)
  }

  /// `extents` innermost first, as in the file.
  mutating func addTensor(_ name: String, _ extents: [UInt64], type: UInt32, offset: UInt64) {
    add(name)
    add(UInt32(extents.count))
    for extent in extents { add(extent) }
    add(type)
    add(offset)
  }

  mutating func addData(_ count: Int) {
    while !bytes.count.isMultiple(of: 32) { bytes.append(0) }
    bytes.append(contentsOf: repeatElement(0, count: count))
  }
}
