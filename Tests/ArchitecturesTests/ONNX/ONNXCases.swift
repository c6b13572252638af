import Architectures
import Checkpoints
import Execution
import Foundation
import Graphs
import Quantization

/// Folders of the form of ONNX's own tests, outside of this repository.
enum ONNXCases {
  /// The folder that an environment variable names; `nil` where it names none.
  static func folder(_ variable: String) -> URL? {
    guard let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty else {
      return nil
    }
    return URL(fileURLWithPath: path)
  }

  /// The cases of a folder, by name.
  static func folders(in root: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(atPath: root.path).sorted().map {
      root.appendingPathComponent($0)
    }
  }
}

extension ImportedGraph {
  /// The outputs of examples as the file's own scheme computes them, and how many layers multiply integers.
  func run(
    _ input: [Float], examples: Int = 1
  ) throws -> (outputs: [Float], integerLayers: Int) {
    let model = try quantize(graph: graph, weights: weights, scheme: .storedForTests)
    var executor = try Executor(model, options: ExecutionOptions(maximumBatch: examples))
    var found = [Float](repeating: .nan, count: examples * graph.outputShape.elementCount)
    var span = found.mutableSpan
    try executor.run(input.span, examples: examples, into: &span)
    let integers = model.arithmetic.values.count {
      if case .integer = $0 { true } else { false }
    }
    return (found, integers)
  }
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
  /// What errors call the files, on every machine.
  private static let file = "model.onnx"

  let folder: URL
  let graph: ONNXGraph
  let inputs: [ONNXTensor]
  let outputs: [ONNXTensor]

  init(_ folder: URL) throws {
    self.folder = folder
    graph = try ONNXFile(
      folder.appendingPathComponent("model.onnx").path, shownAs: Self.file
    ).graph
    let data = folder.appendingPathComponent("test_data_set_0")
    func tensors(_ kind: String, _ count: Int) throws -> [ONNXTensor] {
      try (0..<count).map {
        try ONNXTensor(
          file: data.appendingPathComponent("\(kind)_\($0).pb").path, shownAs: Self.file)
      }
    }
    inputs = try tensors("input", graph.inputs.count)
    outputs = try tensors("output", graph.outputs.count)
  }

  /// Why a case is refused, on one line.
  static func reason(_ error: CheckpointError) -> String {
    let text = error.description.replacingOccurrences(of: file + ": ", with: "")
    return text.replacingOccurrences(of: "\n", with: " ")
  }

  /// Runs every output with one input free and the others as constants.
  func outcome() -> NodeOutcome {
    var reasons: [String] = []
    // Operators that only compute extents and constants have no open input.
    for free in Array(inputs.indices.prefix(3)) + [inputs.count] {
      do {
        let found = try outputs.indices.lazy.compactMap { try difference($0, free: free) }.first
        return found.map { .differs($0) } ?? .passed
      } catch let error as CheckpointError {
        reasons.append(Self.reason(error))
      } catch {
        reasons.append("\(error)")
      }
    }
    return .refused(reasons.first ?? "no inputs")
  }

  /// The distance of an output from the expected one, as a share of its length, and how many layers
  /// multiply integers, of how many.
  func distance(_ output: Int = 0) throws -> (distance: Double, integerLayers: Int, layers: Int) {
    let (bound, choices) = bound(free: 0, batch: false)
    var free = choices
    free.takesImages = false
    free.output = graph.outputs[output].name
    let imported = try ImportedGraph(bound, file: Self.file, choices: free)
    let (found, integers) = try imported.run(inputs[0].floats)
    let expected = outputs[output].floats
    guard found.count == expected.count else { return (.infinity, integers, 0) }
    let error = zip(found, expected).reduce(0.0) {
      $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
    }
    let size = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (
      (error / size).squareRoot(), integers,
      imported.graph.nodes.count { $0.operation.hasWeight }
    )
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
    let imported = try ImportedGraph(bound, file: Self.file, choices: choices)
    let input = free < inputs.count ? inputs[free].floats : [0]
    let (found, _) = try imported.run(input, examples: examples)
    let expected = outputs[output]
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
