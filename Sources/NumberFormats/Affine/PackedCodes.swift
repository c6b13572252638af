extension QuantizedMatrix {
  /// Bytes of one packed row.
  static func packedRowBytes(columns: Int, bits: Int) -> Int { (columns * bits + 7) / 8 }

  /// The codes as a checkpoint stores them, row by row; every row starts on a byte.
  ///
  /// 8 bits: one code a byte, two's complement. 4 bits: two codes a byte, two's complement, the even column in
  /// the low half (ONNX INT4's order); the unused half of an odd row's last byte is zero.
  public func packedCodes() -> [UInt8] {
    guard bits == 4 else { return codes.map { UInt8(bitPattern: $0) } }
    let rowBytes = Self.packedRowBytes(columns: columns, bits: bits)
    var bytes = [UInt8](repeating: 0, count: rows * rowBytes)
    for row in 0..<rows {
      for column in 0..<columns {
        let half = UInt8(bitPattern: codes[row * columns + column]) & 0x0F
        bytes[row * rowBytes + column / 2] |= half << (column.isMultiple(of: 2) ? 0 : 4)
      }
    }
    return bytes
  }

  /// Codes, row-major, from the form that `packedCodes` writes.
  ///
  /// - Parameters:
  ///   - bytes: Packed rows.
  ///   - rows: Output channels.
  ///   - columns: Summation length.
  ///   - bits: 8 or 4.
  ///   - tensor: Named in errors.
  /// - Throws: `FormatError` for a wrong length, or a padding half that is not zero.
  public static func unpackCodes(
    _ bytes: [UInt8], rows: Int, columns: Int, bits: Int, tensor: String
  ) throws(FormatError) -> [Int8] {
    precondition(bits == 4 || bits == 8, "codes have 8 or 4 bits")
    let rowBytes = packedRowBytes(columns: columns, bits: bits)
    guard bytes.count == rows * rowBytes else {
      throw .packedBytes(tensor: tensor, expected: rows * rowBytes, found: bytes.count)
    }
    guard bits == 4 else { return bytes.map { Int8(bitPattern: $0) } }
    var codes: [Int8] = []
    codes.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let byte = bytes[row * rowBytes + column / 2]
        let half = column.isMultiple(of: 2) ? byte << 4 : byte & 0xF0
        // An arithmetic shift spreads the sign of the upper half.
        codes.append(Int8(bitPattern: half) >> 4)
      }
      let last = (row + 1) * rowBytes - 1
      if !columns.isMultiple(of: 2), bytes[last] & 0xF0 != 0 {
        throw .padding(tensor: tensor, byte: last)
      }
    }
    return codes
  }
}
