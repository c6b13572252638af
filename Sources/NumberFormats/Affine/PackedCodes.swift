extension QuantizedMatrix {
  /// Bytes of one packed row.
  static func packedRowBytes(columns: Int, bits: Int) -> Int { (columns * bits + 7) / 8 }

  /// The codes as a checkpoint stores them, row by row; every row starts on a byte.
  ///
  /// A row is a stream of bits: the code of column j, two's complement, is bits j · b … (j + 1) · b − 1 of it,
  /// lowest bit first, and bit k of the stream is bit k mod 8 of byte k / 8. So 8 bits are one code a byte, 4
  /// bits have the even column in the low half (ONNX INT4's order), 2 bits the first of four columns in the
  /// lowest quarter, and a code of 3, 5 or 6 bits may continue in the low bits of the next byte. The unused
  /// bits of a row's last byte are zero.
  public func packedCodes() -> [UInt8] {
    guard bits < 8 else { return codes.map { UInt8(bitPattern: $0) } }
    let rowBytes = Self.packedRowBytes(columns: columns, bits: bits)
    let mask = UInt16(1) << UInt16(bits) - 1
    var bytes = [UInt8](repeating: 0, count: rows * rowBytes)
    for row in 0..<rows {
      for column in 0..<columns {
        let code = UInt16(UInt8(bitPattern: codes[row * columns + column])) & mask
        let byte = row * rowBytes + column * bits / 8
        let placed = code << UInt16(column * bits % 8)
        bytes[byte] |= UInt8(placed & 0xFF)
        if placed > 0xFF { bytes[byte + 1] |= UInt8(placed >> 8) }
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
  ///   - bits: 2…8.
  ///   - tensor: Named in errors.
  /// - Throws: `FormatError` for a wrong length, or padding bits that are not zero.
  public static func unpackCodes(
    _ bytes: [UInt8], rows: Int, columns: Int, bits: Int, tensor: String
  ) throws(FormatError) -> [Int8] {
    precondition((2...8).contains(bits), "codes have 2 to 8 bits")
    let rowBits = columns.multipliedReportingOverflow(by: bits)
    let rowBytes =
      rowBits.overflow ? Int.max : rowBits.partialValue / 8 + (rowBits.partialValue % 8 > 0 ? 1 : 0)
    let (expected, overflow) = rows.multipliedReportingOverflow(by: rowBytes)
    guard rows >= 0, columns >= 0, !overflow, bytes.count == expected else {
      throw .packedBytes(
        tensor: tensor, expected: overflow ? Int.max : max(expected, 0), found: bytes.count)
    }
    guard bits < 8 else { return bytes.map { Int8(bitPattern: $0) } }
    let used = columns * bits % 8
    var codes: [Int8] = []
    codes.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let byte = row * rowBytes + column * bits / 8
        let shift = column * bits % 8
        let next = shift + bits > 8 ? UInt16(bytes[byte + 1]) << 8 : 0
        let code = UInt8(truncatingIfNeeded: (UInt16(bytes[byte]) | next) >> UInt16(shift))
        // Shifting up and, arithmetically, down again spreads the sign.
        codes.append(Int8(bitPattern: code << UInt8(8 - bits)) >> Int8(8 - bits))
      }
      let last = (row + 1) * rowBytes - 1
      if used > 0, bytes[last] >> UInt8(used) != 0 { throw .padding(tensor: tensor, byte: last) }
    }
    return codes
  }
}
