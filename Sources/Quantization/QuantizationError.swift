public import Graphs
public import NumberFormats

/// Why a model cannot be calibrated or quantized.
public enum QuantizationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The graph and its weights do not fit each other, or a pass made an impossible graph.
  case graph(GraphError)
  /// A weight cannot be encoded.
  case format(FormatError)
  /// Folding a batch normalization gives NaN or an infinity; `index` is row-major.
  case foldingNotFinite(parameter: String, index: Int, value: Float)
  /// variance + epsilon must be positive.
  case variance(node: String, channel: Int, found: Float)
  /// A normalized vector with nothing to fold into would need a matrix too large to be sensible.
  case normalizationTooWide(node: String, limit: Int, found: Int)
  /// A calibrated value was NaN or infinite.
  case observedNotFinite(node: String, value: Float)
  /// Calibration saw no example of a value.
  case unobserved(node: String)
  /// The scheme needs calibrated ranges and none were given.
  case rangesMissing(scheme: String)
  /// The ranges belong to another graph.
  case rangesOfAnotherGraph(expected: String, found: String)
  /// The ranges were observed in another way than the scheme asks for.
  case rangesOfAnotherObserver(expected: Observer, found: Observer)
  /// The sum of so many integer products could leave 32 bits.
  case summationTooLong(node: String, limit: Int, found: Int)

  /// The error in one sentence that names the node or the parameter.
  public var description: String {
    switch self {
    case .graph(let error): error.description
    case .format(let error): error.description
    case .foldingNotFinite(let parameter, let index, let value):
      "\(parameter)[\(index)]: folding the batch normalization gives \(value), expected a finite number"
    case .variance(let node, let channel, let found):
      "\(node).variance[\(channel)]: expected a positive number with epsilon added, found \(found)"
    case .normalizationTooWide(let node, let limit, let found):
      "\(node): expected at most \(limit) features in a batch normalization that follows no layer, "
        + "found \(found)"
    case .observedNotFinite(let node, let value):
      "\(node): expected finite values while calibrating, found \(value)"
    case .unobserved(let node):
      "\(node): expected calibration examples, found none"
    case .rangesMissing(let scheme):
      "\(scheme): expected calibrated ranges for its static activations, found none"
    case .rangesOfAnotherGraph(let expected, let found):
      "expected ranges of the nodes \(expected), found ranges of \(found)"
    case .rangesOfAnotherObserver(let expected, let found):
      "expected ranges of the observer \(expected), found ranges of \(found)"
    case .summationTooLong(let node, let limit, let found):
      "\(node): expected at most \(limit) products in one sum, found \(found)"
    }
  }

  /// Compares what is printed, so that an error that carries NaN equals itself.
  public static func == (left: QuantizationError, right: QuantizationError) -> Bool {
    left.description == right.description
  }
}
