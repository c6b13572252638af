/// What becomes of the matches when a segment is cut at them.
enum SplitBehaviour: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// The pieces of `range` given the matches in it (left to right, not overlapping); `inverted` swaps
  /// matches and what lies between. Pieces may be empty.
  func pieces(of range: Range<Int>, at matches: [Range<Int>], inverted: Bool) -> [Range<Int>] {
    let parts = Self.cover(range, matches, inverted)
    switch self {
    case .removed: return parts.filter { !$0.isMatch }.map(\.range)
    case .isolated: return parts.map(\.range)
    case .contiguous: return Self.joined(parts) { $0 == $1 }
    case .mergedWithPrevious: return Self.joined(parts) { $1 && !$0 }
    case .mergedWithNext: return Self.joinedToNext(parts)
    }
  }

  private typealias Part = (range: Range<Int>, isMatch: Bool)

  private static func cover(
    _ range: Range<Int>, _ matches: [Range<Int>], _ inverted: Bool
  ) -> [Part] {
    var parts: [Part] = []
    parts.reserveCapacity(2 * matches.count + 1)
    var end = range.lowerBound
    for match in matches {
      if match.lowerBound > end { parts.append((end..<match.lowerBound, inverted)) }
      parts.append((match, !inverted))
      end = match.upperBound
    }
    if end < range.upperBound { parts.append((end..<range.upperBound, inverted)) }
    return parts
  }

  /// Joins a part to the one before it where `joins` says so of (was the one before a match, is this).
  private static func joined(_ parts: [Part], _ joins: (Bool, Bool) -> Bool) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var previous = false
    for part in parts {
      if joins(previous, part.isMatch), let last = pieces.popLast() {
        pieces.append(last.lowerBound..<part.range.upperBound)
      } else {
        pieces.append(part.range)
      }
      previous = part.isMatch
    }
    return pieces
  }

  private static func joinedToNext(_ parts: [Part]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var previous = false
    for part in parts.reversed() {
      if part.isMatch, !previous, let last = pieces.popLast() {
        pieces.append(part.range.lowerBound..<last.upperBound)
      } else {
        pieces.append(part.range)
      }
      previous = part.isMatch
    }
    return pieces.reversed()
  }
}
