import Graphs
import NumberFormats
import TestSupport

/// Builds small random models: every operation, storage and arithmetic, in any mixture that is valid.
struct RandomModel {
  /// What a random model may contain.
  enum Flavour: CaseIterable { case float, fixed, dynamic, mixed, reference, formats }

  private var generator: SeededGenerator
  private let flavour: Flavour
  private var nodes: [Node] = []
  private var shapes: [Shape] = []

  /// A random model of a flavour; equal seeds give equal models.
  static func make(seed: UInt64, _ flavour: Flavour) throws -> QuantizedModel {
    var builder = RandomModel(generator: SeededGenerator(seed: seed), flavour: flavour)
    return try builder.build()
  }

  /// `count` numbers within −2…2.
  static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
  }

  private init(generator: SeededGenerator, flavour: Flavour) {
    self.generator = generator
    self.flavour = flavour
  }

  private mutating func build() throws -> QuantizedModel {
    let input = inputShape()
    append(.input(input), [], input)
    for _ in 0..<(flavour == .formats ? pick(1...3) : pick(2...7)) { grow() }
    if let last = shapes.last, last.rank == 3 {
      if chance(0.5) {
        append(.globalAveragePooling, [nodes.count - 1], Shape([last.channels]))
      } else {
        append(.flatten, [nodes.count - 1], Shape([last.elementCount]))
      }
    }
    if chance(0.7) { appendLinear() }
    if chance(0.3) { append(.softmax, [nodes.count - 1], shapes[shapes.count - 1]) }
    let graph = try Graph(nodes)
    return try annotate(graph)
  }

  private mutating func inputShape() -> Shape {
    let isImage = chance(0.75)
    // Few positions and many channels fill whole blocks.
    if flavour == .formats {
      return isImage
        ? Shape([pick(2...3), pick(2...3), wholeBlocks()]) : Shape([4 * wholeBlocks()])
    }
    if isImage, chance(0.2) { return Shape([pick(1...9), 1, pick(1...9)]) }
    return isImage ? Shape([pick(3...9), pick(3...9), pick(1...9)]) : Shape([pick(1...60)])
  }

  private mutating func wholeBlocks() -> Int { [8, 32, 64, 64][pick(0...3)] }

  /// Appends one node, or a residual pair.
  private mutating func grow() {
    let operand = nodes.count - 1
    let shape = shapes[operand]
    guard shape.rank == 3 else {
      switch pick(0...3) {
      case 0: append(.activation(activation()), [operand], shape)
      case 1: appendAdd(shape)
      case 2 where chance(0.6): appendElements(shape)
      default: appendLinear()
      }
      return
    }
    if shape.dimensions[1] == 1, chance(0.6) { return appendRecurrent(shape) }
    let window = window(within: shape)
    func slid(_ channels: Int) -> Shape {
      Shape([
        window.outputHeight(shape.dimensions[0]), window.outputWidth(shape.dimensions[1]), channels,
      ])
    }
    switch pick(0...11) {
    case 0, 1, 2:
      let channels =
        flavour == .formats && chance(0.7)
        ? wholeBlocks() : chance(0.15) ? pick(60...140) : pick(1...20)
      append(
        .convolution(outChannels: channels, window: window, hasBias: chance(0.7)), [operand],
        slid(channels))
    case 3, 4:
      append(
        .depthwiseConvolution(window: window, hasBias: chance(0.7)), [operand],
        slid(shape.channels))
    case 5: append(.maxPooling(window), [operand], slid(shape.channels))
    case 6: append(.averagePooling(window), [operand], slid(shape.channels))
    case 7: append(.activation(activation()), [operand], shape)
    case 8: appendSqueezed(shape)
    case 9: appendElements(shape)
    case 10: appendTransposed(shape)
    default: appendAdd(shape)
    }
  }

  private mutating func appendLinear() {
    let features =
      flavour == .formats && chance(0.7)
      ? 4 * wholeBlocks() : chance(0.3) ? pick(65...200) : pick(1...40)
    append(
      .linear(outFeatures: features, hasBias: chance(0.7)), [nodes.count - 1], Shape([features]))
  }

  /// A function, or a product with any value of the shape.
  private mutating func appendElements(_ shape: Shape) {
    if chance(0.3) {
      let candidates = shapes.indices.filter { shapes[$0] == shape }
      return append(
        .multiply, [nodes.count - 1, candidates[pick(0...candidates.count - 1)]], shape)
    }
    let functions: [ElementFunction] = [
      .sigmoid, .tanh, .hardSigmoid, .hardSwish, .silu, .geluTanh, .elu(alpha: 0.7),
      .leakyRelu(slope: 0.1),
    ]
    append(.function(functions[pick(0...functions.count - 1)]), [nodes.count - 1], shape)
  }

  /// An image times a factor per channel that comes from its mean.
  private mutating func appendSqueezed(_ shape: Shape) {
    let image = nodes.count - 1
    let factors = Shape([shape.channels])
    append(.globalAveragePooling, [image], factors)
    append(.linear(outFeatures: shape.channels, hasBias: true), [nodes.count - 1], factors)
    append(.function(.hardSigmoid), [nodes.count - 1], factors)
    append(.multiply, [image, nodes.count - 1], shape)
  }

  /// A recurrent layer with the product of its input.
  private mutating func appendRecurrent(_ shape: Shape) {
    let features = flavour == .formats ? wholeBlocks() : pick(1...40)
    let recurrence = Recurrence(
      chance(0.5) ? .lstm : .gru, features: features, result: chance(0.5) ? .last : .every)
    let steps = shape.dimensions[0]
    append(
      .convolution(
        outChannels: recurrence.products, window: Window(height: 1, width: 1), hasBias: true),
      [nodes.count - 1], Shape([steps, 1, recurrence.products]))
    append(
      .recurrence(recurrence), [nodes.count - 1],
      recurrence.result == .last ? Shape([features]) : Shape([steps, 1, features]))
  }

  private mutating func appendTransposed(_ shape: Shape) {
    let window = window(within: shape)
    let extra = Spacing(
      rows: pick(0...max(window.strides.rows, window.dilations.rows) - 1),
      columns: pick(0...max(window.strides.columns, window.dilations.columns) - 1))
    let channels = flavour == .formats ? wholeBlocks() : pick(1...12)
    let rows =
      (shape.dimensions[0] - 1) * window.strides.rows - window.margins.top - window.margins.bottom
      + window.reachedRows + extra.rows
    let columns =
      (shape.dimensions[1] - 1) * window.strides.columns - window.margins.left
      - window.margins.right + window.reachedColumns + extra.columns
    guard rows > 0, columns > 0, rows * columns < 200 else { return appendAdd(shape) }
    append(
      .transposedConvolution(
        outChannels: channels, window: window, extra: extra, hasBias: chance(0.7)),
      [nodes.count - 1], Shape([rows, columns, channels]))
  }

  /// Adds the last value and any value of its shape.
  private mutating func appendAdd(_ shape: Shape) {
    let candidates = shapes.indices.filter { shapes[$0] == shape }
    append(.add, [nodes.count - 1, candidates[pick(0...candidates.count - 1)]], shape)
  }

  private mutating func append(_ operation: Operation, _ inputs: [Int], _ shape: Shape) {
    nodes.append(
      Node(
        id: nodes.count, name: "n\(nodes.count)", operation: operation, inputs: inputs,
        fusedActivation: chance(0.25) ? activation() : nil))
    shapes.append(shape)
  }

  private mutating func window(within shape: Shape) -> Window {
    // 2 × 2 pixels of 64 channels fill the widest block.
    let isSquare = flavour == .formats && chance(0.6)
    let height = min(isSquare ? 2 : pick(1...3), shape.dimensions[0])
    let width = min(isSquare ? 2 : pick(1...3), shape.dimensions[1])
    guard chance(0.4), height * width > 1 else {
      return Window(
        height: height, width: width, stride: pick(1...2),
        padding: pick(0...min(height, width) - 1))
    }
    let dilations = Spacing(
      rows: (height - 1) * 2 < shape.dimensions[0] ? pick(1...2) : 1,
      columns: (width - 1) * 2 < shape.dimensions[1] ? pick(1...2) : 1)
    return Window(
      height: height, width: width, strides: Spacing(rows: pick(1...2), columns: pick(1...3)),
      margins: Margins(
        top: pick(0...height - 1), left: pick(0...width - 1), bottom: pick(0...height - 1),
        right: pick(0...width - 1)), dilations: dilations)
  }

  private mutating func activation() -> Activation { chance(0.5) ? .relu : .relu6 }

  private mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &generator) < probability
  }

  private mutating func pick(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }
}

extension RandomModel {
  private mutating func annotate(_ graph: Graph) throws -> QuantizedModel {
    var weights = Weights()
    var arithmetic: [Node.ID: NodeArithmetic] = [:]
    var storage = graph.nodes.map { node in
      node.id == graph.output || !storesCodes() ? ValueStorage.float32 : .uint8(affine())
    }
    for node in graph.nodes {
      // Some values keep their operand's parameters, so that kernels on codes get their share.
      if let operand = node.inputs.first, storage[node.id] != .float32, chance(0.6) {
        storage[node.id] = storage[operand] == .float32 ? storage[node.id] : storage[operand]
      }
      for parameter in graph.parameters(of: node) {
        if parameter.role == .weight, flavour == .formats, !node.operation.isDepthwise {
          arithmetic[node.id] = try encoded(
            node, graph, isStored: storage[node.inputs[0]] != .float32 && !node.isRecurrence)
        } else if parameter.role == .weight, flavour == .reference {
          let rows = graph.weightRows(of: node)
          arithmetic[node.id] = .reference(
            weight: stored(rows: rows, columns: parameter.elementCount / rows),
            dynamic: storage[node.inputs[0]] == .float32 || node.isRecurrence
              ? [nil, DynamicRange.symmetric, .asymmetric][pick(0...2)] : nil)
        } else if parameter.role == .weight, usesIntegers() {
          let dynamic: DynamicRange? =
            storage[node.inputs[0]] == .float32 || node.isRecurrence
            ? (chance(0.5) ? .symmetric : .asymmetric) : nil
          let rows = graph.weightRows(of: node)
          arithmetic[node.id] = .integer(
            weight: matrix(
              rows: rows, columns: parameter.elementCount / rows,
              isDepthwise: node.operation.isDepthwise), dynamic: dynamic)
        } else {
          if parameter.role == .weight { arithmetic[node.id] = .float32 }
          let reach = 1 / Float(parameter.elementCount).squareRoot()
          weights[parameter.name] = Tensor(
            shape: parameter.shape,
            values: (0..<parameter.elementCount).map { _ in
              Float.random(in: -reach...reach, using: &generator)
            })
        }
      }
    }
    return QuantizedModel(
      graph: graph, weights: weights, arithmetic: arithmetic, storage: storage)
  }

  /// A weight in a format that fits its rows.
  private mutating func encoded(
    _ node: Node, _ graph: Graph, isStored: Bool
  ) throws -> NodeArithmetic {
    let rows = graph.weightRows(of: node)
    let columns = graph.summationLength(of: node)
    let dynamic: DynamicRange? = isStored ? nil : chance(0.5) ? .symmetric : .asymmetric
    var blocks = RandomBlocks(generator: SeededGenerator(seed: generator.next()))
    if chance(0.2) { return .bfloat16(weight: blocks.bfloat16(rows: rows, columns: columns)) }
    if columns.isMultiple(of: 64), chance(0.25) {
      return .codebook(
        weight: try blocks.codebook(
          chance(0.5) ? .nf4 : .nf4Nested, name: node.name, rows: rows, columns: columns),
        dynamic: dynamic)
    }
    if let format = blocks.format(columns: columns) {
      return .blocks(
        weight: try blocks.matrix(format, name: node.name, rows: rows, columns: columns),
        dynamic: dynamic)
    }
    return .integer(
      weight: matrix(rows: rows, columns: columns, isDepthwise: false), dynamic: dynamic)
  }

  private mutating func storesCodes() -> Bool {
    switch flavour {
    case .float, .dynamic: false
    case .fixed: true
    case .mixed, .reference, .formats: chance(0.5)
    }
  }

  private mutating func usesIntegers() -> Bool {
    switch flavour {
    case .float, .reference: false
    case .fixed, .dynamic, .formats: true
    case .mixed: chance(0.6)
    }
  }

  private mutating func stored(rows: Int, columns: Int) -> StoredMatrix {
    let reach = 1 / Float(columns).squareRoot()
    return StoredMatrix(
      format: "test", rows: rows, columns: columns,
      values: (0..<rows * columns).map { _ in Float.random(in: -reach...reach, using: &generator) },
      bytes: rows * columns)
  }

  private mutating func affine() -> AffineParameters {
    AffineParameters(
      scale: Float.random(in: 0.005...0.05, using: &generator), zeroPoint: Int32(pick(0...255)))
  }

  private mutating func matrix(rows: Int, columns: Int, isDepthwise: Bool) -> QuantizedMatrix {
    let bits = chance(0.3) ? pick(2...7) : chance(0.5) ? 8 : 4
    let granularity: Granularity
    switch pick(0...2) {
    case 0: granularity = .tensor
    case 1: granularity = .channel
    default:
      granularity = .group(isDepthwise ? columns + pick(0...3) : 8 * pick(1...4))
    }
    let isSymmetric = chance(0.5)
    let limit = 1 << (bits - 1)
    let reach = 2 / (Float(columns).squareRoot() * Float(limit))
    return QuantizedMatrix(
      rows: rows, columns: columns, bits: bits, granularity: granularity,
      codes: (0..<rows * columns).map { _ in Int8(pick(-limit...limit - 1)) },
      parameters: (0..<QuantizedMatrix.parameterCount(rows: rows, columns: columns, granularity))
        .map { _ in
          AffineParameters(
            scale: Float.random(in: reach / 4...reach, using: &generator),
            zeroPoint: isSymmetric ? 0 : Int32(pick(-limit...limit - 1)))
        })
  }
}

extension Node {
  /// Whether it multiplies its own state rather than its operand.
  fileprivate var isRecurrence: Bool { if case .recurrence = operation { true } else { false } }
}
