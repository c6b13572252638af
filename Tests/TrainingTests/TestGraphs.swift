import Graphs

/// Small graphs that put each operation between others, so that both of its gradients are used.
enum TestGraphs {
  /// Chains operations after an image input; each reads the one before.
  static func chain(_ input: [Int], _ operations: [Operation]) throws(GraphError) -> Graph {
    var nodes = [Node(id: 0, name: "input", operation: .input(Shape(input)), inputs: [])]
    for operation in operations {
      let id = nodes.count
      nodes.append(Node(id: id, name: "n\(id)", operation: operation, inputs: [id - 1]))
    }
    return try Graph(nodes)
  }

  static func convolution(
    _ channels: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true
  ) -> Operation {
    .convolution(
      outChannels: channels,
      window: Window(height: kernel, width: kernel, stride: stride, padding: padding),
      hasBias: bias)
  }

  static func depthwise(_ kernel: Int, stride: Int = 1, padding: Int = 0) -> Operation {
    .depthwiseConvolution(
      window: Window(height: kernel, width: kernel, stride: stride, padding: padding),
      hasBias: true)
  }

  static func head(_ classes: Int) -> Operation { .linear(outFeatures: classes, hasBias: true) }

  /// A residual network with fused and separate clamps, an operand read twice, and a final softmax.
  static func residual() throws(GraphError) -> Graph {
    try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([6, 5, 2])), inputs: []),
      Node(id: 1, name: "stem", operation: convolution(5, 3, padding: 1, bias: false), inputs: [0]),
      Node(id: 2, name: "norm", operation: .batchNormalization(epsilon: 1e-5), inputs: [1]),
      Node(id: 3, name: "relu", operation: .activation(.relu), inputs: [2]),
      Node(
        id: 4, name: "body", operation: convolution(5, 3, padding: 1), inputs: [3],
        fusedActivation: .relu6),
      Node(id: 5, name: "sum", operation: .add, inputs: [3, 4], fusedActivation: .relu),
      Node(id: 6, name: "pool", operation: .globalAveragePooling, inputs: [5]),
      Node(id: 7, name: "head", operation: head(4), inputs: [6]),
      Node(id: 8, name: "probabilities", operation: .softmax, inputs: [7]),
    ])
  }

  /// Every operation, by name.
  static func all() throws(GraphError) -> [(name: String, graph: Graph)] {
    let pool = Window(height: 2, width: 3, stride: 2, padding: 1)
    let uneven = Window(
      height: 2, width: 3, strides: Spacing(rows: 1, columns: 2),
      margins: Margins(top: 1, left: 0, bottom: 0, right: 2))
    let dilated = Window(
      height: 2, width: 2, strides: Spacing(1),
      margins: Margins(top: 0, left: 1, bottom: 2, right: 0),
      dilations: Spacing(rows: 3, columns: 1))
    return [
      ("linear", try chain([7], [head(6), .activation(.relu), head(5)])),
      ("softmax in the middle", try chain([7], [head(6), .softmax, head(5)])),
      (
        "batch norm of vectors",
        try chain([7], [head(6), .batchNormalization(epsilon: 1e-3), head(5)])
      ),
      (
        "convolution",
        try chain(
          [7, 6, 2],
          [
            convolution(3, 3, padding: 1), convolution(4, 3, stride: 2, padding: 1), .flatten,
            head(3),
          ])
      ),
      (
        "pointwise convolution",
        try chain([4, 4, 3], [convolution(5, 1), convolution(3, 1, stride: 2), .flatten, head(3)])
      ),
      (
        "oblong window",
        try chain(
          [6, 7, 2],
          [
            convolution(3, 1),
            .convolution(
              outChannels: 3, window: Window(height: 1, width: 4, stride: 3, padding: 2),
              hasBias: false), .flatten, head(3),
          ])
      ),
      (
        "windows that differ between directions",
        try chain(
          [7, 8, 2],
          [
            convolution(4, 1), .convolution(outChannels: 4, window: uneven, hasBias: true),
            .depthwiseConvolution(window: dilated, hasBias: true),
            .averagePooling(dilated), .maxPooling(uneven), .flatten, head(3),
          ])
      ),
      (
        "depthwise",
        try chain(
          [7, 6, 2],
          [convolution(4, 1), depthwise(3, padding: 1), depthwise(3, stride: 2), .flatten, head(3)])
      ),
      (
        "batch norm of images",
        try chain(
          [5, 4, 2],
          [
            convolution(4, 3, bias: false), .batchNormalization(epsilon: 1e-5), .activation(.relu6),
            .flatten, head(3),
          ])
      ),
      (
        "max pooling",
        try chain([6, 7, 2], [convolution(3, 3), .maxPooling(pool), .flatten, head(3)])
      ),
      (
        "average pooling",
        try chain([6, 7, 2], [convolution(3, 3), .averagePooling(pool), .flatten, head(3)])
      ),
      ("residual", try residual()),
    ]
  }
}
