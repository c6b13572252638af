import CMath

/// Windows of token ids from a storyteller with five dialects of unequal frequency: data for a decoder, or,
/// with a ``Label``, for an encoder.
///
/// The process, for each window on its own: a dialect and a topic; then one story after another, each with a
/// mood, a hero, a colour, an object, a place, a friend and an animal, drawn at their first mention and the
/// same until the story ends (``StoryTemplate``, ``StoryWords``). The storyteller remembers finitely much, so
/// the probability of every token given all tokens before it is computed exactly (``LatentFilter``), and with
/// it the least loss that any model can have: ``optimalLosses(of:)``.
///
/// Windows are drawn from separate streams per split. At the shortest length two windows are equal with a
/// probability below 10^-12; `proveDisjoint` makes sure.
public struct Stories: Dataset {
  /// What the class of a window is.
  public enum Label: String, CaseIterable, Sendable {
    /// The dialect.
    case dialect
    /// The topic.
    case topic
    /// The mood of the first story.
    case mood
  }

  /// The number of this dataset in a ``CounterGenerator``'s stream.
  static let streamNumber: UInt32 = 5
  /// The lengths that a window may have.
  static let lengths = 48...1024
  /// The length that the constants below hold for.
  public static let standardLength = 64

  /// The name scenarios use.
  public let name: String
  /// Tokens of a window.
  public let length: Int
  /// Equal seeds give equal windows.
  public let seed: UInt64
  /// What the class of a window is; `nil` where the next token is what is asked for.
  public let label: Label?

  /// Creates the dataset.
  ///
  /// - Parameter length: Tokens of a window, 48…1024.
  public init(
    name: String = "stories", length: Int = Stories.standardLength, seed: UInt64 = 1,
    label: Label? = nil
  ) {
    precondition(Stories.lengths.contains(length), "a window of \(length)")
    self.name = name
    self.length = length
    self.seed = seed
    self.label = label
  }

  /// Every word, by token id.
  public static var words: [String] { StoryGrammar.shared.words }

  /// A window.
  public var inputShape: [Int] { [length] }
  /// The next token, or a class.
  public var target: Target {
    let vocabulary = Stories.words.count
    return label == nil ? .nextToken(vocabulary: vocabulary) : .tokenClasses(vocabulary: vocabulary)
  }
  /// The values of the label.
  public var classNames: [String] {
    switch label {
    case nil: []
    case .dialect: Stories.dialects
    case .topic: StoryWords.topics
    case .mood: StoryWords.moods
    }
  }
  /// `dialect` (`plain` 45 %, `coast` 27 %, `hill` 16 %, `court` 9 %, `marsh` 3 %), `topic` (`market`,
  /// `forest`, `sea`, `winter`), `mood` of the first story (`glad`, `sad`).
  public var sliceKeys: [String] { ["dialect", "topic", "mood"] }
  /// The dialects' names, most frequent first.
  public static var dialects: [String] { StoryWords.dialects.map(\.name) }

  /// Ten million of each.
  public func available(_ split: Split) -> Int { 10_000_000 }

  /// Draws the first `count` windows of a split.
  public func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    var builder = ExampleBuilder(inputShape: inputShape, sliceKeys: sliceKeys, capacity: count)
    for index in 0..<count {
      var lots = CounterGenerator(
        seed: seed, stream: Stories.streamNumber << 8 | split.streamNumber, index: UInt64(index))
      let window = StoryWindow(length: length, &lots)
      builder.append(
        input: window.tokens.lazy.map(Float.init), label: label.map { window.value(of: $0) } ?? 0,
        slices: [
          StoryWords.dialects[window.dialect].name, StoryWords.topics[window.topic],
          StoryWords.moods[window.mood],
        ])
    }
    return builder.finish(target: target)
  }

  /// The words of token ids, with a blank between them.
  ///
  /// - Parameter ids: Each below the vocabulary; others are shown as `<?>`.
  public static func text(of ids: some Sequence<Int>) -> String {
    ids.map { words.indices.contains($0) ? words[$0] : "<?>" }.joined(separator: " ")
  }

  /// The least loss that any model can have in expectation, per predicted token: −ln of the token's
  /// probability given all tokens of the window before it, in nats. One list per window with length − 1
  /// values, the first for the window's second token. Infinite where the storyteller never goes on so.
  public func optimalLosses(of set: ExampleSet) -> [[Double]] {
    (0..<set.count).map { index in
      let window = set.inputs[index * set.inputSize..<(index + 1) * set.inputSize]
      return StoryJudge(tokens: window.map { Int($0) }).losses
    }
  }

  /// What the best possible classifier answers: the most probable class of each window, the first of
  /// several. All 0 where there is no label.
  public func optimalClasses(of set: ExampleSet) -> [Int] {
    (0..<set.count).map { index in
      guard let label else { return 0 }
      let window = set.inputs[index * set.inputSize..<(index + 1) * set.inputSize]
      let posterior = StoryJudge(tokens: window.map { Int($0) }).posterior(of: label)
      return posterior.indices.max { posterior[$0] < posterior[$1] } ?? 0
    }
  }
}

/// One window as it is drawn.
struct StoryWindow: Sendable {
  let tokens: [Int]
  let dialect: Int
  let topic: Int
  /// Of the first story.
  let mood: Int

  /// - Parameter fixed: The dialect; `nil` draws one.
  init(length: Int, dialect fixed: Int? = nil, _ lots: inout CounterGenerator) {
    let grammar = StoryGrammar.shared
    var state = grammar.start
    if let fixed {
      let branches = grammar.start(dialect: fixed)
      state = branches[lots.index(of: branches.map(\.weight))].state
    }
    tokens = (0..<length).map { _ in grammar.draw(&state, &lots) }
    dialect = state[.dialect]
    topic = state[.topic]
    mood = state[.firstMood] - 1
  }

  func value(of label: Stories.Label) -> Int {
    switch label {
    case .dialect: dialect
    case .topic: topic
    case .mood: mood
    }
  }
}

/// What the best possible model says about a window.
struct StoryJudge: Sendable {
  /// −ln of each token's probability given all before it, from the second one on, in nats.
  let losses: [Double]
  private let beliefs: [LatentFilter<StoryGrammar>.Belief]

  init(tokens: [Int]) {
    var filter = LatentFilter(StoryGrammar.shared)
    // A certain token's probability may have been rounded to a little above 1.
    losses = Array(tokens.map { -cm_log(min(filter.observe($0), 1)) }.dropFirst())
    beliefs = filter.beliefs
  }

  /// The probability of each class given the whole window.
  func posterior(of label: Stories.Label) -> [Double] {
    let count: Int
    let value: (StoryState) -> Int
    switch label {
    case .dialect: (count, value) = (StoryWords.dialects.count, { $0[.dialect] })
    case .topic: (count, value) = (StoryWords.topics.count, { $0[.topic] })
    case .mood: (count, value) = (StoryWords.moods.count, { $0[.firstMood] - 1 })
    }
    return beliefs.reduce(into: [Double](repeating: 0, count: count)) {
      $0[value($1.state)] += $1.probability
    }
  }
}
