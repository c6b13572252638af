/// What the storyteller remembers, packed into one word: all of it is finite, so that it can be tracked.
package struct StoryState: Hashable, Comparable, Sendable {
  /// A run of bits.
  struct Field: Sendable {
    let shift: Int
    let width: Int

    /// Where the storyteller stands: a ``Stage``.
    static let stage = Field(shift: 0, width: 2)
    /// The sentence being told, or the last one: a ``Sentence``.
    static let sentence = Field(shift: 2, width: 4)
    /// Its template, an index into the grammar's.
    static let template = Field(shift: 6, width: 7)
    /// The next slot of the template.
    static let position = Field(shift: 13, width: 5)
    /// Fixed for a window.
    static let dialect = Field(shift: 18, width: 3)
    /// Fixed for a window.
    static let topic = Field(shift: 21, width: 2)
    /// 0 is glad, 1 is sad; fixed for a story, as are the facts below. Of those, 0 is "not told yet".
    static let mood = Field(shift: 23, width: 1)
    static let gender = Field(shift: 24, width: 2)
    static let hero = Field(shift: 26, width: 5)
    static let colour = Field(shift: 31, width: 4)
    static let object = Field(shift: 35, width: 5)
    static let place = Field(shift: 40, width: 5)
    static let friend = Field(shift: 45, width: 4)
    static let animal = Field(shift: 49, width: 4)
    /// 1 while the object is lost.
    static let lost = Field(shift: 53, width: 1)
    /// Middle sentences told.
    static let told = Field(shift: 54, width: 3)
    /// 1 + the mood of the window's first story, from when it is settled.
    static let firstMood = Field(shift: 57, width: 2)
  }

  /// What is chosen next.
  enum Stage: Int, Sendable {
    /// The window's dialect and topic.
    case window
    /// The story's mood, then its opening.
    case story
    /// The next sentence and its template.
    case sentence
    /// The next word.
    case word
  }

  private(set) var bits: UInt64 = 0

  package static func < (one: StoryState, other: StoryState) -> Bool { one.bits < other.bits }

  /// The value of a field.
  subscript(field: Field) -> Int {
    get { Int(bits >> UInt64(field.shift) & (1 << UInt64(field.width) - 1)) }
    set {
      precondition(newValue >= 0 && newValue < 1 << field.width, "\(newValue) does not fit")
      let mask: UInt64 = (1 << UInt64(field.width) - 1) << UInt64(field.shift)
      bits = bits & ~mask | UInt64(newValue) << UInt64(field.shift)
    }
  }

  /// The same with one field changed.
  func with(_ field: Field, _ value: Int) -> StoryState {
    var copy = self
    copy[field] = value
    return copy
  }
}

/// What a sentence is about.
enum Sentence: Int, CaseIterable, Sendable {
  case opening
  case possession
  case travel
  case wait
  case meet
  case help
  case lose
  case find
  case weather
  case speech
  case outcome
  case moralAlone
  case moralTogether

  /// Whether it is told between the possession and the outcome.
  var isMiddle: Bool {
    rawValue >= Sentence.travel.rawValue && rawValue < Sentence.outcome.rawValue
  }
  /// Whether the story is over after it.
  var isLast: Bool { self == .moralAlone || self == .moralTogether }
}
