import Digests
import Documents
import Foundation

/// A sound that a dataset names.
struct Sound: Sendable {
  /// Below the dataset's folder.
  let path: String
  /// The class as it is written.
  let label: String
  let properties: [PropertyValue]
  /// Where the class is written.
  let source: String
  let place: String
}

/// Where sounds and their classes are found.
enum SoundSource: Sendable {
  /// A part's files are folders, which hold a folder per class. The order is that of the digests of the
  /// paths below the part's folder, so that the first sounds are of all classes.
  case folders
  /// A part's files are tables with a header: `file` names a sound relative to the dataset's folder, and
  /// the column `label` its class, where there are classes.
  case list(label: String?, columns: [Property])

  static let reader = Reader<SoundSource>.keyed([
    "folders": .record("sound_folders", "A folder per class.") { _ in .folders },
    "list": .record("sound_list", "Tables with a column 'file'.") { fields in
      let label = fields.optional("label", .string, "The column of the class.")
      let columns = PropertyEntry.read("columns", fields, "All other columns, for slices.")
      return .list(label: label, columns: columns)
    },
  ])

  /// What slices may read beside what every sound has.
  var properties: [Property] {
    switch self {
    case .folders: [Property("folder")]
    case .list(_, let columns): columns
    }
  }

  /// The sounds of one of a part's files, in order.
  func sounds(
    _ path: String, dataset: String, root: DataRoot, site: DatasetSite
  ) throws(DatasetError) -> [Sound] {
    let location = try root.locate(path, dataset: dataset, site: site)
    switch self {
    case .folders: return try Self.folder(location, path)
    case .list(let label, let columns):
      return try Self.table(location, label: label, columns: columns)
    }
  }

  private static func folder(
    _ location: DataRoot.Location, _ path: String
  ) throws(DatasetError) -> [Sound] {
    var sounds: [(order: String, sound: Sound)] = []
    for folder in try names(location.path, shown: location.shown) {
      let inner = "\(location.path)/\(folder)"
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: inner, isDirectory: &isFolder),
        isFolder.boolValue
      else { continue }
      for file in try names(inner, shown: "\(location.shown)/\(folder)")
      where file.lowercased().hasSuffix(".wav") {
        let sound = Sound(
          path: "\(path)/\(folder)/\(file)", label: folder, properties: [.text(folder)],
          source: location.shown, place: "folder '\(folder)'")
        sounds.append((Digest(of: "\(folder)/\(file)").hexadecimal, sound))
      }
    }
    return sounds.sorted { $0.order < $1.order }.map(\.sound)
  }

  /// What a folder holds, but for hidden files; sorted.
  private static func names(_ path: String, shown: String) throws(DatasetError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw .unreadable(file: shown, reason: "it is no folder, or no permission")
    }
  }

  private static func table(
    _ location: DataRoot.Location, label: String?, columns: [Property]
  ) throws(DatasetError) -> [Sound] {
    let names = ["file"] + [label].compactMap(\.self) + columns.map(\.name)
    let table = try CSVTable(
      bytes: BoundedFile.read(location), columns: names, format: CSVFormat(hasHeader: true),
      limit: .max, file: location.shown)
    var sounds: [Sound] = []
    for (row, line) in zip(table.rows, table.lines) {
      var values: [PropertyValue] = []
      for (property, text) in zip(columns, row.suffix(columns.count)) {
        if text.isEmpty {
          values.append(.missing)
        } else if !property.isNumber {
          values.append(.text(text))
        } else if let number = DecimalText.number(text) {
          values.append(.number(number))
        } else {
          throw .malformed(
            file: location.shown, place: "line \(line), column '\(property.name)'",
            expected: "a decimal number", found: "'\(text)'")
        }
      }
      sounds.append(
        Sound(
          path: row[0], label: label == nil ? "" : row[1], properties: values,
          source: location.shown, place: "line \(line)"))
    }
    return sounds
  }
}
