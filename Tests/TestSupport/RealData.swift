public import Foundation

/// Real models and data that the repository does not ship. Tests over them are skipped, saying so,
/// unless `QUANTGATE_REAL_DATA` names the folder that holds them.
public enum RealData {
  /// The environment variable.
  public static let variable = "QUANTGATE_REAL_DATA"

  /// The folder `name` of the real data, or `nil` when the variable or the folder is absent.
  public static func folder(_ name: String) -> URL? {
    guard let root = ProcessInfo.processInfo.environment[variable], !root.isEmpty else {
      return nil
    }
    let folder = URL(fileURLWithPath: root).appendingPathComponent(name)
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }

  /// What a skipped test prints.
  public static func absence(_ name: String) -> String {
    "\(variable) does not lead to a folder '\(name)'"
  }
}
