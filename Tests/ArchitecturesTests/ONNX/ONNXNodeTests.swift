import Architectures
import Checkpoints
import Execution
import Foundation
import Graphs
import Quantization
import TestSupport
import Testing

/// The standard's own input and output pairs of single operators, from the PyPI package `onnx`.
enum NodeTests {
  static let variable = "QUANTGATE_ONNX_NODE_TESTS"

  static var root: URL? {
    guard let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty else {
      return nil
    }
    return URL(fileURLWithPath: path)
  }

  static let absence = "\(variable) does not lead to the folder of node tests"
}

/// How one case ended.
enum NodeOutcome: Equatable {
  case passed
  /// The reader or the importer says why not.
  case refused(String)
  case differs(String)
}

/// One folder of the standard's tests.
struct NodeCase {
  let folder: URL
  let graph: ONNXGraph
  let inputs: [ONNXTensor]
  let outputs: [ONNXTensor]

  init(_ folder: URL) throws {
    self.folder = folder
    graph = try ONNXFile(folder.appendingPathComponent("model.onnx").path).graph
    let data = folder.appendingPathComponent("test_data_set_0")
    func tensors(_ kind: String, _ count: Int) throws -> [ONNXTensor] {
      try (0..<count).map {
        try ONNXTensor(file: data.appendingPathComponent("\(kind)_\($0).pb").path)
      }
    }
    inputs = try tensors("input", graph.inputs.count)
    outputs = try tensors("output", graph.outputs.count)
  }

  /// Runs every output with one input free and the others as constants.
  func outcome() -> NodeOutcome {
    var reasons: [String] = []
    // Operators that only compute extents and constants have no open input.
    for free in Array(inputs.indices.prefix(3)) + [inputs.count] {
      do {
        let found = try outputs.indices.lazy.compactMap { try difference($0, free: free) }.first
        return found.map { .differs($0) } ?? .passed
      } catch {
        reasons.append("\(error)")
      }
    }
    return .refused(reasons.first ?? "no inputs")
  }

  /// The graph with one input left open.
  private func bound(free: Int, batch: Bool) -> (ONNXGraph, ImportChoices) {
    var constants = graph.initializers
    for (index, tensor) in inputs.enumerated() where index != free {
      constants[graph.inputs[index].name] = tensor
    }
    let bound = ONNXGraph(
      opset: graph.opset, nodes: graph.nodes, initializers: constants,
      inputs: free < inputs.count
        ? [graph.inputs[free]]
        : [ONNXGraph.Value(name: "unused", element: .float32, shape: [1])],
      outputs: graph.outputs)
    var choices = ImportChoices()
    choices.takesImages = false
    if free == inputs.count { return (bound, choices) }
    choices.shapes[graph.inputs[free].name] =
      batch ? [1] + inputs[free].shape.dropFirst() : inputs[free].shape
    return (bound, choices)
  }

  /// What differs in an output; `nil` where nothing does.
  private func difference(_ output: Int, free: Int) throws -> String? {
    let expected = outputs[output]
    do {
      return try difference(output, free: free, examples: 1)
    } catch let error as CheckpointError {
      // Operators over images take one at a time: then the batch is that of the engine.
      guard error.description.contains("one image"), free < inputs.count,
        let count = inputs[free].shape.first,
        count > 1, expected.shape.first == count
      else { throw error }
      return try difference(output, free: free, examples: count)
    }
  }

  private func difference(_ output: Int, free: Int, examples: Int) throws -> String? {
    var (bound, choices) = bound(free: free, batch: examples > 1)
    if examples > 1 {
      let input = bound.inputs[0]
      bound = ONNXGraph(
        opset: bound.opset, nodes: bound.nodes, initializers: bound.initializers,
        inputs: [
          ONNXGraph.Value(
            name: input.name, element: input.element, shape: [nil] + (input.shape ?? []).dropFirst()
          )
        ], outputs: bound.outputs)
    }
    choices.output = graph.outputs[output].name
    let imported = try ImportedGraph(bound, file: folder.lastPathComponent, choices: choices)
    let model = try quantize(
      graph: imported.graph, weights: imported.weights, scheme: .storedForTests)
    var executor = try Executor(model, options: ExecutionOptions(maximumBatch: examples))
    let expected = outputs[output]
    var found = [Float](repeating: .nan, count: examples * imported.graph.outputShape.elementCount)
    let input = free < inputs.count ? inputs[free].floats : [0]
    var span = found.mutableSpan
    try executor.run(input.span, examples: examples, into: &span)
    guard found.count == expected.elementCount else {
      return "\(found.count) elements instead of \(expected.elementCount)"
    }
    if examples == 1, imported.outputShape != expected.shape {
      return "shape \(imported.outputShape) instead of \(expected.shape)"
    }
    for (place, value) in expected.floats.enumerated() {
      let isEqual =
        found[place] == value || found[place].isNaN && value.isNaN
        || abs(found[place] - value) <= 1e-7 + 1e-3 * abs(value)
      if !isEqual { return "[\(place)] \(found[place]) instead of \(value)" }
    }
    return nil
  }
}

extension Scheme {
  /// Weights and activations as the file has them.
  static var storedForTests: Scheme {
    Scheme(name: "as-stored", weights: .asStored, activations: .float32)
  }
}

struct ONNXNodeTests {
  @Test(.enabled(if: NodeTests.root != nil, Comment(rawValue: NodeTests.absence)))
  func `every supported operator gives the standard's own results`() throws {
    let root = try #require(NodeTests.root)
    let folders = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    var lines: [String] = []
    for folder in folders {
      let outcome: NodeOutcome
      do {
        outcome = try NodeCase(root.appendingPathComponent(folder)).outcome()
      } catch {
        outcome = .refused("\(error)")
      }
      switch outcome {
      case .passed: lines.append("\(folder)\tpass")
      case .refused(let reason): lines.append("\(folder)\trefused\t\(reason)")
      case .differs(let what): lines.append("\(folder)\tDIFFERS\t\(what)")
      }
    }
    try lines.joined(separator: "\n").write(
      toFile: "/tmp/node-tests.txt", atomically: true, encoding: .utf8)
  }
}
