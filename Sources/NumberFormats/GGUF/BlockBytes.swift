extension RawSpan {
  /// The byte at an offset.
  func octet(_ offset: Int) -> UInt8 {
    unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The signed byte at an offset.
  func signedOctet(_ offset: Int) -> Int8 { Int8(bitPattern: octet(offset)) }

  /// The little-endian half-precision number at an offset.
  func half(_ offset: Int) -> Float {
    Float(Float16(bitPattern: UInt16(octet(offset)) | UInt16(octet(offset + 1)) << 8))
  }

  /// The little-endian 32-bit number at an offset.
  func word(_ offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(octet(offset + $1)) << (8 * UInt32($1)) }
  }
}

extension MutableRawSpan {
  /// Writes a byte.
  mutating func setOctet(_ byte: UInt8, at offset: Int) {
    storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
  }

  /// Writes a little-endian integer.
  mutating func set(_ number: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
    storeBytes(of: number.littleEndian, toByteOffset: offset, as: type(of: number))
  }

  /// Writes a scale in half precision, rounded to nearest even.
  ///
  /// - Returns: The scale as stored.
  /// - Throws: `BlockFault.scaleOverflow` when it is not finite in half precision.
  @discardableResult
  mutating func setHalf(_ scale: Float, at offset: Int) throws(BlockFault) -> Float {
    let half = Float16(scale)
    guard half.isFinite else {
      throw .scaleOverflow(scale: scale, largest: GGUF.largestHalf)
    }
    set(half.bitPattern, at: offset)
    return Float(half)
  }
}
