import Comparison
import Results

/// The examples whose prediction quantization changed, as cells. One table per architecture and scheme;
/// hardware does not change it.
struct ChangedTable {
  static let header = ["example", "label", "float", "now", "", "slices"]
  /// Rows of a table at most; a report for programs has all.
  static let mostRows = 20

  let title: String
  let rows: [[String]]
  /// Rows that were left out.
  let more: Int

  /// The tables of a verdict.
  static func all(_ verdict: JobVerdict) -> [ChangedTable] {
    var titles: Set<String> = []
    return verdict.table.compactMap { row in
      let title = "\(row.scenario)/\(row.architecture)/\(row.scheme)"
      guard let flips = row.flips, flips.total > 0, titles.insert(title).inserted else {
        return nil
      }
      return ChangedTable(title: title, flips: flips, changed: row.changed)
    }
  }

  init(title: String, flips: Flips, changed: [ChangedExample]) {
    self.title =
      "\(title): \(flips.total) predictions changed, \(flips.broken) broken, "
      + "\(flips.repaired) repaired, \(flips.moved) from wrong to wrong"
    rows = changed.prefix(Self.mostRows).map { example in
      let effect =
        example.float == example.label
        ? "broken" : example.now == example.label ? "repaired" : "moved"
      let slices = example.slices.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      return [
        "\(example.index)", "\(example.label)", "\(example.float)", "\(example.now)", effect,
        slices.joined(separator: " "),
      ]
    }
    more = changed.count - rows.count
  }
}
