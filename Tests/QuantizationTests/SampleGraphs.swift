import Graphs
import TestSupport

/// Graphs that several suites quantize.
enum SampleGraphs {
  /// conv–bn–relu, depthwise–bn–relu6, conv–bn, residual add, relu, max pooling, global pooling, linear,
  /// softmax: everything an image family is made of.
  static func residual() throws -> Graph {
    var graph = GraphBuilder([6, 6, 2])
    let three = Window(height: 3, width: 3, padding: 1)
    let conv = graph.add(
      "conv1", .convolution(outChannels: 8, window: three, hasBias: false), 0)
    let norm = graph.add("norm1", .batchNormalization(epsilon: 1e-3), conv)
    let relu = graph.add("relu1", .activation(.relu), norm)
    let depthwise = graph.add("dw", .depthwiseConvolution(window: three, hasBias: true), relu)
    let norm2 = graph.add("norm2", .batchNormalization(epsilon: 1e-3), depthwise)
    let relu2 = graph.add("relu2", .activation(.relu6), norm2)
    let point = graph.add(
      "point",
      .convolution(outChannels: 8, window: Window(height: 1, width: 1), hasBias: false), relu2)
    let norm3 = graph.add("norm3", .batchNormalization(epsilon: 1e-3), point)
    let sum = graph.add("sum", .add, relu, norm3)
    let relu3 = graph.add("relu3", .activation(.relu), sum)
    let pool = graph.add("pool", .maxPooling(Window(height: 2, width: 2, stride: 2)), relu3)
    let mean = graph.add("mean", .globalAveragePooling, pool)
    let head = graph.add("head", .linear(outFeatures: 3, hasBias: true), mean)
    graph.add("probabilities", .softmax, head)
    return try Graph(graph.nodes)
  }

  /// flatten–linear–relu–linear.
  static func perceptron(inputs: Int = 20) throws -> Graph {
    var graph = GraphBuilder([1, inputs, 1])
    let flat = graph.add("flat", .flatten, 0)
    let hidden = graph.add("hidden", .linear(outFeatures: 12, hasBias: true), flat)
    let relu = graph.add("relu", .activation(.relu), hidden)
    graph.add("head", .linear(outFeatures: 3, hasBias: true), relu)
    return try Graph(graph.nodes)
  }

  static func input(_ graph: Graph, using random: inout SeededGenerator) -> [Double] {
    (0..<graph.inputShape.elementCount).map { _ in Double.random(in: -2...2, using: &random) }
  }
}
