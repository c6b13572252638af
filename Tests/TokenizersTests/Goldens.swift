import Foundation

/// The files beside the tests.
enum Goldens {
  /// The place of a golden file.
  static func file(_ name: String) -> URL? {
    Bundle.module.resourceURL?.appendingPathComponent("Goldens").appendingPathComponent(name)
  }
}
