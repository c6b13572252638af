import Comparison
import Results

/// Layers against the float run as cells, the worst first: where quantization hurts. One table per
/// architecture and scheme; hardware does not change it.
struct LayerTable {
  static let header = ["layer", "operator", "SQNR", "cosine", "smallest cosine", "saturated"]

  let title: String
  let rows: [[String]]

  /// The tables of a verdict.
  static func all(_ verdict: JobVerdict) -> [LayerTable] {
    var titles: Set<String> = []
    return verdict.table.compactMap { row in
      let title = "\(row.scenario)/\(row.architecture)/\(row.scheme)"
      guard !row.layers.isEmpty, titles.insert(title).inserted else { return nil }
      return LayerTable(title: title, layers: row.layers)
    }
  }

  init(title: String, layers: [LayerFidelity]) {
    self.title = title
    rows = layers.enumerated().sorted { left, right in
      (left.element.sqnr ?? .infinity, left.offset)
        < (right.element.sqnr ?? .infinity, right.offset)
    }.map { _, layer in
      [
        layer.name, layer.operation,
        layer.sqnr.map { "\(Quantity.fixed($0, 1)) dB" } ?? "identical",
        Quantity.number(layer.cosine.mean), Quantity.number(layer.cosine.smallest),
        Quantity.share(layer.saturation),
      ]
    }
  }
}
