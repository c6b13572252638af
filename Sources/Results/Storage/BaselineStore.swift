public import Foundation

/// The folder of baselines. Writing one kind of file never touches another.
public struct BaselineStore: Sendable {
  /// The folder, `Baselines` by convention.
  public let folder: URL

  /// A store in a folder; the folder need not exist yet.
  public init(folder: URL) {
    self.folder = folder
  }

  /// `<folder>/<scenario>.json`.
  public func file(scenario: String) throws(ResultsError) -> URL {
    folder.appendingPathComponent(try Self.fileName(scenario))
  }

  /// `<folder>/timing/<fingerprint>/<scenario>.json`.
  public func timingFile(
    scenario: String, fingerprint: Fingerprint
  ) throws(ResultsError) -> URL {
    folder.appendingPathComponent("timing").appendingPathComponent(fingerprint.key)
      .appendingPathComponent(try Self.fileName(scenario))
  }

  /// The scenario's baseline; `nil` when none was recorded.
  ///
  /// - Throws: `ResultsError` when there is one that cannot be trusted.
  public func baseline(scenario: String) throws(ResultsError) -> Baseline? {
    let url = try file(scenario: scenario)
    guard let found: Baseline = try readIfPresent(url) else { return nil }
    try check(found.scenario, is: scenario, in: url)
    return found
  }

  /// The scenario's timing baseline for one kind of machine; `nil` when none was recorded.
  ///
  /// - Throws: `ResultsError` when there is one that cannot be trusted.
  public func timing(
    scenario: String, fingerprint: Fingerprint
  ) throws(ResultsError) -> TimingBaseline? {
    let url = try timingFile(scenario: scenario, fingerprint: fingerprint)
    guard let found: TimingBaseline = try readIfPresent(url) else { return nil }
    try check(found.scenario, is: scenario, in: url)
    guard found.fingerprint == fingerprint else {
      throw .wrong(
        file: name(url), keyPath: "fingerprint", expected: fingerprint.digest,
        found: found.fingerprint.digest)
    }
    return found
  }

  /// Replaces the scenario's baseline.
  public func write(_ baseline: Baseline) throws(ResultsError) {
    let url = try file(scenario: baseline.scenario)
    try DocumentFile.write(baseline, to: url, named: name(url))
  }

  /// Replaces the scenario's timing baseline for its fingerprint.
  public func write(_ timing: TimingBaseline) throws(ResultsError) {
    let url = try timingFile(scenario: timing.scenario, fingerprint: timing.fingerprint)
    try DocumentFile.write(timing, to: url, named: name(url))
  }

  /// Names of the scenarios that have a baseline, sorted.
  public func scenarios() -> [String] {
    names(in: folder)
  }

  /// Fingerprint keys and scenarios of the timing baselines, sorted.
  public func timings() -> [(fingerprint: String, scenario: String)] {
    let root = folder.appendingPathComponent("timing")
    let keys = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return keys.sorted().flatMap { key in
      names(in: root.appendingPathComponent(key)).map { (key, $0) }
    }
  }

  /// Everything that is wrong with any stored baseline, one line each.
  public func verify() -> [String] {
    var problems: [String] = []
    for scenario in scenarios() {
      do {
        guard let baseline = try baseline(scenario: scenario) else { continue }
        if !baseline.isApproved {
          problems.append(
            "\(name(try file(scenario: scenario))): approvals: the last one is not of this content: "
              + "the file was edited after it was approved")
        }
      } catch {
        problems.append(error.description)
      }
    }
    for (key, scenario) in timings() {
      let url = folder.appendingPathComponent("timing").appendingPathComponent(key)
        .appendingPathComponent("\(scenario).json")
      do {
        let timing: TimingBaseline = try DocumentFile.read(at: url, named: name(url))
        if timing.fingerprint.key != key {
          problems.append(
            "\(name(url)): fingerprint: expected one whose digest starts with \(key), "
              + "found \(timing.fingerprint.key)")
        }
        try check(timing.scenario, is: scenario, in: url)
      } catch {
        problems.append(error.description)
      }
    }
    return problems
  }

  private func readIfPresent<Document: VersionedDocument>(
    _ url: URL
  ) throws(ResultsError) -> Document? {
    do {
      return try DocumentFile.read(at: url, named: name(url))
    } catch .absent {
      return nil
    }
  }

  private func check(
    _ found: String, is scenario: String, in url: URL
  ) throws(ResultsError) {
    guard found == scenario else {
      throw .wrong(file: name(url), keyPath: "scenario", expected: scenario, found: found)
    }
  }

  private func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(5)) }.sorted()
  }

  /// The path as the person who set the folder would write it.
  private func name(_ url: URL) -> String {
    let inside = url.path.dropFirst(folder.path.count)
    return folder.lastPathComponent + inside
  }

  private static func fileName(_ scenario: String) throws(ResultsError) -> String {
    let allowed = scenario.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
          || "-_.".unicodeScalars.contains(scalar))
    }
    guard allowed, !scenario.isEmpty, !scenario.hasPrefix(".") else {
      throw .badName(scenario)
    }
    return "\(scenario).json"
  }
}
