/// Every number format, by name.
public enum FormatRegistry {
  /// The formats. A new format is one line here.
  public static let all: [any NumberFormat] = [
    Float32Format(),
    AffineFormat.int8,
    AffineFormat.int6,
    AffineFormat.int5,
    AffineFormat.int4,
    AffineFormat.int3,
    AffineFormat.int2,
    AffineFormat.ternary,
    MinifloatFormat.bf16,
    MinifloatFormat.f16,
    MinifloatFormat.e4m3,
    MinifloatFormat.e5m2,
    MinifloatFormat.e2m3,
    MinifloatFormat.e3m2,
    MinifloatFormat.e2m1,
    MXFormat.mxfp8e4m3,
    MXFormat.mxfp8e5m2,
    MXFormat.mxint8,
    MXFormat.mxfp6e2m3,
    MXFormat.mxfp6e3m2,
    MXFormat.mxfp4,
    GGMLMXFP4(),
    GGMLNVFP4(),
    NVFP4Format(),
    CodebookFormat.nf4,
    CodebookFormat.nf4Nested,
    CodebookFormat.bitsandbytesFP4,
    GGUF.Q8_0(),
    GGUF.Q8_1(),
    GGUF.Q5_1(),
    GGUF.Q5_0(),
    GGUF.Q4_1(),
    GGUF.Q4_0(),
    GGUF.Q6_K(),
    GGUF.Q5_K(),
    GGUF.Q4_K(),
    GGUF.Q3_K(),
    GGUF.Q2_K(),
    GGUF.Q8_K(),
    GGUF.IQ4_NL(),
    GGUF.IQ4_XS(),
    GGUF.TQ2_0(),
    GGUF.TQ1_0(),
  ]

  /// The names, in the order of `all`.
  public static var names: [String] { all.map(\.name) }

  /// The format called `name`, or `nil`.
  public static func format(named name: String) -> (any NumberFormat)? {
    all.first { $0.name == name }
  }
}
