import Comparison
import Results

/// The before/after table as cells, one row per architecture and scheme: what quantization cost and
/// bought. A dash stands for what was not measured; brackets hold the baseline's value where it differs.
struct TradeOffTable {
  let header: [String]
  let rows: [[String]]
  /// Columns before this one are names.
  let names: Int

  init(_ verdict: JobVerdict) {
    let table = verdict.table
    let architectures = Set(table.map(\.architecture)).count
    let manyScenarios = Set(table.map { [$0.scenario, $0.architecture] }).count > architectures
    let manyProfiles = Set(table.map(\.hardware)).count > 1
    let columns =
      (manyScenarios ? [Column("scenario") { $0.scenario }] : [])
      + [Column("architecture") { $0.architecture }, Column("scheme") { $0.scheme }]
      + (manyProfiles ? [Column("hardware") { $0.hardware }] : [])
    names = columns.count
    let all =
      columns + Self.answers
      + (table.contains { $0.perplexity != nil } ? [Self.perplexity] : [])
      + (table.contains { $0.divergence != nil } ? [Self.divergence] : []) + Self.numbers
    header = all.map(\.title)
    rows = table.map { row in all.map { $0.cell(row) } }
  }

  /// Accuracy per slice value: a row per value, a column per architecture and scheme. One table per
  /// scenario and architecture; hardware does not change accuracy.
  static func slices(_ verdict: JobVerdict) -> [(title: String, header: [String], rows: [[String]])]
  {
    var groups: [(title: String, columns: [TableRow])] = []
    for row in verdict.table where !row.slices.isEmpty {
      let title = "\(row.scenario)/\(row.architecture)"
      guard let place = groups.firstIndex(where: { $0.title == title }) else {
        groups.append((title, [row]))
        continue
      }
      if !groups[place].columns.contains(where: { $0.scheme == row.scheme }) {
        groups[place].columns.append(row)
      }
    }
    return groups.map { group in
      let slices = group.columns[0].slices
      let rows = slices.map { slice in
        [slice.name, "\(slice.examples)", Quantity.share(slice.float)]
          + group.columns.map { column in
            column.slices.first { $0.name == slice.name }.map { Quantity.share($0.accuracy) } ?? "–"
          }
      }
      return (
        group.title, [group.title, "examples", "float"] + group.columns.map(\.scheme), rows
      )
    }
  }

  private struct Column: Sendable {
    let title: String
    let cell: @Sendable (TableRow) -> String

    init(_ title: String, cell: @escaping @Sendable (TableRow) -> String) {
      self.title = title
      self.cell = cell
    }
  }

  private static let answers: [Column] = [
    Column("size") { number($0.modelBytes, $0.before["memory.model_bytes"], Quantity.size) },
    Column("accuracy") { number($0.accuracy, $0.before["accuracy.top1"], Quantity.share) },
    Column("vs float") { number($0.accuracyChange, nil) { Quantity.change($0, .share) } },
  ]

  private static let perplexity = Column("perplexity") { row in
    let value = number(row.perplexity, row.before["tokens.perplexity"], Quantity.number)
    return row.perplexityError.map { "\(value) ± \(Quantity.text($0, .number))" } ?? value
  }

  private static let divergence = Column("divergence") {
    number($0.divergence, nil, Quantity.number)
  }

  private static let numbers: [Column] = [
    Column("worst slice") { row in
      let value = number(
        row.worstSliceAccuracy, row.before["accuracy.worst_slice"], Quantity.share)
      return row.worstSlice.map { "\($0) \(value)" } ?? value
    },
    Column("p50") { number($0.p50, nil, Quantity.seconds) },
    Column("p99") { number($0.p99, nil, Quantity.seconds) },
    Column("speed-up") { row in
      let factor = number(row.speedUp, nil) { Quantity.factor($0) }
      return row.runsOnReferencePath == true ? "\(factor) (reference path)" : factor
    },
    Column("intrinsic tail") { number($0.intrinsicTail, nil) { Quantity.text($0, .ratio) } },
    Column("peak memory") {
      number($0.peakBytes, $0.before["memory.peak_allocated"], Quantity.size)
    },
    Column("allocations load+steady") { row in
      let load = number(row.loadAllocations, row.before["memory.load_allocations"], count)
      let steady = number(row.steadyAllocations, row.before["memory.steady_allocations"], count)
      return "\(load) + \(steady)"
    },
  ]

  @Sendable private static func count(_ value: Double) -> String { Quantity.text(value, .count) }

  private static func number(
    _ value: Double?, _ before: Double?, _ text: (Double) -> String
  ) -> String {
    guard let value else { return "–" }
    return before.map { "\(text(value)) [\(text($0))]" } ?? text(value)
  }
}
