/// Every metric that a gate can watch.
public enum MetricCatalog {
  /// All declarations, by family, in the order they are reported.
  public static let all: [MetricDeclaration] =
    AccuracyMetrics.all + ScoreMetrics.all + TokenMetrics.all + OutputMetrics.all
    + LatencyMetrics.all
    + MemoryMetrics.all

  /// The declaration of an id; `nil` for an unknown one.
  public static func declaration(_ id: String) -> MetricDeclaration? {
    byID[id]
  }

  /// All ids, in the order they are reported.
  public static var ids: [String] { all.map(\.id) }

  /// Ids that every stored entry of this kind must have.
  public static func required(in home: MetricDeclaration.Home) -> [String] {
    all.filter { $0.home == home }.map(\.id)
  }

  private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
}

extension Gates {
  /// The scenario's rules, and the default rule of every metric it says nothing about.
  public var effectiveRules: [String: GateRule] {
    var all = rules
    for declaration in MetricCatalog.all where all[declaration.id] == nil {
      all[declaration.id] = declaration.defaultRule
    }
    return all
  }
}
