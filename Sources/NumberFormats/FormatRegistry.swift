/// Every number format, by name.
public enum FormatRegistry {
  /// The formats, widest first. A new format is one line here.
  public static let all: [any NumberFormat] = [
    Float32Format(),
    AffineFormat.int8,
    AffineFormat.int6,
    AffineFormat.int5,
    AffineFormat.int4,
    AffineFormat.int3,
    AffineFormat.int2,
    AffineFormat.ternary,
  ]

  /// The names, in the order of `all`.
  public static var names: [String] { all.map(\.name) }

  /// The format called `name`, or `nil`.
  public static func format(named name: String) -> (any NumberFormat)? {
    all.first { $0.name == name }
  }
}
