/// Which cases of a repository to plan.
public struct PlanSelection: Sendable {
  /// The word for every suite.
  public static let allSuites = "all"

  /// A part of the cases, for several machines that share a run.
  public struct Shard: Hashable, Sendable {
    /// From 1.
    public let index: Int
    /// Number of shards.
    public let count: Int

    /// Reads `2/5`.
    ///
    /// - Throws: `SelectionError` for anything else.
    public init(_ text: String) throws(SelectionError) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]), count >= 1,
        (1...count).contains(index)
      else {
        throw SelectionError(
          message: "expected a shard such as '2/5', the second of five, found '\(text)'")
      }
      self.index = index
      self.count = count
    }
  }

  /// Names or paths of scenarios; empty for all of the suite.
  public let scenarios: [String]
  /// Which suite where no scenario is named; ``allSuites`` for every one.
  public let suite: String
  /// Regular expressions; a case runs when one matches somewhere in its id. Empty for all.
  public let filters: [String]
  /// Regular expressions; a case does not run when one matches somewhere in its id.
  public let skips: [String]
  /// Which part of what is left.
  public let shard: Shard?

  /// Creates a selection; the default is the default suite.
  public init(
    scenarios: [String] = [], suite: String = "default", filters: [String] = [],
    skips: [String] = [], shard: Shard? = nil
  ) {
    self.scenarios = scenarios
    self.suite = suite
    self.filters = filters
    self.skips = skips
    self.shard = shard
  }
}

/// A selection that selects nothing or makes no sense: a matter of usage, not of files.
public struct SelectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let message: String
  /// The sentence.
  public var description: String { message }
}

/// Compiled regular expressions of a selection.
struct CaseFilter {
  private let filters: [Regex<AnyRegexOutput>]
  private let skips: [Regex<AnyRegexOutput>]

  init(_ selection: PlanSelection) throws(SelectionError) {
    filters = try Self.compile(selection.filters, "--filter")
    skips = try Self.compile(selection.skips, "--skip")
  }

  func admits(_ id: String) -> Bool {
    (filters.isEmpty || filters.contains { id.contains($0) }) && !skips.contains { id.contains($0) }
  }

  private static func compile(
    _ patterns: [String], _ option: String
  ) throws(SelectionError) -> [Regex<AnyRegexOutput>] {
    var compiled: [Regex<AnyRegexOutput>] = []
    for pattern in patterns {
      do {
        compiled.append(try Regex(pattern))
      } catch {
        throw SelectionError(message: "\(option): '\(pattern)' is not a regular expression")
      }
    }
    return compiled
  }
}
