/// Windows of token ids, each drawn evenly from a vocabulary: work for a model whose weights mean nothing
/// either. There is no right answer.
public struct RandomTokens: Dataset {
  /// The number of this dataset in a ``CounterGenerator``'s stream.
  static let streamNumber: UInt32 = 4

  /// The name scenarios use.
  public let name: String
  /// Ids are below this.
  public let vocabulary: Int
  /// Tokens of a window.
  public let length: Int
  /// Equal seeds give equal windows.
  public let seed: UInt64

  /// Creates the dataset.
  public init(name: String, vocabulary: Int, length: Int, seed: UInt64 = 1) {
    self.name = name
    self.vocabulary = vocabulary
    self.length = length
    self.seed = seed
  }

  /// A window.
  public var inputShape: [Int] { [length] }
  /// No answer is right.
  public var target: Target { .none(vocabulary: vocabulary) }
  /// None.
  public var classNames: [String] { [] }
  /// None.
  public var sliceKeys: [String] { [] }
  /// Unknown.
  public var accuracyBound: Double? { nil }

  /// Ten million of each.
  public func available(_ split: Split) -> Int { 10_000_000 }

  /// Draws the first `count` windows of a split.
  public func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    var builder = ExampleBuilder(inputShape: inputShape, sliceKeys: [], capacity: count)
    for index in 0..<count {
      var lots = CounterGenerator(
        seed: seed, stream: Self.streamNumber << 8 | split.streamNumber, index: UInt64(index))
      let window = (0..<length).map { _ in Float(lots.below(UInt32(vocabulary))) }
      builder.append(input: window, label: 0, slices: [])
    }
    return builder.finish(target: target)
  }
}
