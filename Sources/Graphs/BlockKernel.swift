public import NumberFormats

/// The block formats that kernels multiply as they are stored.
///
/// Operands are uint8 codes. Per output, an fp32 chain takes a step per block, in ascending order: the exact
/// integer sum of a block, times its scale (Q4_K: then that of its minimums); the operand's scale and the bias
/// come last. The levels of NF4 are no integers: the sum of a block is an fp32 chain of its own.
public enum BlockKernel: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
  /// `GGUF.Q4_0`.
  case q4_0
  /// `GGUF.Q8_0`.
  case q8_0
  /// `GGUF.Q4_K`.
  case q4_k
  /// `GGUF.Q6_K`.
  case q6_k
  /// `GGMLMXFP4`.
  case mxfp4 = "mxfp4-gguf"
  /// `CodebookFormat.nf4` and `nf4Nested`, whose scales are decoded beforehand.
  case nf4

  /// The largest number of products in one output's sum.
  public static let longestSum = 65_535

  /// That of a format, or `nil` where it has none.
  public init?(_ format: any NumberFormat) {
    switch format {
    case is GGUF.Q4_0: self = .q4_0
    case is GGUF.Q8_0: self = .q8_0
    case is GGUF.Q4_K: self = .q4_k
    case is GGUF.Q6_K: self = .q6_k
    case is GGMLMXFP4: self = .mxfp4
    case let format as CodebookFormat where format == .nf4 || format == .nf4Nested:
      self = .nf4
    default: return nil
    }
  }

  /// Whether rows of so many weights can be multiplied: whole blocks, none too many.
  public func admits(columns: Int) -> Bool {
    columns.isMultiple(of: blockElements) && columns <= Self.longestSum
  }

  /// Elements that share a scale.
  public var blockElements: Int {
    switch self {
    case .q4_0, .q8_0, .mxfp4: 32
    case .nf4: 64
    case .q4_k, .q6_k: 256
    }
  }
}
