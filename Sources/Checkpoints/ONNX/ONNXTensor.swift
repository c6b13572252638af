public import Graphs
import NumberFormats

/// A tensor of an ONNX file: its bytes stay where they are mapped, or are held where the file spells numbers
/// one by one.
public struct ONNXTensor: Sendable {
  enum Storage: Sendable {
    case mapped(SharedMapping, Range<Int>)
    case held([UInt8])
  }

  /// What the file calls it.
  public let name: String
  /// Extents, outermost first; a scalar has none.
  public let shape: [Int]
  /// The type of an element.
  public let element: ONNXElement
  let storage: Storage

  /// Number of elements.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Creates a tensor of numbers.
  public init(name: String, shape: [Int], integers: [Int], element: ONNXElement = .int64) {
    precondition(integers.count == shape.reduce(1, *) && element.bits % 8 == 0)
    var bytes: [UInt8] = []
    for value in integers {
      for byte in 0..<element.bits / 8 {
        bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte)))
      }
    }
    self.init(name: name, shape: shape, element: element, storage: .held(bytes))
  }

  /// Creates a tensor of numbers.
  public init(name: String, shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *))
    self.init(
      name: name, shape: shape, element: .float32,
      storage: .held(values.flatMap { $0.bitPattern.littleBytes }))
  }

  init(name: String, shape: [Int], element: ONNXElement, storage: Storage) {
    self.name = name
    self.shape = shape
    self.element = element
    self.storage = storage
  }

  private func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    switch storage {
    case .mapped(let mapping, let range): mapping.withBytes { body($0.extracting(range)) }
    case .held(let bytes): body(bytes.span.bytes)
    }
  }

  /// The elements as fp32, rounded to nearest even where they are finer.
  public var floats: [Float] {
    withBytes { bytes in
      (0..<elementCount).map { Self.float(bytes, $0, element) }
    }
  }

  /// One element as fp32, as `floats` has it.
  package func float(_ index: Int) -> Float {
    withBytes { Self.float($0, index, element) }
  }

  private static func float(_ bytes: RawSpan, _ index: Int, _ element: ONNXElement) -> Float {
    switch element {
    case .float32: Float(bitPattern: bytes.little(4 * index, UInt32.self))
    case .float16: Float(Float16(bitPattern: bytes.little(2 * index, UInt16.self)))
    case .bfloat16: Float(bitPattern: UInt32(bytes.little(2 * index, UInt16.self)) << 16)
    case .float64: Float(Double(bitPattern: bytes.little(8 * index, UInt64.self)))
    default: Float(integer(bytes, index, element))
    }
  }

  /// The elements as integers; `nil` where they are fractions.
  public var integers: [Int]? {
    guard element.isInteger else { return nil }
    return withBytes { bytes in
      (0..<elementCount).map { Self.integer(bytes, $0, element) }
    }
  }

  private static func integer(_ bytes: RawSpan, _ index: Int, _ element: ONNXElement) -> Int {
    switch element {
    case .uint8, .bool: Int(bytes.little(index, UInt8.self))
    case .int8: Int(bytes.little(index, Int8.self))
    case .uint16: Int(bytes.little(2 * index, UInt16.self))
    case .int16: Int(bytes.little(2 * index, Int16.self))
    case .int32: Int(bytes.little(4 * index, Int32.self))
    case .uint32: Int(bytes.little(4 * index, UInt32.self))
    case .int64: Int(truncatingIfNeeded: bytes.little(8 * index, Int64.self))
    case .uint64: Int(truncatingIfNeeded: bytes.little(8 * index, UInt64.self))
    case .uint4: Int(bytes.little(index / 2, UInt8.self) >> UInt8(4 * (index % 2)) & 15)
    case .int4:
      // Brought to the top, so that the shift back repeats the sign.
      Int(Int8(bitPattern: bytes.little(index / 2, UInt8.self) << UInt8(4 - 4 * (index % 2))) >> 4)
    case .float32, .float16, .float64, .bfloat16: 0
    }
  }

  /// The tensor for a graph, its values left in the file where they are floating-point numbers that a graph
  /// reads.
  public func tensor(shape: [Int]? = nil) -> Tensor {
    let elements: StoredElements? =
      switch element {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      default: nil
      }
    guard let elements, case .mapped(let mapping, let range) = storage else {
      return Tensor(shape: shape ?? self.shape, values: floats)
    }
    return Tensor(
      shape: shape ?? self.shape,
      source: MappedTensor(
        mapping: mapping, bytes: range, elements: elements, elementCount: elementCount))
  }
}

extension FixedWidthInteger {
  /// Its bytes, the lowest first.
  fileprivate var littleBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
  }
}
