import Foundation
import HostileInput

/// The fuzzer's files: `corpus/<format>` to start from, `regressions/<format>` what once went wrong.
enum Corpus {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fuzzing")

  /// The files of a format in one of the two folders, by name; none where the folder is absent.
  static func files(_ kind: String, _ format: String) throws -> [String: [UInt8]] {
    let place = folder.appendingPathComponent(kind).appendingPathComponent(format)
    guard FileManager.default.fileExists(atPath: place.path) else { return [:] }
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: place.path) {
      files[name] = Array(try Data(contentsOf: place.appendingPathComponent(name)))
    }
    return files
  }

  /// The names of the folders in one of the two.
  static func folders(_ kind: String) throws -> [String] {
    let place = folder.appendingPathComponent(kind).path
    guard FileManager.default.fileExists(atPath: place) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: place).sorted()
  }
}
