public import Graphs

/// Watches every value of a graph while calibration examples run through it.
///
/// The graph is a prepared one (`FloatModel.prepared`): ranges belong to values after folding and
/// fusion, as integers will store them.
public struct Calibration: Sendable {
  private let names: [String]
  private let observer: Observer
  private var observers: [ValueObserver]

  /// Begins a calibration of the results of all nodes of `graph`.
  public init(graph: Graph, observer: Observer) {
    names = graph.nodes.map(\.name)
    self.observer = observer
    observers = Array(repeating: ValueObserver(observer), count: names.count)
  }

  /// Takes in the result of a node, for one example or several.
  ///
  /// NaN and infinities are remembered, and make `finish` throw.
  ///
  /// - Parameters:
  ///   - node: The node's id in the prepared graph.
  ///   - values: Its result as fp32; read only during the call.
  public mutating func observe(node: Node.ID, values: Span<Float>) {
    observers[node].observe(values)
  }

  /// Takes in what another calibration of the same graph and observer has seen. The outcome does not
  /// depend on how examples were divided, except for which of several non-finite values is named.
  public mutating func merge(_ other: Calibration) {
    precondition(names == other.names && observer == other.observer, "another calibration")
    for node in observers.indices { observers[node].merge(other.observers[node]) }
  }

  /// The range of every value.
  ///
  /// - Throws: `QuantizationError` for the first node that saw NaN, an infinity, or nothing.
  public func finish() throws(QuantizationError) -> CalibratedRanges {
    var ranges: [ObservedRange] = []
    for (name, observer) in zip(names, observers) {
      if let offender = observer.offender {
        throw .observedNotFinite(node: name, value: offender)
      }
      if observer.isEmpty { throw .unobserved(node: name) }
      ranges.append(observer.range())
    }
    return CalibratedRanges(nodes: names, observer: observer, ranges: ranges)
  }
}

/// The calibrated range of every value of a prepared graph.
public struct CalibratedRanges: Hashable, Sendable {
  /// The names of the graph's nodes, by id.
  public let nodes: [String]
  /// What chose the ranges.
  public let observer: Observer
  /// The range of each node's result, by id.
  public let ranges: [ObservedRange]

  /// Creates ranges; one per node.
  public init(nodes: [String], observer: Observer, ranges: [ObservedRange]) {
    precondition(nodes.count == ranges.count, "one range per node")
    self.nodes = nodes
    self.observer = observer
    self.ranges = ranges
  }
}
