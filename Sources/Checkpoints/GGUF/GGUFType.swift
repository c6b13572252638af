public import NumberFormats

/// How a GGUF file stores the elements of a tensor.
public struct GGUFType: Hashable, Sendable, CustomStringConvertible {
  /// The number in the file.
  public let number: UInt32
  let elements: StoredElements

  private init(_ number: UInt32, _ elements: StoredElements) {
    self.number = number
    self.elements = elements
  }

  /// IEEE single precision.
  public static let float32 = GGUFType(0, .float32)
  /// IEEE half precision.
  public static let float16 = GGUFType(1, .float16)
  /// The upper half of single precision.
  public static let bfloat16 = GGUFType(30, .bfloat16)

  /// Every type that can be read, by ascending number: the three above and the block formats that say their
  /// number.
  public static let all: [GGUFType] = {
    let blocks = FormatRegistry.all.compactMap { format -> GGUFType? in
      guard let blocks = format as? any BlockFormat, let number = blocks.ggufType else {
        return nil
      }
      return GGUFType(number, .blocks(blocks))
    }
    return ([float32, float16, bfloat16] + blocks).sorted { $0.number < $1.number }
  }()

  private static let byNumber = Dictionary(
    all.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })

  /// The type with a number, or `nil` where it cannot be read.
  public init?(number: UInt32) {
    guard let type = Self.byNumber[number] else { return nil }
    self = type
  }

  /// The type that stores a format, or `nil` where GGUF has none.
  public init?(_ format: some NumberFormat) {
    guard let type = Self.all.first(where: { $0.format.name == format.name }) else { return nil }
    self = type
  }

  /// The format of the elements.
  public var format: any NumberFormat { elements.format }
  /// Elements of a row that are stored together.
  public var blockElements: Int { elements.blockElements }
  /// Bytes of as many.
  public var blockBytes: Int { elements.blockBytes }
  /// The format's name.
  public var description: String { format.name }

  /// Whether the numbers are equal.
  public static func == (left: Self, right: Self) -> Bool { left.number == right.number }

  /// Feeds the number.
  public func hash(into hasher: inout Hasher) { hasher.combine(number) }

  /// What errors call a number: with ggml's name where it has one.
  static func name(of number: UInt32) -> String {
    if let type = GGUFType(number: number) { return "\(type) (\(number))" }
    return unread[number].map { "\($0) (\(number))" } ?? "type \(number)"
  }

  /// What errors list as readable.
  static var known: String { all.map { "\($0) (\($0.number))" }.joined(separator: ", ") }

  /// ggml's types that have no format here.
  private static let unread: [UInt32: String] = [
    4: "q4_2", 5: "q4_3", 16: "iq2_xxs", 17: "iq2_xs", 18: "iq3_xxs", 19: "iq1_s", 21: "iq3_s",
    22: "iq2_s", 24: "i8", 25: "i16", 26: "i32", 27: "i64", 28: "f64", 29: "iq1_m",
    31: "q4_0_4_4", 32: "q4_0_4_8", 33: "q4_0_8_8", 36: "iq4_nl_4_4", 37: "iq4_nl_4_8",
    38: "iq4_nl_8_8",
  ]
}
