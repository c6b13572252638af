import Documents
import Foundation

/// What a dataset needs to know about the process it runs in; the executable fills it in.
public struct DatasetSite: Sendable {
  /// The repository's folder in the file system.
  public let repository: String
  /// The environment's variables.
  public let environment: [String: String]
  /// The tokenizer of the model that is run, for datasets of text; `nil` where there is none.
  public let textEncoder: TextEncoder?

  /// Creates a site.
  public init(
    repository: String, environment: [String: String], textEncoder: TextEncoder? = nil
  ) {
    self.repository = repository
    self.environment = environment
    self.textEncoder = textEncoder
  }
}

/// The folder that a dataset's files are in.
struct DataRoot: Sendable {
  /// The environment variable that names the parent folder; `nil` means the repository.
  let variable: String?
  /// The folder below it; empty for the parent itself.
  let folder: String

  static let reader = Reader<DataRoot>.record("root", "The folder that holds the files.") {
    fields in
    let variable = fields.optional(
      "environment", .string, "Variable that names the parent folder; without it, the repository.")
    let folder = fields.required("folder", .relativePath, "Folder below the parent.")
    guard let folder else { return nil }
    return DataRoot(variable: variable, folder: folder)
  }

  /// One file of a dataset: where it is, and its name in messages, which holds no path of this machine.
  struct Location: Sendable {
    let path: String
    let shown: String
  }

  /// Finds a file.
  ///
  /// - Throws: `DatasetError.unavailable` when the variable is not set; `.unreadable` when the file is
  ///   missing; `.outsideRoot` when it lies outside, symbolic links followed.
  func locate(
    _ path: String, dataset: String, site: DatasetSite
  ) throws(DatasetError) -> Location {
    let parent: String
    if let variable {
      guard let value = site.environment[variable], !value.isEmpty else {
        throw .unavailable(dataset: dataset, variable: variable)
      }
      parent = value
    } else {
      parent = site.repository
    }
    guard RelativePath.staysInside(path), RelativePath.staysInside(folder) else {
      throw .outsideRoot(dataset: dataset, path: "\(folder)/\(path)")
    }
    let root = URL(fileURLWithPath: parent).appendingPathComponent(folder)
    let file = root.appendingPathComponent(path)
    let shown = (variable.map { ["$\($0)", folder, path] } ?? [folder, path]).joined(separator: "/")
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw .unreadable(file: shown, reason: "no such file")
    }
    let (real, realRoot) = (file.resolvingSymlinksInPath(), root.resolvingSymlinksInPath())
    guard real.pathComponents.starts(with: realRoot.pathComponents) else {
      throw .outsideRoot(dataset: dataset, path: path)
    }
    return Location(path: real.path, shown: shown)
  }
}

/// Paths as dataset files write them.
enum RelativePath {
  /// Whether a path is relative and no component of it leads upwards.
  static func staysInside(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/") && !path.contains("\0")
      && !path.split(separator: "/").contains("..")
  }
}

extension Reader where Value == String {
  /// A path below some folder.
  static var relativePath: Reader {
    Reader.string.only("a relative path without '..'", where: RelativePath.staysInside)
  }
}
