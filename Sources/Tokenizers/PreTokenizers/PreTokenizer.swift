/// One step of cutting a text into the segments that the model encodes one by one.
enum PreTokenizer: Sendable {
  /// GPT-2's: perhaps a space in front, perhaps words, then bytes as characters.
  case byteLevel(addsPrefixSpace: Bool, cutsWords: Bool)
  case split(TextPattern, SplitBehaviour, inverted: Bool)
  /// SentencePiece's: spaces become `replacement`, which begins a segment.
  case metaspace(replacement: Unicode.Scalar, PrependScheme, cuts: Bool)
  /// Words, and what is neither word nor space; spaces go.
  case whitespace
  /// At white space, which goes.
  case whitespaceSplit
  /// At white space, which goes, and around each punctuation character.
  case bert
  case digits(individual: Bool)
  case punctuation(SplitBehaviour)

  /// When `metaspace` puts a replacement in front of a segment that does not begin with one.
  enum PrependScheme: String, Sendable {
    case always
    case first
    case never
  }

  /// Cuts every segment.
  func apply(to segments: Segments) throws(TokenizerError) -> Segments {
    switch self {
    case .byteLevel(let addsPrefixSpace, let cutsWords):
      return Self.byteLevel(segments, addsPrefixSpace, cutsWords)
    case .split(let pattern, let behaviour, let inverted):
      return try segments.cut { scalars, range, keep throws(TokenizerError) in
        let matches = try pattern.matches(in: scalars, range)
        for piece in behaviour.pieces(of: range, at: matches, inverted: inverted) { keep(piece) }
      }
    case .metaspace(let replacement, let scheme, let cuts):
      return Self.metaspace(segments, replacement, scheme, cuts)
    case .whitespace:
      return try Self.runs(segments) { $0.isWordCharacter ? 1 : $0.isWhiteSpace ? nil : 2 }
    case .whitespaceSplit:
      return try Self.runs(segments) { $0.isWhiteSpace ? nil : 1 }
    case .bert:
      return try Self.runs(segments) { $0.isWhiteSpace ? nil : $0.isPunctuation ? 0 : 1 }
    case .digits(let individual):
      return try Self.runs(segments) { $0.isNumeric ? (individual ? 0 : 2) : 1 }
    case .punctuation(let behaviour):
      return try segments.cut { scalars, range, keep in
        let matches = range.filter { scalars[$0].isPunctuation }.map { $0..<$0 + 1 }
        for piece in behaviour.pieces(of: range, at: matches, inverted: false) { keep(piece) }
      }
    }
  }

  /// Cuts into runs of characters of one class: class 0 stands alone, `nil` goes.
  private static func runs(
    _ segments: Segments, _ classOf: (Unicode.Scalar) -> Int?
  ) throws(TokenizerError) -> Segments {
    try segments.cut { scalars, range, keep in
      var start = range.lowerBound
      while start < range.upperBound {
        let kind = classOf(scalars[start])
        var end = start + 1
        if kind != 0 {
          while end < range.upperBound, classOf(scalars[end]) == kind { end += 1 }
        }
        if kind != nil { keep(start..<end) }
        start = end
      }
    }
  }

  private static func byteLevel(
    _ segments: Segments, _ addsPrefixSpace: Bool, _ cutsWords: Bool
  ) -> Segments {
    var source = segments
    if addsPrefixSpace { source = prefixed(segments, " ") { _ in true } }
    var result = Segments(isAtStart: segments.isAtStart)
    result.scalars.reserveCapacity(source.scalars.count)
    for range in source.ranges {
      let words = cutsWords ? WordScanner(.gpt2).words(in: source.scalars, range) : [range]
      for word in words {
        for scalar in source.scalars[word] { ByteAlphabet.append(scalar, to: &result.scalars) }
        result.close()
      }
    }
    return result
  }

  /// Puts `scalar` before each segment that does not begin with it and that `wants` (the first is 0).
  private static func prefixed(
    _ segments: Segments, _ scalar: Unicode.Scalar, _ wants: (Int) -> Bool
  ) -> Segments {
    var result = Segments(isAtStart: segments.isAtStart)
    for (index, range) in segments.ranges.enumerated() {
      if wants(index), segments.scalars[range.lowerBound] != scalar {
        result.scalars.append(scalar)
      }
      result.scalars.append(contentsOf: segments.scalars[range])
      result.close()
    }
    return result
  }

  private static func metaspace(
    _ segments: Segments, _ replacement: Unicode.Scalar, _ scheme: PrependScheme, _ cuts: Bool
  ) -> Segments {
    var replaced = segments
    for index in replaced.scalars.indices where replaced.scalars[index] == " " {
      replaced.scalars[index] = replacement
    }
    switch scheme {
    case .always: replaced = prefixed(replaced, replacement) { _ in true }
    case .first: replaced = prefixed(replaced, replacement) { $0 == 0 && segments.isAtStart }
    case .never: break
    }
    guard cuts else { return replaced }
    var result = Segments(isAtStart: segments.isAtStart)
    result.scalars.reserveCapacity(replaced.scalars.count)
    for range in replaced.ranges {
      for scalar in replaced.scalars[range] {
        if scalar == replacement { result.close() }
        result.scalars.append(scalar)
      }
      result.close()
    }
    return result
  }
}
