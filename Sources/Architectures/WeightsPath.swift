/// A path relative to the repository root that does not lead out of it.
enum WeightsPath {
  /// Joins `path` to the folder of `file`, both read as text; links are not followed.
  ///
  /// - Parameters:
  ///   - path: As written, relative to the folder of `file`.
  ///   - file: The file it is written in, relative to the root.
  /// - Returns: The path relative to the root, or `nil` when it is absolute, empty or leads out.
  static func resolve(_ path: String, writtenIn file: String) -> String? {
    guard !path.isEmpty, !path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
    var parts = file.split(separator: "/").dropLast().filter { $0 != "." }
    for part in path.split(separator: "/") {
      switch part {
      case ".": continue
      case "..":
        guard let last = parts.last, last != ".." else { return nil }
        parts.removeLast()
      default: parts.append(part)
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "/")
  }
}
