import Architectures
import Checkpoints
import Documents
import Foundation
import Graphs
import TestSupport
import Testing

@Suite struct ArchitectureTests {
  static let header = """
    architecture: net
    family: convnet
    input: [8, 6, 3]
    weights: ../models/net.safetensors
    layers:

    """

  /// Decodes a document that is called `Scenarios/architectures/net.yaml`.
  static func decode(_ text: String) throws(InvalidDocument) -> Architecture {
    try Document(text: text, file: "Scenarios/architectures/net.yaml")
      .decode(Architecture.reader)
  }

  /// What is wrong, without the file's name in front of each line.
  static func issues(_ text: String) -> [String] {
    do {
      _ = try decode(text)
      return []
    } catch {
      return error.issues.map {
        $0.description.replacing("Scenarios/architectures/net.yaml:", with: "")
      }
    }
  }

  /// What is wrong with a network of these layers, whose first stands in line 6, column 5.
  static func layerIssues(_ layers: [String]) -> [String] {
    issues(header + layers.map { "  - \($0)\n" }.joined())
  }

  @Test func `every layer becomes its operation`() throws {
    let architecture = try Self.decode(
      Self.header + """
          - { layer: conv, name: stem, channels: 4, kernel: 3, padding: 1, bias: false }
          - { layer: batch_norm, name: norm, epsilon: 1e-3 }
          - { layer: relu, name: relu }
          - { layer: depthwise, name: dw, kernel: [3, 1], bias: true, from: relu }
          - { layer: depthwise, name: dw2, kernel: [3, 1], from: relu }
          - { layer: add, name: sum, of: [dw, dw2] }
          - { layer: relu6, name: six }
          - { layer: max_pool, name: pool, kernel: 2, stride: 2 }
          - { layer: average_pool, name: mean, kernel: 2 }
          - { layer: flatten, name: flat }
          - { layer: linear, name: head, features: 5 }
          - { layer: softmax, name: prob }
        """)
    let tall = Window(height: 3, width: 1)
    #expect(
      architecture.graph.nodes.map(\.operation) == [
        .input(Shape([8, 6, 3])),
        .convolution(
          outChannels: 4, window: Window(height: 3, width: 3, padding: 1), hasBias: false),
        .batchNormalization(epsilon: 1e-3), .activation(.relu),
        .depthwiseConvolution(window: tall, hasBias: true),
        .depthwiseConvolution(window: tall, hasBias: true), .add, .activation(.relu6),
        .maxPooling(Window(height: 2, width: 2, stride: 2)),
        .averagePooling(Window(height: 2, width: 2)), .flatten,
        .linear(outFeatures: 5, hasBias: true), .softmax,
      ])
    #expect(architecture.graph.nodes.map(\.inputs)[5...6] == [[3], [4, 5]])
    #expect(architecture.classCount == 5)
    #expect(architecture.weightsFile == "Scenarios/models/net.safetensors")
    #expect(architecture.file == "Scenarios/architectures/net.yaml")
    #expect(architecture.training == nil)
  }

  @Test func `element functions and squeezed factors become their operations`() throws {
    let architecture = try Self.decode(
      Self.header + """
          - { layer: conv, name: stem, channels: 4, kernel: 1 }
          - { layer: hard_swish, name: swish }
          - { layer: global_average_pool, name: mean }
          - { layer: linear, name: squeeze, features: 2 }
          - { layer: leaky_relu, name: leaky }
          - { layer: linear, name: widen, features: 4 }
          - { layer: hard_sigmoid, name: factors }
          - { layer: multiply, name: scaled, of: [swish, factors] }
          - { layer: elu, name: elu, alpha: 0.5 }
          - { layer: flatten, name: flat }
          - { layer: tanh, name: t }
          - { layer: linear, name: head, features: 3 }
        """)
    let operations = architecture.graph.nodes.map(\.operation)
    #expect(operations[2] == .function(.hardSwish))
    #expect(operations[5] == .function(.leakyRelu(slope: 0.01)))
    #expect(operations[7...9] == [.function(.hardSigmoid), .multiply, .function(.elu(alpha: 0.5))])
    #expect(operations[11] == .function(.tanh))
    #expect(architecture.graph.nodes[8].inputs == [2, 7])
  }

  @Test func `windows differ between directions where they say so`() throws {
    let architecture = try Self.decode(
      Self.header + """
          - { layer: conv, name: a, channels: 4, kernel: [3, 2], stride: [2, 1], padding: [1, 0, 0, 1] }
          - { layer: depthwise, name: b, kernel: 2, dilation: [1, 2], padding: [0, 1] }
          - { layer: transposed_conv, name: c, channels: 5, kernel: 3, stride: 2, padding: 1, extra: 1 }
          - { layer: max_pool, name: d, kernel: 2, stride: [1, 2] }
          - { layer: global_average_pool, name: e }
        """)
    let operations = architecture.graph.nodes.map(\.operation)
    let first = Window(
      height: 3, width: 2, strides: Spacing(rows: 2, columns: 1),
      margins: Margins(top: 1, left: 0, bottom: 0, right: 1))
    let second = Window(
      height: 2, width: 2, strides: Spacing(1),
      margins: Margins(top: 0, left: 1, bottom: 0, right: 1),
      dilations: Spacing(rows: 1, columns: 2))
    #expect(operations[1] == .convolution(outChannels: 4, window: first, hasBias: true))
    #expect(operations[2] == .depthwiseConvolution(window: second, hasBias: true))
    #expect(
      operations[3]
        == .transposedConvolution(
          outChannels: 5, window: Window(height: 3, width: 3, stride: 2, padding: 1),
          extra: Spacing(1), hasBias: true))
    #expect(
      architecture.graph.shapes[1...4].map(\.dimensions) == [
        [4, 6, 4], [3, 6, 4], [6, 12, 5], [5, 6, 5],
      ])
  }

  @Test func `a length with channels is an image of width 1`() throws {
    let text =
      Self.header.replacing("[8, 6, 3]", with: "[20, 3]") + """
          - { layer: conv1d, name: a, channels: 4, kernel: 3, padding: [4, 0], dilation: 2 }
          - { layer: conv1d, name: b, channels: 2, kernel: 4, stride: 4 }
          - { layer: global_average_pool, name: c }
        """
    let architecture = try Self.decode(text)
    #expect(architecture.inputShape == [20, 3])
    #expect(
      architecture.graph.shapes.map(\.dimensions) == [[20, 1, 3], [20, 1, 4], [5, 1, 2], [2]])
  }

  @Test func `a recurrent layer is the product of its input and its steps`() throws {
    let architecture = try Self.decode(
      """
      architecture: net
      family: recurrent
      input: [20, 3]
      weights: ../models/net.safetensors
      layers:
        - { layer: lstm, name: a, features: 5, result: every }
        - { layer: gru, name: b, features: 4 }
        - { layer: linear, name: head, features: 2 }
      """)
    #expect(
      architecture.graph.nodes.map(\.name) == ["input", "a.input", "a", "b.input", "b", "head"])
    #expect(
      architecture.graph.nodes.map(\.operation)[2...4] == [
        .recurrence(Recurrence(.lstm, features: 5, result: .every)),
        .convolution(outChannels: 12, window: Window(height: 1, width: 1), hasBias: true),
        .recurrence(Recurrence(.gru, features: 4)),
      ])
    #expect(
      architecture.graph.parameters.map { "\($0.name) \($0.shape)" } == [
        "a.input.weight [20, 1, 1, 3]", "a.input.bias [20]", "a.weight [20, 5]", "a.bias [20]",
        "b.input.weight [12, 1, 1, 5]", "b.input.bias [12]", "b.weight [12, 4]", "b.bias [12]",
        "head.weight [2, 4]", "head.bias [2]",
      ])
    #expect(architecture.graph.cost(of: architecture.graph.nodes[2]).multiplyAccumulates == 2000)
  }

  @Test func `the recipe is read in full`() throws {
    let text =
      Self.header + "  - { layer: global_average_pool, name: pool }\n" + """
        train:
          dataset: glyphs
          examples: 600
          epochs: 5
          batch: 32
          optimiser: { sgd: { momentum: 0.8 } }
          learning_rate: 0.1
          schedule: { step: { epochs: 2, factor: 0.5 } }
          weight_decay: 1e-4
          shift: 1
          seed: 9
        """
    let expected = TrainingRecipe(
      dataset: "glyphs", examples: 600, epochs: 5, batch: 32, optimiser: .sgd(momentum: 0.8),
      learningRate: 0.1, schedule: .step(epochs: 2, factor: 0.5), weightDecay: 1e-4, shift: 1,
      seed: 9)
    #expect(try Self.decode(text).training == expected)
    let words =
      text.replacing("{ sgd: { momentum: 0.8 } }", with: "adam")
      .replacing("{ step: { epochs: 2, factor: 0.5 } }", with: "cosine")
    let training = try Self.decode(words).training
    #expect(training?.optimiser == .adam)
    #expect(training?.schedule == .cosine)
    #expect(
      Self.issues(text.replacing("batch: 32", with: "batch: 601"))
        == ["11:10: train.batch: expected at most the 600 examples, found 601"])
  }

  @Test(arguments: [
    (
      ["{ layer: convv, name: a, channels: 4, kernel: 3 }"],
      "6:14: layers[0].layer: expected one of 'conv', 'depthwise', 'batch_norm', 'relu', 'relu6', "
        + "'add', 'max_pool', 'average_pool', 'global_average_pool', 'flatten', 'linear', "
        + "'softmax', 'conv1d', 'transposed_conv', 'multiply', 'gelu', 'gelu_tanh', 'silu', 'sigmoid', "
        + "'tanh', 'hard_sigmoid', 'hard_swish', 'elu', 'leaky_relu', found 'convv' (did you mean "
        + "'conv'?)"
    ),
    (
      ["{ layer: conv, name: a, chanels: 4, kernel: 3 }"],
      "6:29: layers[0].chanels: unknown key (did you mean 'channels'?)"
    ),
    (
      ["{ layer: relu, name: stem }", "{ layer: relu, name: b, from: sten }"],
      "7:35: layers[1].from: no earlier layer 'sten' (did you mean 'stem'?)"
    ),
    (
      ["{ layer: relu, name: a }", "{ layer: relu, name: a }"],
      "7:26: layers[1].name: 'a' is the name of an earlier layer"
    ),
    (
      ["{ layer: relu, name: input }"],
      "6:26: layers[0].name: 'input' is the name of an earlier layer"
    ),
    (
      ["{ layer: max_pool, name: a, kernel: 9 }"],
      "6:30: layers[0].name: a: the window does not fit into 8×6×3"
    ),
    (
      ["{ layer: max_pool, name: a, kernel: 3, padding: 3 }"],
      "6:53: layers[0].padding: expected less padding than the kernel is wide, found 3"
    ),
    (
      ["{ layer: transposed_conv, name: a, channels: 2, kernel: 3, stride: 2, extra: 2 }"],
      "6:37: layers[0].name: a: expected fewer extra rows and columns than the stride, found 2×2"
    ),
    (
      ["{ layer: relu, name: b }", "{ layer: multiply, name: a, of: [input, c] }"],
      "7:45: layers[1].of[1]: no earlier layer 'c'"
    ),
    (
      ["{ layer: max_pool, name: a, kernel: 2, dilation: [2, 2, 2] }"],
      "6:54: layers[0].dilation: expected a list of 2, found 3 elements"
    ),
    (
      ["{ layer: linear, name: a, features: 3 }"],
      "6:28: layers[0].name: a: expected a vector (flatten it first), found 8×6×3"
    ),
    (
      ["{ layer: relu, name: a }", "{ layer: global_average_pool, name: b, from: input }"],
      "6:26: layers[0].name: no layer reads the result of 'a'"
    ),
    (
      ["{ layer: relu, name: a }"],
      "6:26: layers[0].name: expected the last layer to give logits or a softmax of at least two "
        + "classes, found relu of shape 8×6×3"
    ),
    (
      ["{ layer: flatten, name: a }", "{ layer: linear, name: b, features: 1 }"],
      "7:28: layers[1].name: expected the last layer to give logits or a softmax of at least two "
        + "classes, found linear of shape 1"
    ),
    (
      [
        "{ layer: conv, name: a, channels: 60000, kernel: 1 }",
        "{ layer: conv, name: b, channels: 2, kernel: 2 }",
        "{ layer: global_average_pool, name: c }",
      ], "7:26: layers[1].name: expected sums of at most 65535 products, found 240000"
    ),
  ])
  func `a wrong layer is reported at its place`(layers: [String], expected: String) {
    let found = Self.layerIssues(layers)
    #expect(found.contains(expected), "found \(found)")
  }

  @Test func `every issue is reported, not only the first`() {
    let found = Self.layerIssues([
      "{ layer: conv, name: a, channels: 0, kernel: 3 }", "{ layer: relu, nme: b }",
      "{ layer: dropout, name: c }",
    ])
    #expect(found.count >= 3, "found \(found)")
  }

  @Test func `an mlp has no windows and takes vectors`() {
    let text = """
      architecture: net
      family: mlp
      input: [4, 4, 1]
      weights: ../models/net.safetensors
      layers:
        - { layer: linear, name: a, features: 3 }
      """
    #expect(
      Self.issues(text) == ["3:8: input: expected 1 extents for the family 'mlp', found 3"])
    let flat = text.replacing("[4, 4, 1]", with: "[4]")
    #expect(Self.issues(flat) == [])
    #expect(
      Self.issues(flat.replacing("linear, name: a, features: 3", with: "flatten, name: a"))
        == [
          "6:14: layers[0].layer: expected one of 'linear', 'batch_norm', 'relu', 'relu6', "
            + "'softmax', 'gelu', 'gelu_tanh', 'silu', 'sigmoid', 'tanh', 'elu', 'leaky_relu', found "
            + "'flatten'"
        ])
  }

  @Test(arguments: [
    "/etc/net.safetensors", "../../../net.safetensors", "../../../../x/net.safetensors", "../..",
    "models/../../../../net.safetensors",
  ])
  func `weights outside the repository are refused`(path: String) {
    let text = (Self.header + "  - { layer: global_average_pool, name: pool }\n")
      .replacing("../models/net.safetensors", with: path)
    #expect(
      Self.issues(text)
        == ["4:10: weights: expected a relative path that stays inside the repository"])
  }

  @Test func `a file is called like its architecture, an inline definition need not be`() throws {
    let text = (Self.header + "  - { layer: global_average_pool, name: pool }\n")
      .replacing("architecture: net", with: "architecture: other")
    #expect(
      Self.issues(text)
        == ["1:15: architecture: expected the file's name, 'net', found 'other'"])
    let inline = text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    let document = try Document(text: "inside:\n\(inline)\n", file: "Scenarios/vision.yaml")
    let reader = Reader<Architecture?>.record("scenario", "A scenario.") { fields in
      fields.required("inside", Architecture.reader, "An architecture.")
    }
    let architecture = try document.decode(reader)
    #expect(architecture?.name == "other")
    #expect(architecture?.weightsFile == "models/net.safetensors")
  }

  @Test func `weights are loaded, and missing ones name the command that makes them`() throws {
    let folder = try TemporaryFolder()
    let text = """
      architecture: net
      family: mlp
      input: [2]
      weights: ../models/net.safetensors
      layers:
        - { layer: linear, name: head, features: 2, bias: false }
      train: { dataset: d, examples: 9, epochs: 1, batch: 1, optimiser: adam, learning_rate: 1, seed: 1 }
      """
    try folder.write(text, to: "Scenarios/architectures/net.yaml")
    let root = folder.url.path
    let architecture = try Architecture(file: "Scenarios/architectures/net.yaml", root: root)
    func error() -> CheckpointError? {
      do {
        _ = try architecture.weights(root: root)
        return nil
      } catch { return error }
    }
    #expect(
      error()?.description
        == "Scenarios/models/net.safetensors: no such file; "
        + "'quantgate train Scenarios/architectures/net.yaml' trains and writes it")
    let weights = Weights(["head.weight": Tensor(shape: [2, 2], values: [1, 2, 3, 4])])
    try folder.write("", to: "Scenarios/models/net.safetensors")
    #expect(error()?.file == "Scenarios/models/net.safetensors")
    try Safetensors.write(weights, to: root + "/Scenarios/models/net.safetensors")
    #expect(try architecture.weights(root: root) == weights)

    let outside = try TemporaryFolder()
    try Safetensors.write(weights, to: outside.url.path + "/net.safetensors")
    let link = root + "/Scenarios/models/net.safetensors"
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: outside.url.path + "/net.safetensors")
    #expect(
      error()
        == .unreadable(
          file: "Scenarios/models/net.safetensors", reason: "a link leads it out of the repository")
    )
  }

  @Test func `an absent file is an issue`() {
    #expect(throws: InvalidDocument.self) {
      try Architecture(file: "Scenarios/architectures/none.yaml", root: "/nowhere")
    }
  }

  @Test func `editors get a schema of every layer`() {
    let schema = Architecture.reader.jsonSchema(title: "architecture")
    for word in ["depthwise", "global_average_pool", "learning_rate", "momentum", "epsilon"] {
      #expect(schema.contains("\"\(word)\""), "\(word)")
    }
  }

  @Test func `families are found by name`() {
    #expect(
      ArchitectureFamily.all.map(\.name) == ["mlp", "convnet", "recurrent", "decoder", "encoder"])
    #expect(ArchitectureFamily.named("convnet")?.name == "convnet")
    #expect(ArchitectureFamily.named("transformer") == nil)
  }
}
