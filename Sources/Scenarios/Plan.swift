public import Documents
import Results

/// Why there is no plan.
public enum PlanError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Files are wrong; all issues of all of them.
  case invalid(InvalidDocument)
  /// What was asked for selects nothing or makes no sense.
  case selection(SelectionError)

  /// Every issue on a line, or the sentence.
  public var description: String {
    switch self {
    case .invalid(let document): document.description
    case .selection(let error): error.description
    }
  }
}

/// The ordered, validated list of cases. Nothing has run when it exists, and nothing runs when it does not.
public struct Plan: Sendable {
  /// Scenarios of which at least one case is left, in order.
  public let scenarios: [Scenario]
  /// The cases, grouped by scenario: architectures outermost, hardware profiles innermost.
  public let cases: [PlannedCase]

  /// Reads and validates every selected file, and everything these refer to.
  ///
  /// Where no scenario is named, all files of `Scenarios/` are read, so that a mistake in one is found
  /// whichever suite is asked for.
  ///
  /// - Throws: `PlanError.invalid` with all issues, before `PlanError.selection`.
  public init(_ repository: Repository, _ selection: PlanSelection) throws(PlanError) {
    let filter: CaseFilter
    let files: [String]
    do throws(SelectionError) {
      filter = try CaseFilter(selection)
      files = try Self.files(repository, selection)
    } catch { throw .selection(error) }

    var library = DefinitionLibrary(repository)
    var planned: [(scenario: Scenario, cases: [PlannedCase])] = []
    for file in files {
      if let resolved = Self.read(file, &library) { planned.append(resolved) }
    }
    guard library.issues.isEmpty else { throw .invalid(InvalidDocument(library.issues)) }

    if selection.scenarios.isEmpty, selection.suite != PlanSelection.allSuites {
      let suites = Set(planned.map(\.scenario.suite)).sorted()
      planned.removeAll { $0.scenario.suite != selection.suite }
      if planned.isEmpty {
        throw .selection(Self.noSuite(selection.suite, among: suites))
      }
    }
    let all = planned.flatMap(\.cases)
    let admitted = all.filter { filter.admits($0.id.description) }
    guard !admitted.isEmpty else {
      throw .selection(SelectionError(message: "no case is left of \(all.count) after filtering"))
    }
    let kept = admitted.enumerated().filter { index, _ in
      guard let shard = selection.shard else { return true }
      return index % shard.count == shard.index - 1
    }
    cases = kept.map(\.element)
    let names = Set(cases.map(\.id.scenario))
    scenarios = planned.map(\.scenario).filter { names.contains($0.name) }
  }

  /// The cases of one scenario.
  public func cases(of scenario: Scenario) -> [PlannedCase] {
    cases.filter { $0.id.scenario == scenario.name }
  }

  private static func read(
    _ file: String, _ library: inout DefinitionLibrary
  ) -> (scenario: Scenario, cases: [PlannedCase])? {
    do throws(InvalidDocument) {
      let document = try library.repository.document(file)
      let (entry, issues) = document.decodeAsFarAsPossible(ScenarioEntry.reader)
      library.report(issues)
      guard let entry else { return nil }
      let resolver = ScenarioResolver(entry, file: file, source: document.canonicalText)
      return resolver.resolve(&library)
    } catch {
      library.report(error.issues)
      return nil
    }
  }

  private static func files(
    _ repository: Repository, _ selection: PlanSelection
  ) throws(SelectionError) -> [String] {
    let known = repository.scenarioFiles
    if selection.scenarios.isEmpty {
      if known.isEmpty { throw SelectionError(message: "there is no file Scenarios/*.yaml") }
      return known
    }
    var files: [String] = []
    for argument in selection.scenarios {
      let file = try Self.file(argument, known, repository)
      if !files.contains(file) { files.append(file) }
    }
    return files
  }

  private static func file(
    _ argument: String, _ known: [String], _ repository: Repository
  ) throws(SelectionError) -> String {
    if argument.contains("/") || argument.hasSuffix(".yaml") {
      guard let file = repository.relative(argument) else {
        throw SelectionError(message: "'\(argument)' leads out of the repository")
      }
      guard known.contains(file) else {
        throw SelectionError(
          message: "no scenario '\(argument)'" + hint(NearMiss.find(file, among: known)))
      }
      return file
    }
    let file = "Scenarios/\(argument).yaml"
    guard known.contains(file) else {
      let names = known.map { String($0.dropFirst("Scenarios/".count).dropLast(5)) }
      throw SelectionError(
        message: "no scenario '\(argument)'" + hint(NearMiss.find(argument, among: names)))
    }
    return file
  }

  private static func noSuite(_ suite: String, among suites: [String]) -> SelectionError {
    SelectionError(
      message: "no scenario of the suite '\(suite)'"
        + (hint(NearMiss.find(suite, among: suites)).isEmpty
          ? "; there is \(suites.map { "'\($0)'" }.joined(separator: ", "))"
          : hint(NearMiss.find(suite, among: suites))))
  }

  private static func hint(_ suggestion: String?) -> String {
    suggestion.map { " (did you mean '\($0)'?)" } ?? ""
  }
}
