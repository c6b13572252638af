public import Documents
import Foundation

/// The datasets that a repository describes in `Scenarios/datasets/*.yaml`.
public struct DatasetCatalog: Sendable {
  /// The folder, relative to the repository.
  public static let folder = "Scenarios/datasets"

  private let site: DatasetSite

  /// Creates a catalogue.
  ///
  /// - Parameters:
  ///   - repository: The repository's folder in the file system.
  ///   - environment: The process's environment; datasets may name variables as their roots.
  ///   - textEncoder: The tokenizer of the model that is run.
  public init(
    repository: String, environment: [String: String], textEncoder: TextEncoder? = nil
  ) {
    site = DatasetSite(
      repository: repository, environment: environment, textEncoder: textEncoder)
  }

  /// The names of all datasets, sorted.
  public var names: [String] {
    let folder = URL(fileURLWithPath: site.repository)
      .appendingPathComponent(DatasetCatalog.folder)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// Reads the definition `name` and opens it.
  ///
  /// - Parameter place: Where the name was written; `nil` blames the folder.
  /// - Throws: `InvalidDocument` when there is no such file, or with everything wrong in it.
  public func dataset(
    _ name: String, writtenAt place: Place? = nil
  ) throws(InvalidDocument) -> any Dataset {
    let names = names
    guard names.contains(name) else {
      let start = Place(file: DatasetCatalog.folder, line: 1, column: 1, keyPath: "")
      throw InvalidDocument([
        Issue(
          "no dataset '\(name)'", at: place ?? start,
          suggestion: NearMiss.find(name, among: names))
      ])
    }
    let shown = "\(DatasetCatalog.folder)/\(name).yaml"
    let path = URL(fileURLWithPath: site.repository).appendingPathComponent(shown).path
    let definition = try Document(file: path, shownAs: shown).decode(DatasetDefinition.reader)
    guard definition.name == name else {
      let start = Place(file: shown, line: 1, column: 1, keyPath: "dataset")
      throw InvalidDocument([Issue("expected '\(name)', found '\(definition.name)'", at: start)])
    }
    return dataset(definition)
  }

  /// Opens a definition that was written inline.
  public func dataset(_ definition: DatasetDefinition) -> any Dataset { definition.open(at: site) }
}
