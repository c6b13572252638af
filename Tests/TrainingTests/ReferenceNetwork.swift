import Foundation
import Graphs

/// The same mathematics as training, in double precision and by the plainest loops: what gradients are
/// checked against. Shares no code with the module under test.
struct ReferenceNetwork {
  let graph: Graph
  var tensors: [String: [Double]]
  /// Tokens of a sequence: consecutive rows; 1 where rows are independent examples.
  let tokens: Int
  /// Parameters that are another one under a second name.
  let tied: [String: String]

  init(graph: Graph, weights: Weights, tokens: Int = 1, tied: [String: String] = [:]) {
    self.graph = graph
    self.tokens = tokens
    self.tied = tied
    tensors = weights.tensors.mapValues { $0.values.map(Double.init) }
  }

  /// The values of a parameter, under either name of a tied one.
  func values(_ name: String) -> [Double]? { tensors[tied[name] ?? name] }

  /// Mean softmax cross-entropy over the rows with a label (not −1), batch normalization with the batch's
  /// statistics.
  func loss(inputs: [Double], labels: [Int]) -> Double {
    let logits = forward(inputs: inputs)
    let classes = logits.count / labels.count
    var total = 0.0
    for (example, label) in labels.enumerated() where label >= 0 {
      let row = Array(logits[example * classes..<(example + 1) * classes])
      let maximum = row.max() ?? 0
      total += log(row.reduce(0) { $0 + exp($1 - maximum) }) + maximum - row[label]
    }
    return total / Double(labels.count { $0 >= 0 })
  }

  /// The values the loss works on.
  func forward(inputs: [Double]) -> [Double] {
    var values: [[Double]] = []
    for node in graph.nodes {
      if node.id == graph.output, node.operation == .softmax { return values[node.inputs[0]] }
      var value = result(of: node, values, inputs: inputs)
      if let activation = node.fusedActivation { value = value.map { clamp($0, activation) } }
      values.append(value)
    }
    return values[graph.output]
  }

  private func clamp(_ value: Double, _ activation: Activation) -> Double {
    min(max(value, Double(activation.lowerBound)), Double(activation.upperBound))
  }

  private func result(
    of node: Node, _ values: [[Double]], inputs: [Double]
  ) -> [Double] {
    let x = node.inputs.first.map { values[$0] } ?? inputs
    let shape = node.inputs.first.map { graph.shapes[$0] } ?? graph.inputShape
    let outShape = graph.shapes[node.id]
    let batch = x.count / shape.elementCount
    let weight = self.values("\(node.name).weight") ?? []
    let bias = self.values("\(node.name).bias")
    switch node.operation {
    case .input, .flatten: return x
    case .linear(let outputs, _):
      let size = shape.elementCount
      return elements(batch, outputs) { example, output in
        (0..<size).reduce(bias?[output] ?? 0) {
          $0 + x[example * size + $1] * weight[output * size + $1]
        }
      }
    case .convolution(_, let window, _):
      let channels = shape.channels
      return slide(window, shape, outShape, batch) { example, output, taps in
        taps.reduce(bias?[output] ?? 0) { sum, tap in
          (0..<channels).reduce(sum) {
            let place = example * shape.elementCount + tap.place + $1
            return $0 + x[place] * weight[(output * window.taps + tap.index) * channels + $1]
          }
        }
      }
    case .depthwiseConvolution(let window, _):
      return slide(window, shape, outShape, batch) { example, output, taps in
        taps.reduce(bias?[output] ?? 0) {
          $0 + x[example * shape.elementCount + $1.place + output]
            * weight[$1.index * shape.channels + output]
        }
      }
    case .batchNormalization(let epsilon):
      return normalized(x, channels: shape.channels, node.name, Double(epsilon))
    case .activation(let activation): return x.map { clamp($0, activation) }
    case .add: return zip(x, values[node.inputs[1]]).map { $0 + $1 }
    case .maxPooling(let window):
      return slide(window, shape, outShape, batch) { example, output, taps in
        taps.map { x[example * shape.elementCount + $0.place + output] }.max() ?? 0
      }
    case .averagePooling(let window):
      return slide(window, shape, outShape, batch) { example, output, taps in
        taps.reduce(0) { $0 + x[example * shape.elementCount + $1.place + output] }
          / Double(taps.count)
      }
    case .globalAveragePooling:
      let pixels = shape.elementCount / shape.channels
      return elements(batch, shape.channels) { example, channel in
        (0..<pixels).reduce(0) {
          $0 + x[example * shape.elementCount + $1 * shape.channels + channel]
        } / Double(pixels)
      }
    case .softmax:
      let size = shape.elementCount
      return elements(batch, size) { example, index in
        let row = x[example * size..<(example + 1) * size].map { exp($0) }
        return row[index] / row.reduce(0, +)
      }
    default: return sequenceResult(of: node, node.inputs.map { values[$0] })
    }
  }

  private func elements(
    _ batch: Int, _ size: Int, _ element: (Int, Int) -> Double
  ) -> [Double] {
    (0..<batch * size).map { element($0 / size, $0 % size) }
  }

  private func slide(
    _ window: Window, _ shape: Shape, _ outShape: Shape, _ batch: Int,
    _ element: (Int, Int, [(index: Int, place: Int)]) -> Double
  ) -> [Double] {
    let (height, width) = (shape.dimensions[0], shape.dimensions[1])
    return elements(batch, outShape.elementCount) { example, index in
      let position = index / outShape.channels
      let top = position / outShape.dimensions[1] * window.strides.rows - window.margins.top
      let left = position % outShape.dimensions[1] * window.strides.columns - window.margins.left
      var taps: [(index: Int, place: Int)] = []
      for tap in 0..<window.taps {
        let y = top + tap / window.width * window.dilations.rows
        let x = left + tap % window.width * window.dilations.columns
        if (0..<height).contains(y), (0..<width).contains(x) {
          taps.append((tap, (y * width + x) * shape.channels))
        }
      }
      return element(example, index % outShape.channels, taps)
    }
  }

  private func normalized(
    _ x: [Double], channels: Int, _ name: String, _ epsilon: Double
  ) -> [Double] {
    var y = x
    for channel in 0..<channels {
      let places = Array(stride(from: channel, to: x.count, by: channels))
      let mean = places.reduce(0) { $0 + x[$1] } / Double(places.count)
      let variance =
        places.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / Double(places.count)
      for place in places {
        y[place] =
          (x[place] - mean) / (variance + epsilon).squareRoot()
          * (tensors["\(name).scale"]?[channel] ?? 1) + (tensors["\(name).shift"]?[channel] ?? 0)
      }
    }
    return y
  }
}
