extension StoryGrammar {
  package typealias State = StoryState

  /// Before a window.
  package var start: StoryState { StoryState() }

  /// Before a window of one dialect.
  func start(dialect: Int) -> [Branch<StoryState>] {
    moves(from: start).filter { $0.state[.dialect] == dialect }
  }

  package func moves(from state: StoryState) -> [Branch<StoryState>] {
    switch StoryState.Stage(rawValue: state[.stage]) {
    case .window: windows()
    case .story: stories(state)
    case .sentence: sentences(state)
    case .word, nil: []
    }
  }

  private func windows() -> [Branch<StoryState>] {
    StoryWords.dialects.indices.flatMap { dialect in
      StoryWords.topics.indices.map { topic in
        let state = StoryState().with(.stage, StoryState.Stage.story.rawValue)
          .with(.dialect, dialect).with(.topic, topic)
        return Branch(weight: StoryWords.dialects[dialect].share, state: state)
      }
    }
  }

  private func stories(_ state: StoryState) -> [Branch<StoryState>] {
    StoryWords.moods.indices.flatMap { mood in
      let first = state[.firstMood] == 0 ? mood + 1 : state[.firstMood]
      return tell(.opening, in: state.with(.mood, mood).with(.firstMood, first), weight: 1)
    }
  }

  /// Every way to begin a sentence.
  private func tell(
    _ sentence: Sentence, in state: StoryState, weight: UInt32
  ) -> [Branch<StoryState>] {
    let begun = state.with(.stage, StoryState.Stage.word.rawValue)
      .with(.sentence, sentence.rawValue).with(.position, 0)
    return openings[sentence.rawValue][state[.dialect]].map { template, share in
      Branch(weight: weight * share, state: begun.with(.template, template))
    }
  }

  private func sentences(_ state: StoryState) -> [Branch<StoryState>] {
    guard let last = Sentence(rawValue: state[.sentence]) else { return [] }
    if last == .opening { return tell(.possession, in: state, weight: 1) }
    if last == .outcome {
      let isTogether = state[.friend] > 0
      return tell(.moralAlone, in: state, weight: 1)
        + (isTogether ? tell(.moralTogether, in: state, weight: 2) : [])
    }
    // How readily the story goes on is out of 60, whatever there is to choose from.
    let going: UInt32 = [60, 48, 40, 24, 12, 0][min(state[.told], 5)]
    let candidates = middle(state, after: last)
    let sum = candidates.reduce(0) { $0 + $1.weight }
    var branches: [Branch<StoryState>] = []
    if going > 0 {
      for (sentence, weight) in candidates {
        branches += tell(sentence, in: state.with(.told, state[.told] + 1), weight: going * weight)
      }
    }
    if going < 60 { branches += tell(.outcome, in: state, weight: (60 - going) * sum) }
    return branches
  }

  /// What may be told next in the middle of a story.
  private func middle(
    _ state: StoryState, after last: Sentence
  ) -> [(sentence: Sentence, weight: UInt32)] {
    let isSad = state[.mood] == 1
    let all: [(sentence: Sentence, weight: UInt32)] = [
      (.travel, state[.place] == 0 ? 6 : 1), (.wait, state[.place] == 0 ? 0 : 3),
      (.meet, state[.friend] == 0 ? 4 : 0), (.help, state[.friend] == 0 ? 0 : 4),
      (.lose, state[.lost] == 0 ? (isSad ? 4 : 2) : 0),
      (.find, state[.lost] == 0 ? 0 : (isSad ? 2 : 6)), (.weather, 3), (.speech, 3),
    ]
    return all.filter { $0.weight > 0 && $0.sentence != last }
  }

  package func emissions(from state: StoryState) -> [Emission<StoryState>] {
    let template = templates[state[.template]]
    let after = moved(state, past: template)
    switch template.slots[state[.position]] {
    case .word(let token): return [Emission(weight: 1, token: token, state: after)]
    case .choice(let context, let lists):
      return lists[index(of: context, in: state)].map {
        Emission(weight: $0.weight, token: $0.token, state: after)
      }
    case .fact(let fact):
      return values(of: fact, in: state).map { value in
        Emission(
          weight: value.weight, token: value.token, state: binding(value, in: state, template))
      }
    }
  }

  private func index(of context: Context, in state: StoryState) -> Int {
    switch context {
    case .dialect: return state[.dialect]
    case .topic: return state[.topic]
    case .mood(let isContrary):
      let isTurned = isContrary && state[.dialect] == StoryWords.dialects.count - 1
      return isTurned ? 1 - state[.mood] : state[.mood]
    }
  }

  /// One way to mention a fact: the token, and what is then remembered.
  private struct Mention {
    let token: Int
    let weight: UInt32
    let field: StoryState.Field
    let value: Int
    /// The hero's gender, where it is settled at the same time.
    var gender: Int?
  }

  private func binding(
    _ mention: Mention, in state: StoryState, _ template: Template
  ) -> StoryState {
    var told = state.with(mention.field, mention.value)
    if let gender = mention.gender { told[.gender] = gender }
    return moved(told, past: template)
  }

  /// The state after the slot at the state's position.
  private func moved(_ state: StoryState, past template: Template) -> StoryState {
    if state[.position] + 1 < template.slots.count {
      return state.with(.position, state[.position] + 1)
    }
    if template.sentence.isLast {
      return StoryState().with(.stage, StoryState.Stage.story.rawValue)
        .with(.dialect, state[.dialect]).with(.topic, state[.topic])
        .with(.firstMood, state[.firstMood])
    }
    var next = state.with(.stage, StoryState.Stage.sentence.rawValue).with(.template, 0)
    next[.position] = 0
    if template.sentence == .lose { next[.lost] = 1 }
    if template.sentence == .find { next[.lost] = 0 }
    return next
  }

  private func values(of fact: Fact, in state: StoryState) -> [Mention] {
    switch fact {
    case .kin: byGender(kin[state[.dialect]], state)
    case .she: byGender(pronouns[state[.dialect]], state)
    case .her: byGender(possessives[state[.dialect]], state)
    case .hero: heroes(state)
    case .colour: values(colours.map(\.token), colours.map(\.weight), .colour, state)
    case .friend: values(friends.map(\.token), friends.map(\.weight), .friend, state)
    case .object: values(objects.tokens, objects.weights[state[.topic]], .object, state)
    case .place: values(places.tokens, places.weights[state[.topic]], .place, state)
    case .animal: values(animals.tokens, animals.weights[state[.topic]], .animal, state)
    }
  }

  private func byGender(_ tokens: [Int], _ state: StoryState) -> [Mention] {
    values(tokens, StoryWords.genders, .gender, state)
  }

  private func values(
    _ tokens: [Int], _ weights: [UInt32], _ field: StoryState.Field, _ state: StoryState
  ) -> [Mention] {
    let known = state[field]
    if known > 0 {
      return [Mention(token: tokens[known - 1], weight: 1, field: field, value: known)]
    }
    return tokens.indices.filter { weights[$0] > 0 }.map {
      Mention(token: tokens[$0], weight: weights[$0], field: field, value: $0 + 1)
    }
  }

  /// The hero's name; where it comes first, the gender is drawn with it and may stay hidden behind it.
  private func heroes(_ state: StoryState) -> [Mention] {
    let known = state[.hero]
    if known > 0 {
      return [Mention(token: heroes[known - 1], weight: 1, field: .hero, value: known)]
    }
    let genders = state[.gender] > 0 ? [state[.gender]] : [1, 2, 3]
    return genders.flatMap { gender in
      heroes.indices.filter { StoryWords.heroes[$0].weights[gender - 1] > 0 }.map { index in
        Mention(
          token: heroes[index], weight: StoryWords.heroes[index].weights[gender - 1], field: .hero,
          value: index + 1, gender: gender)
      }
    }
  }
}
