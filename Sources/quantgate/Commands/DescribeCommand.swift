import Architectures
import ArgumentParser
import Datasets
import Foundation
import Graphs
import NumberFormats
import Quantization
import Scenarios

/// The plan, without running it.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show the plan: shapes, parameters, bytes, operations and time; run nothing.")

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var selection: SelectionOptions

  @Flag(help: "List every layer, of large architectures too.")
  var layers = false

  /// The most layers that are listed unasked.
  private static let listedLayers = 60

  func run() throws {
    try reportingFailures {
      let plan = try selection.plan(try repository.repository()).plan
      for scenario in plan.scenarios { describe(scenario, plan.cases(of: scenario)) }
      let total = plan.cases.reduce(Duration.zero) { $0 + $1.scenario.measure.budget }
      Terminal.print(
        "\(counted(plan.cases.count)), timing budget "
          + "\(ProgressDisplay.duration(total / .seconds(1))) in all\n")
    }
  }

  private func describe(_ scenario: Scenario, _ cases: [PlannedCase]) {
    var lines = ["\(scenario.name) (\(scenario.file)): \(scenario.summary)"]
    let data = scenario.data
    lines.append(
      "  data: \(data.dataset.name), \(data.evaluate.samples) examples scored"
        + (data.calibrate.map { ", \($0.samples) of '\($0.split.rawValue)' calibrate" } ?? "")
        + (data.slices.isEmpty ? "" : "; slices: \(data.slices.joined(separator: ", "))"))
    if let bound = data.dataset.accuracyBound {
      lines.append("  best possible accuracy: at most \(percent(bound))")
    }
    if let bound = data.dataset.entropyBound {
      let perplexity = String(format: "%.3f", exp(bound))
      lines.append("  best possible perplexity: at least \(perplexity)")
    }
    let measure = scenario.measure
    lines.append(
      "  per case: \(ProgressDisplay.duration(measure.budget / .seconds(1))) of timing over "
        + "\(measure.processes) processes")
    for architecture in scenario.architectures
    where cases.contains(where: { $0.architecture.name == architecture.name }) {
      lines += describe(architecture.graph, name: architecture.name)
    }
    lines.append("  cases:")
    lines += cases.map { "    \($0.id)  \(scheme($0))" }
    Terminal.print(lines.joined(separator: "\n") + "\n\n")
  }

  private func describe(_ graph: Graph, name: String) -> [String] {
    let cost = graph.cost
    let lines = [
      "  \(name): \(graph.parameterCount) parameters (\(bytes(4 * graph.parameterCount)) in fp32)"
        + active(graph)
        + ", \(count(cost.operations)) operations and \(bytes(4 * cost.activationElements)) of "
        + "activations per \(graph.isSequence ? "token" : "inference")"
    ]
    return lines
      + (layers || graph.nodes.count <= Self.listedLayers ? listed(graph) : summed(graph))
  }

  /// Where tokens are routed to experts, the parameters that one token is computed with.
  private func active(_ graph: Graph) -> String {
    let active = graph.activeParameterCount
    guard active < graph.parameterCount else { return "" }
    return ", \(active) of them active per token (\(bytes(4 * active)))"
  }

  /// A line per layer.
  private func listed(_ graph: Graph) -> [String] {
    var lines: [String] = []
    let widest = graph.nodes.map(\.name.count).max() ?? 0
    for node in graph.nodes {
      let cost = graph.cost(of: node)
      let padded = node.name.padding(toLength: widest, withPad: " ", startingAt: 0)
      let parameters = graph.parameters(of: node).reduce(0) { $0 + $1.elementCount }
      lines.append(
        "    \(padded)  \(node.operation.name)  \(graph.shapes[node.id])"
          + (parameters > 0 ? "  \(parameters) parameters" : "")
          + (cost.operations > 0 ? "  \(count(cost.operations)) operations" : ""))
    }
    return lines
  }

  /// A line per operator, in the order of the first layer of each.
  private func summed(_ graph: Graph) -> [String] {
    var names: [String] = []
    var totals: [String: (layers: Int, parameters: Int, operations: Int)] = [:]
    for node in graph.nodes {
      let name = node.operation.name
      if totals[name] == nil { names.append(name) }
      var total = totals[name, default: (0, 0, 0)]
      total.layers += 1
      total.parameters += graph.parameters(of: node).reduce(0) { $0 + $1.elementCount }
      total.operations += graph.cost(of: node).operations
      totals[name] = total
    }
    let widest = names.map(\.count).max() ?? 0
    return names.map { name in
      let total = totals[name, default: (0, 0, 0)]
      return "    \(name.padding(toLength: widest, withPad: " ", startingAt: 0))  × \(total.layers)"
        + (total.parameters > 0 ? "  \(total.parameters) parameters" : "")
        + (total.operations > 0 ? "  \(count(total.operations)) operations" : "")
    } + ["    (\(graph.nodes.count) layers; --layers lists them)"]
  }

  private func scheme(_ planned: PlannedCase) -> String {
    let weights =
      switch planned.scheme.weights {
      case .float32: "fp32 weights"
      case .affine(let format, let grouping):
        "\(format.name) weights per \(granularity(grouping.granularity))" + details(grouping)
      case .selfContained(let format): "\(format.name) weights"
      case .asStored: "weights as stored"
      }
    let activations =
      switch planned.scheme.activations {
      case .float32: "fp32 activations"
      case .fixed(_, let observer): "int8 activations, static (\(observer))"
      case .dynamic: "int8 activations, dynamic per example"
      }
    let count = planned.hardware.threads
    let threads = count == 1 ? "1 thread" : "\(count) threads"
    return "\(weights), \(activations), \(threads)"
      + referencePath(planned)
  }

  /// What of a grouping is not the usual.
  private func details(_ grouping: Grouping) -> String {
    var details: [String] = []
    if grouping.symmetric, grouping.codeUse == .full { details.append("full range") }
    if grouping.scaleType != .float32 { details.append("\(grouping.scaleType.rawValue) scales") }
    switch grouping.scaleChoice {
    case .absoluteMaximum: break
    case .percentile(let percentile): details.append("percentile \(percentile)")
    case .leastSquares: details.append("least squares")
    }
    return details.isEmpty ? "" : " (\(details.joined(separator: ", ")))"
  }

  /// The layers that are decoded and computed in fp32, because no kernel has their format.
  private func referencePath(_ planned: PlannedCase) -> String {
    let graph = planned.architecture.graph
    let weighted = graph.nodes.filter(\.operation.hasWeight)
    let reference = weighted.filter { planned.scheme.path(of: $0, in: graph) == .reference }
    guard !reference.isEmpty else { return "" }
    return reference.count == weighted.count
      ? ", reference path"
      : ", reference path for \(reference.map(\.name).joined(separator: ", "))"
  }

  private func granularity(_ granularity: Granularity) -> String {
    switch granularity {
    case .tensor: "tensor"
    case .channel: "channel"
    case .group(let size): "group of \(size)"
    }
  }

  private func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }

  private func bytes(_ count: Int) -> String {
    count < 1 << 20
      ? String(format: "%.1f KiB", Double(count) / 1024)
      : String(format: "%.1f MiB", Double(count) / 1_048_576)
  }

  private func count(_ operations: Int) -> String {
    switch operations {
    case ..<1_000_000: String(format: "%.1f k", Double(operations) / 1e3)
    case ..<1_000_000_000: String(format: "%.2f M", Double(operations) / 1e6)
    default: String(format: "%.2f G", Double(operations) / 1e9)
    }
  }
}
