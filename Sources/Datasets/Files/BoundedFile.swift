import Foundation

/// Reads whole files that are no larger than they should be.
enum BoundedFile {
  /// Largest file that is read, in bytes.
  static let limit = 1 << 30

  /// The bytes of a file.
  ///
  /// - Throws: `DatasetError.unreadable` when it is no regular file, too large, or cannot be read.
  static func read(_ location: DataRoot.Location) throws(DatasetError) -> [UInt8] {
    func unreadable(_ reason: String) -> DatasetError {
      .unreadable(file: location.shown, reason: reason)
    }
    let attributes: [FileAttributeKey: Any]
    do {
      attributes = try FileManager.default.attributesOfItem(atPath: location.path)
    } catch {
      throw unreadable("no such file, or no permission")
    }
    // A pipe or a device could block for ever.
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw unreadable("it is not a regular file")
    }
    guard let size = attributes[.size] as? Int, size <= limit else {
      throw unreadable("it is larger than \(limit) bytes")
    }
    guard let data = FileManager.default.contents(atPath: location.path) else {
      throw unreadable("no permission, or a read error")
    }
    return Array(data)
  }
}
