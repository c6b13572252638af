public import Documents
import Foundation

/// A folder with `Scenarios/` and `Baselines/` in it. Every path it gives is inside, links followed.
public struct Repository: Sendable {
  /// What a name can refer to; the raw value is the folder under `Scenarios/`.
  public enum Kind: String, CaseIterable, Sendable {
    case architecture = "architectures"
    case scheme = "schemes"
    case hardware = "hardware"
    case dataset = "datasets"

    /// The word in messages.
    public var word: String {
      switch self {
      case .architecture: "architecture"
      case .scheme: "scheme"
      case .hardware: "hardware profile"
      case .dataset: "dataset"
      }
    }
  }

  /// The absolute path, links resolved, without a slash at its end.
  public let root: String
  /// The environment in which datasets look for their folders.
  public let environment: [String: String]

  /// Opens a repository.
  ///
  /// - Throws: `InvalidDocument` when there is no folder `Scenarios` in it.
  public init(root: String, environment: [String: String] = [:]) throws(InvalidDocument) {
    self.root = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
    self.environment = environment
    var isFolder: ObjCBool = false
    let scenarios = self.root + "/Scenarios"
    guard FileManager.default.fileExists(atPath: scenarios, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw InvalidDocument([
        Issue("no such folder", at: Place(file: "Scenarios", line: 1, column: 1, keyPath: ""))
      ])
    }
  }

  /// The folder of baselines, which need not exist yet.
  public var baselines: String { root + "/Baselines" }

  /// All scenario files, `Scenarios/*.yaml`, sorted.
  public var scenarioFiles: [String] { yamlFiles(in: "Scenarios").map { "Scenarios/\($0).yaml" } }

  /// The names of one kind, sorted.
  public func names(of kind: Kind) -> [String] { yamlFiles(in: "Scenarios/\(kind.rawValue)") }

  /// The file that defines a name, relative to the root; it need not exist.
  public func file(of name: String, _ kind: Kind) -> String {
    "Scenarios/\(kind.rawValue)/\(name).yaml"
  }

  /// Reads a YAML file.
  ///
  /// - Parameters:
  ///   - file: Relative to the root.
  ///   - place: Where the file is named, to blame when it leads out of the repository.
  /// - Throws: `InvalidDocument` when it is outside, unreadable or not YAML.
  public func document(
    _ file: String, namedAt place: Place? = nil
  ) throws(InvalidDocument) -> Document {
    let start = Place(file: file, line: 1, column: 1, keyPath: "")
    guard let path = path(inside: file) else {
      throw InvalidDocument([Issue("'\(file)' leads out of the repository", at: place ?? start)])
    }
    return try Document(file: path, shownAs: file)
  }

  /// The absolute path of a file, links resolved; `nil` when that is outside of the repository.
  public func path(inside file: String) -> String? {
    guard !file.utf8.contains(0) else { return nil }
    let path = file.hasPrefix("/") ? file : root + "/" + file
    // Text first: `..` must not climb out even through folders that do not exist.
    let lexical = URL(fileURLWithPath: path).standardized.path
    let real = URL(fileURLWithPath: lexical).resolvingSymlinksInPath().path
    return isInside(lexical) && isInside(real) ? real : nil
  }

  /// The path relative to the root of a file given by an absolute or relative path; `nil` outside.
  func relative(_ file: String) -> String? {
    guard let real = path(inside: file) else { return nil }
    return String(real.dropFirst(root == "/" ? 1 : root.count + 1))
  }

  private func isInside(_ path: String) -> Bool {
    root == "/" || path.hasPrefix(root + "/")
  }

  private func yamlFiles(in folder: String) -> [String] {
    guard let path = path(inside: folder),
      let files = try? FileManager.default.contentsOfDirectory(atPath: path)
    else { return [] }
    return files.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(5)) }.sorted()
  }
}
