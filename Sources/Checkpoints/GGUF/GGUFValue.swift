/// How GGUF metadata stores a value; the raw value is the number in the file.
enum GGUFValueType: UInt32, CaseIterable, Sendable {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case bool = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// The fewest bytes that a value occupies.
  var smallestBytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }
}

/// One value of GGUF metadata.
public enum GGUFValue: Equatable, Sendable {
  case uint8(UInt8)
  case int8(Int8)
  case uint16(UInt16)
  case int16(Int16)
  case uint32(UInt32)
  case int32(Int32)
  case float32(Float)
  case bool(Bool)
  case string(String)
  case array(GGUFArray)
  case uint64(UInt64)
  case int64(Int64)
  case float64(Double)

  /// The value as an integer; `nil` when it is of another kind or beyond 64 signed bits.
  public var integer: Int? {
    switch self {
    case .uint8(let value): Int(value)
    case .int8(let value): Int(value)
    case .uint16(let value): Int(value)
    case .int16(let value): Int(value)
    case .uint32(let value): Int(value)
    case .int32(let value): Int(value)
    case .uint64(let value): Int(exactly: value)
    case .int64(let value): Int(value)
    case .float32, .float64, .bool, .string, .array: nil
    }
  }

  /// The value as a number, integers included; `nil` when it is of another kind.
  public var number: Double? {
    switch self {
    case .float32(let value): Double(value)
    case .float64(let value): value
    default: integer.map(Double.init)
    }
  }

  /// What errors call the value, such as `uint32 7` or `array of 3 string`.
  public var summary: String {
    switch self {
    case .uint8(let value): "uint8 \(value)"
    case .int8(let value): "int8 \(value)"
    case .uint16(let value): "uint16 \(value)"
    case .int16(let value): "int16 \(value)"
    case .uint32(let value): "uint32 \(value)"
    case .int32(let value): "int32 \(value)"
    case .float32(let value): "float32 \(value)"
    case .bool(let value): "bool \(value)"
    case .string(let value): "string '\(value.prefix(40))'"
    case .array(let array): "array of \(array.count) \(array.type)"
    case .uint64(let value): "uint64 \(value)"
    case .int64(let value): "int64 \(value)"
    case .float64(let value): "float64 \(value)"
    }
  }

  var type: GGUFValueType {
    switch self {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .float32: .float32
    case .bool: .bool
    case .string: .string
    case .array: .array
    case .uint64: .uint64
    case .int64: .int64
    case .float64: .float64
    }
  }
}

/// An array of GGUF metadata: all elements are of one type.
public enum GGUFArray: Equatable, Sendable {
  case uint8([UInt8])
  case int8([Int8])
  case uint16([UInt16])
  case int16([Int16])
  case uint32([UInt32])
  case int32([Int32])
  case float32([Float])
  case bool([Bool])
  case string([String])
  case array([GGUFArray])
  case uint64([UInt64])
  case int64([Int64])
  case float64([Double])

  /// Number of elements.
  public var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .int8(let values): values.count
    case .uint16(let values): values.count
    case .int16(let values): values.count
    case .uint32(let values): values.count
    case .int32(let values): values.count
    case .float32(let values): values.count
    case .bool(let values): values.count
    case .string(let values): values.count
    case .array(let values): values.count
    case .uint64(let values): values.count
    case .int64(let values): values.count
    case .float64(let values): values.count
    }
  }

  /// The elements as integers; `nil` when they are of another kind or one is beyond 64 signed bits.
  public var integers: [Int]? {
    switch self {
    case .uint8(let values): return values.map(Int.init)
    case .int8(let values): return values.map(Int.init)
    case .uint16(let values): return values.map(Int.init)
    case .int16(let values): return values.map(Int.init)
    case .uint32(let values): return values.map(Int.init)
    case .int32(let values): return values.map(Int.init)
    case .int64(let values): return values.map(Int.init)
    case .uint64(let values):
      let integers = values.compactMap(Int.init(exactly:))
      return integers.count == values.count ? integers : nil
    case .float32, .float64, .bool, .string, .array: return nil
    }
  }

  /// The elements as numbers, integers included; `nil` when they are of another kind.
  public var numbers: [Double]? {
    switch self {
    case .float32(let values): values.map(Double.init)
    case .float64(let values): values
    default: integers?.map(Double.init)
    }
  }

  var type: GGUFValueType {
    switch self {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .float32: .float32
    case .bool: .bool
    case .string: .string
    case .array: .array
    case .uint64: .uint64
    case .int64: .int64
    case .float64: .float64
    }
  }
}
