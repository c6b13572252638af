/// Why numbers cannot be encoded or decoded.
public enum FormatError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A value to encode is NaN or infinite; `index` is row-major.
  case notFinite(tensor: String, index: Int, value: Float)
  /// A group must hold at least one column.
  case groupSize(tensor: String, found: Int)
  /// A row is no whole number of blocks.
  case blockColumns(tensor: String, format: String, multipleOf: Int, found: Int)
  /// A block cannot be encoded; `index` is that of its first value, row-major.
  case block(tensor: String, index: Int, format: String, fault: BlockFault)
  /// A scale overflows the type that stores it; `index` is that of its group's first value, row-major.
  case scaleOverflow(tensor: String, index: Int, type: ScaleType, scale: Float)
  /// A stored value decodes to an infinity: its scale was rounded up beyond the largest float.
  case decodedOverflow(tensor: String, index: Int)
  /// The format has no codes to shift.
  case symmetricOnly(tensor: String, format: String)
  /// A value is finite but rounds to more than the format's largest number; `index` is row-major.
  case outOfRange(tensor: String, index: Int, format: String, value: Float, largest: Float)
  /// A format has no blocks of this size.
  case blockSize(format: String, allowed: ClosedRange<Int>, found: Int)
  /// There are too many or too few scales.
  case scaleCount(tensor: String, expected: Int, found: Int)
  /// Packed codes have the wrong length.
  case packedBytes(tensor: String, expected: Int, found: Int)
  /// The unused bits of a row's last byte are not zero.
  case padding(tensor: String, byte: Int)

  /// The error in one sentence that names the tensor.
  public var description: String {
    switch self {
    case .notFinite(let tensor, let index, let value):
      "\(tensor)[\(index)]: expected a finite number, found \(value)"
    case .groupSize(let tensor, let found):
      "\(tensor): expected a group size of at least 1, found \(found)"
    case .blockColumns(let tensor, let format, let multiple, let found):
      "\(tensor): \(format) needs rows of a multiple of \(multiple) values, found \(found)"
    case .block(let tensor, let index, let format, .scaleOverflow(let scale, let largest)):
      "\(tensor)[\(index)]: \(format) cannot store the scale \(scale) of the block that starts here; "
        + "the largest is \(largest)"
    case .scaleOverflow(let tensor, let index, let type, let scale):
      "\(tensor)[\(index)]: \(type.rawValue) cannot store the scale \(scale) of the group that starts "
        + "here; the largest is \(type.largest)"
    case .decodedOverflow(let tensor, let index):
      "\(tensor)[\(index)]: expected a code that decodes to a finite number, found one that overflows"
    case .symmetricOnly(let tensor, let format):
      "\(tensor): \(format) has no asymmetric codes"
    case .outOfRange(let tensor, let index, let format, let value, let largest):
      "\(tensor)[\(index)]: \(format) cannot store \(value); the largest number is \(largest)"
    case .blockSize(let format, let allowed, let found):
      "\(format): expected blocks of \(allowed.lowerBound) to \(allowed.upperBound) elements, "
        + "found \(found)"
    case .scaleCount(let tensor, let expected, let found):
      "\(tensor): expected \(expected) scales, found \(found)"
    case .packedBytes(let tensor, let expected, let found):
      "\(tensor): expected \(expected) bytes of packed codes, found \(found)"
    case .padding(let tensor, let byte):
      "\(tensor): byte \(byte): expected zero in the unused bits, found something else"
    }
  }

  /// NaN equals NaN here, so that errors can be compared.
  public static func == (left: FormatError, right: FormatError) -> Bool {
    left.description == right.description
  }

  /// Feeds what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(description)
  }
}
