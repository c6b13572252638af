/// Finds the name that an author may have meant.
public enum NearMiss {
  /// The candidate closest to `word`, or `nil` when none is close: at most a third of the word's
  /// letters (at least one, at most three) may be wrong, missing, superfluous or swapped with their
  /// neighbour. Case and the difference of `_` and `-` count as nothing. Among equally close ones the
  /// alphabetically first.
  public static func find(_ word: String, among candidates: some Sequence<String>) -> String? {
    let longest = 80
    let letters = normalised(word)
    guard !letters.isEmpty, letters.count <= longest else { return nil }
    let limit = max(1, min(3, letters.count / 3))
    var best: (distance: Int, name: String)?
    for candidate in candidates where candidate != word {
      let other = normalised(candidate)
      guard other.count <= longest, abs(other.count - letters.count) <= limit else { continue }
      let distance = distance(letters, other)
      guard distance <= limit, distance < max(letters.count, other.count) else { continue }
      if let current = best, (current.distance, current.name) <= (distance, candidate) { continue }
      best = (distance, candidate)
    }
    return best?.name
  }

  private static func normalised(_ word: String) -> [Character] {
    word.lowercased().map { $0 == "_" ? "-" : $0 }
  }

  /// The Damerau–Levenshtein distance in its optimal-string-alignment form: insertions, deletions,
  /// substitutions and swaps of neighbours, no letter edited twice.
  static func distance(_ first: [Character], _ second: [Character]) -> Int {
    if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
    var beforeLast = [Int](repeating: 0, count: second.count + 1)
    var last = Array(0...second.count)
    var row = last
    for i in 1...first.count {
      row[0] = i
      for j in 1...second.count {
        let substitution = first[i - 1] == second[j - 1] ? 0 : 1
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + substitution)
        if i > 1, j > 1, first[i - 1] == second[j - 2], first[i - 2] == second[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[second.count]
  }
}
