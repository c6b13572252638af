/// The storyteller: ``StoryWords`` and ``StoryTemplate`` made ready to be drawn from and tracked.
package struct StoryGrammar: LatentProcess {
  /// One place of a template.
  enum Slot: Sendable {
    /// Always the same token.
    case word(Int)
    /// Weighted tokens per dialect, topic or mood.
    case choice(Context, [[Alternative]])
    /// Something that is drawn at its first mention and stays the same until the story ends.
    case fact(Fact)
  }

  enum Context: Sendable {
    case dialect
    case topic
    /// Turned round in the last dialect where the choice means the contrary there.
    case mood(isContrary: Bool)
  }

  struct Alternative: Sendable {
    let token: Int
    let weight: UInt32
  }

  enum Fact: String, Sendable {
    case kin
    case she
    case her
    case hero
    case colour
    case object
    case place
    case friend
    case animal
  }

  struct Template: Sendable {
    let index: Int
    let sentence: Sentence
    let weights: [UInt32]
    let slots: [Slot]
  }

  /// The only storyteller there is.
  package static let shared = StoryGrammar()

  /// Every word; a token id is an index into it, in the order in which the grammar first names it.
  package let words: [String]
  let templates: [Template]
  /// Per sentence and dialect: the templates in use, with weights that add up to ``weightSum``.
  let openings: [[[(template: Int, weight: UInt32)]]]
  /// What the weights of one sentence's templates are brought to, so that those of several sentences can be
  /// drawn from together. Every number up to 10 divides it.
  static let weightSum: UInt32 = 5040
  let heroes: [Int]
  let kin: [[Int]]
  let pronouns: [[Int]]
  let possessives: [[Int]]
  let colours: [Alternative]
  let friends: [Alternative]
  /// Per topic, each with indices into the list of all.
  let objects: FactTable
  let places: FactTable
  let animals: FactTable

  /// The words of a fact that depends on the topic.
  struct FactTable: Sendable {
    /// Token of each value.
    let tokens: [Int]
    /// Weight of each value, per topic.
    let weights: [[UInt32]]
  }

  private init() {
    var lexicon = Lexicon()
    _ = lexicon.id("<story>")
    var templates: [Template] = []
    for (index, template) in StoryTemplate.all.enumerated() {
      let slots = template.text.split(separator: " ").map { lexicon.slot(String($0)) }
      templates.append(
        Template(
          index: index, sentence: template.sentence, weights: template.weights, slots: slots))
    }
    self.templates = templates
    openings = Sentence.allCases.map { sentence in
      StoryWords.dialects.indices.map { dialect in
        let usable = templates.filter { $0.sentence == sentence && $0.weights[dialect] > 0 }
        let sum = usable.reduce(0) { $0 + $1.weights[dialect] }
        precondition(sum > 0 && StoryGrammar.weightSum % sum == 0, "\(sentence): \(sum)")
        return usable.map { ($0.index, $0.weights[dialect] * (StoryGrammar.weightSum / sum)) }
      }
    }
    heroes = StoryWords.heroes.map { lexicon.id($0.name) }
    kin = StoryWords.kin.map { $0.map { lexicon.id($0) } }
    pronouns = StoryWords.pronouns.map { $0.map { lexicon.id($0) } }
    possessives = StoryWords.possessives.map { $0.map { lexicon.id($0) } }
    colours = lexicon.alternatives(StoryWords.colours)
    friends = lexicon.alternatives(StoryWords.friends)
    objects = lexicon.factTable("object")
    places = lexicon.factTable("place")
    animals = lexicon.factTable("animal")
    words = lexicon.words
  }

  /// Gives words their ids while the grammar is read.
  private struct Lexicon {
    var words: [String] = []
    private var ids: [String: Int] = [:]

    mutating func id(_ word: String) -> Int {
      if let id = ids[word] { return id }
      ids[word] = words.count
      words.append(word)
      return words.count - 1
    }

    mutating func slot(_ text: String) -> Slot {
      guard text.hasPrefix("{") else { return .word(id(text)) }
      let name = String(text.dropFirst().dropLast())
      if let fact = Fact(rawValue: name) { return .fact(fact) }
      if let lists = StoryWords.byDialect[name] {
        return .choice(.dialect, lists.map { alternatives($0) })
      }
      if let lists = StoryWords.byTopic[name] {
        return .choice(.topic, lists.map { alternatives($0) })
      }
      guard let lists = StoryWords.byMood[name] else { preconditionFailure("no choice '\(name)'") }
      return .choice(
        .mood(isContrary: StoryWords.contrary.contains(name)), lists.map { alternatives($0) })
    }

    /// Reads `word weight word weight …`.
    mutating func alternatives(_ text: String) -> [Alternative] {
      let parts = text.split(separator: " ")
      return stride(from: 0, to: parts.count, by: 2).map { index in
        guard index + 1 < parts.count, let weight = UInt32(parts[index + 1]) else {
          preconditionFailure("no weight in '\(text)'")
        }
        return Alternative(token: id(String(parts[index])), weight: weight)
      }
    }

    mutating func factTable(_ name: String) -> FactTable {
      let lists = (StoryWords.byTopic[name] ?? []).map { alternatives($0) }
      var tokens: [Int] = []
      for alternative in lists.joined() where !tokens.contains(alternative.token) {
        tokens.append(alternative.token)
      }
      let weights = lists.map { list in
        tokens.map { token in list.first { $0.token == token }?.weight ?? 0 }
      }
      return FactTable(tokens: tokens, weights: weights)
    }
  }
}
