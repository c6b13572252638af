import Datasets
import Documents
import Foundation

extension InputFormat {
  static let idx = InputFormat("idx") { bytes, _ in
    read { () throws(DatasetError) in _ = try IDXFile(bytes: bytes, file: "x.idx") }
  }

  static let wav = InputFormat("wav") { bytes, _ in
    read { () throws(DatasetError) in _ = try WAVFile(bytes: bytes, file: "x.wav") }
  }

  /// A text table, read through a definition, so that columns are encoded too.
  static let csv = InputFormat("csv") { bytes, workspace in
    _ = try workspace.write(bytes, to: "data/x.csv")
    return try load(
      """
      dataset: table
      kind: csv
      root: { folder: data }
      features: 4
      missing: "?"
      columns:
        - { name: age, type: numeric }
        - { name: pay, type: numeric, transform: log1p }
        - { name: town, type: categorical, values: [Rome, 'a"b,c'] }
        - { name: answer, type: label, classes: { low: "0", high: "1" }, trailing_dot: true }
      slices: [town]
      splits:
        train: { file: x.csv, count: 1 }
        calibrate: { file: x.csv, from: 1, count: 1 }
        evaluate: { file: x.csv, from: 2, count: 2 }
      """, workspace)
  }

  /// Records, one a line, read through a definition.
  static let jsonLines = InputFormat("jsonl") { bytes, workspace in
    _ = try workspace.write(bytes, to: "data/x.jsonl")
    return try load(
      """
      dataset: calls
      kind: jsonl
      root: { folder: data }
      inputs: { numbers: { paths: [age, stats.pay, embedding], shape: [4] } }
      label: answer
      classes: { no: "0", yes: ["1", "y", "true"] }
      fields: [region, { name: hour, path: stats.hour, type: number }]
      slices: [region, { name: night, where: "hour >= 22 or hour < 6" }]
      splits:
        train: { files: x.jsonl, count: 1 }
        calibrate: { files: x.jsonl, from: 1, count: 1 }
        evaluate: { files: x.jsonl, from: 2 }
      """, workspace)
  }

  /// A condition that puts examples into slices.
  static let predicate = InputFormat("predicate") { bytes, _ in
    let properties = [Property("hour", isNumber: true), Property("town")]
    do throws(Datasets.PredicateError) {
      let predicate = try PredicateParser.parse(
        String(decoding: bytes, as: UTF8.self), properties: properties)
      _ = predicate.holds([.number(3), .text("Rome")])
      _ = predicate.holds([.missing, .missing])
      return .accepted
    } catch {
      return .refused(error.message)
    }
  }

  private static func read(_ body: () throws(DatasetError) -> Void) -> Outcome {
    do throws(DatasetError) {
      try body()
      return .accepted
    } catch {
      return .refused(error.description)
    }
  }

  /// Loads two examples of every split.
  private static func load(_ definition: String, _ workspace: Workspace) throws -> Outcome {
    let parsed = try Document(text: definition, file: "x.yaml").decode(DatasetDefinition.reader)
    let catalog = DatasetCatalog(repository: workspace.folder.path, environment: [:])
    let dataset = catalog.dataset(parsed)
    return read { () throws(DatasetError) in
      for split in Split.allCases {
        let count = min(2, dataset.available(split))
        let set = try dataset.load(split, count: count)
        precondition(set.labels.count == count, "as many examples as were asked for")
      }
    }
  }
}
