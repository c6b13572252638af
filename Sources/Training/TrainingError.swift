/// Why a graph cannot be trained on some examples.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The architecture file has no `train` recipe.
  case noRecipe(file: String)
  /// The output is not a vector of class scores.
  case notAClassifier(output: String)
  /// An operator has no gradient.
  case noGradient(node: String, operation: String)
  /// The number of values is not examples × size of the input.
  case inputCount(expected: Int, found: Int)
  /// There are fewer examples than one batch needs.
  case tooFewExamples(expected: Int, found: Int)
  /// A label is no class of the graph.
  case label(example: Int, expected: Range<Int>, found: Int)
  /// An input is infinite or not a number.
  case input(example: Int, found: Float)
  /// Images are to be shifted and the input is not an image, or by more than its size.
  case shift(expected: String, found: Int)
  /// The graph scores each token and the examples have one class each, or the other way round.
  case target(expected: String, found: String)
  /// A window has more tokens than the graph has positions for, or too few to predict one.
  case windowLength(expected: ClosedRange<Int>, found: Int)
  /// A token is no row of the graph's embedding.
  case token(example: Int, place: Int, expected: Range<Int>, found: Float)
  /// The loss or a weight is no longer finite; a smaller learning rate may help.
  case diverged(epoch: Int, found: String)

  /// One sentence that names the place, what was expected and what was found.
  public var description: String {
    switch self {
    case .noRecipe(let file):
      "\(file): expected a 'train' recipe, found none"
    case .notAClassifier(let output):
      "expected a graph whose output is a vector of class scores, found \(output)"
    case .noGradient(let node, let operation):
      "\(node): expected an operator that can be trained, found \(operation)"
    case .inputCount(let expected, let found):
      "expected \(expected) input values for the labels, found \(found)"
    case .tooFewExamples(let expected, let found):
      "expected at least the \(expected) examples of one batch, found \(found)"
    case .label(let example, let expected, let found):
      "example \(example): expected a label in \(expected.lowerBound)…\(expected.upperBound - 1), "
        + "found \(found)"
    case .input(let example, let found):
      "example \(example): expected finite inputs, found \(found)"
    case .shift(let expected, let found):
      "shift: expected \(expected), found \(found)"
    case .target(let expected, let found):
      "expected \(expected) as the right answers of this graph, found \(found)"
    case .windowLength(let expected, let found):
      expected.upperBound == .max
        ? "expected windows of at least \(expected.lowerBound) tokens, found \(found)"
        : "expected windows of \(expected.lowerBound) to \(expected.upperBound) tokens, "
          + "found \(found)"
    case .token(let example, let place, let expected, let found):
      "example \(example), token \(place): expected an id in "
        + "\(expected.lowerBound)…\(expected.upperBound - 1), found \(found)"
    case .diverged(let epoch, let found):
      "training diverged in epoch \(epoch + 1): found \(found); try a smaller learning rate"
    }
  }
}
