public import Foundation

/// A folder for the bytes that readers want to find in files; removed when the value is released.
public final class Workspace: Sendable {
  /// Where it is.
  public let folder: URL

  /// Creates the folder where the system puts temporary ones.
  public init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quantgate-input-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// Writes a file, its folders too, and returns its path. A file of before is replaced.
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    do {
      try Data(bytes).write(to: file)
    } catch {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
    return file.path
  }
}
