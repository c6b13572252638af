import Checkpoints

/// How the elements of arrays in files become numbers.
enum ArrayElements {
  /// The element at `index`, little-endian, as the nearest fp32; `nil` for types that are no plain numbers.
  static func float(_ type: ElementType, _ bytes: RawSpan, _ index: Int) -> Float? {
    func load<Bits: FixedWidthInteger & BitwiseCopyable>(_: Bits.Type) -> Bits {
      Bits(
        littleEndian: bytes.unsafeLoadUnaligned(
          fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
    }
    return switch type {
    case .float32: Float(bitPattern: load(UInt32.self))
    case .float64: Float(Double(bitPattern: load(UInt64.self)))
    case .float16: Float(Float16(bitPattern: load(UInt16.self)))
    case .bfloat16: Float(bitPattern: UInt32(load(UInt16.self)) << 16)
    case .bool, .uint8: Float(load(UInt8.self))
    case .int8: Float(load(Int8.self))
    case .int16: Float(load(Int16.self))
    case .uint16: Float(load(UInt16.self))
    case .int32: Float(load(Int32.self))
    case .uint32: Float(load(UInt32.self))
    case .int64: Float(load(Int64.self))
    case .uint64: Float(load(UInt64.self))
    default: nil
    }
  }

  /// The element at `index` as a whole number; `nil` for types that are no whole numbers and for numbers
  /// of 2^63 and more.
  static func integer(_ type: ElementType, _ bytes: RawSpan, _ index: Int) -> Int? {
    func load<Bits: FixedWidthInteger & BitwiseCopyable>(_: Bits.Type) -> Int? {
      Int(
        exactly: Bits(
          littleEndian: bytes.unsafeLoadUnaligned(
            fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)))
    }
    return switch type {
    case .bool, .uint8: load(UInt8.self)
    case .int8: load(Int8.self)
    case .int16: load(Int16.self)
    case .uint16: load(UInt16.self)
    case .int32: load(Int32.self)
    case .uint32: load(UInt32.self)
    case .int64: load(Int64.self)
    case .uint64: load(UInt64.self)
    default: nil
    }
  }
}

extension DatasetError {
  /// The same said of a dataset's file.
  init(_ error: CheckpointError) {
    switch error {
    case .malformed(let file, let place, let expected, let found):
      self = .malformed(file: file, place: place, expected: expected, found: found)
    case .tensor(let file, let tensor, let expected, let found):
      self = .malformed(
        file: file, place: "tensor '\(tensor)'", expected: expected, found: found)
    case .unreadable(let file, let reason): self = .unreadable(file: file, reason: reason)
    default: self = .unreadable(file: error.file, reason: error.description)
    }
  }
}
