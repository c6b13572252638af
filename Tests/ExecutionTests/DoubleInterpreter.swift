import Graphs

#if canImport(Glibc)
  import Glibc
#endif

/// Evaluates an fp32 model in double precision, by scattering every operand element to the outputs
/// it takes part in: another way round than the kernels and the bit-exact reference.
struct DoubleInterpreter {
  let model: QuantizedModel

  /// The graph's output for one example.
  func output(for input: [Float]) -> [Double] {
    var values: [[Double]] = []
    for node in model.graph.nodes {
      let operands = node.inputs.map { values[$0] }
      var result: [Double]
      switch node.operation {
      case .input: result = input.map(Double.init)
      case .linear: result = linear(node, operands[0])
      case .convolution(_, let window, _):
        result = scatter(node, window, operands[0], biases(node)) {
          sum, x, channel, tap, inChannel, inChannels in
          sum + x * weight(node, (channel * window.taps + tap) * inChannels + inChannel)
        }
      case .transposedConvolution(_, let window, _, _): result = spread(node, window, operands[0])
      case .recurrence(let recurrence): result = recur(node, recurrence, operands[0])
      case .multiply:
        let count = operands[1].count
        result = operands[0].enumerated().map { $1 * operands[1][$0 % count] }
      case .function(let function):
        result = operands[0].map { ReferenceFunction(function).exact($0) }
      case .depthwiseConvolution(let window, _):
        result = scatter(node, window, operands[0], biases(node)) {
          sum, x, channel, tap, inChannel, inChannels in
          channel == inChannel ? sum + x * weight(node, tap * inChannels + channel) : sum
        }
      case .maxPooling(let window):
        result = scatter(node, window, operands[0], nil, from: -.infinity) {
          best, x, channel, _, inChannel, _ in channel == inChannel ? max(best, x) : best
        }
      case .averagePooling(let window): result = average(node, window, operands[0])
      case .globalAveragePooling:
        let image = model.graph.shapes[node.inputs[0]].dimensions
        result = average(node, Window(height: image[0], width: image[1]), operands[0])
      case .add: result = zip(operands[0], operands[1]).map { $0 + $1 }
      case .activation(let activation): result = clamp(operands[0], activation)
      case .softmax:
        let powers = operands[0].map { exp($0) }
        result = powers.map { $0 / powers.reduce(0, +) }
      default: result = operands[0]
      }
      if let activation = node.fusedActivation { result = clamp(result, activation) }
      values.append(result)
    }
    return values[model.graph.output]
  }

  private func clamp(_ values: [Double], _ activation: Activation) -> [Double] {
    values.map { min(max($0, Double(activation.lowerBound)), Double(activation.upperBound)) }
  }

  private func weight(_ node: Node, _ index: Int) -> Double {
    Double(model.weights["\(node.name).weight"]?.values[index] ?? .nan)
  }

  private func biases(_ node: Node) -> [Double]? {
    model.weights["\(node.name).bias"]?.values.map(Double.init)
  }

  private func linear(_ node: Node, _ operand: [Double]) -> [Double] {
    let biases = biases(node)
    return (0..<model.graph.shapes[node.id].elementCount).map { output in
      operand.indices.reduce(biases?[output] ?? 0) {
        $0 + operand[$1] * weight(node, output * operand.count + $1)
      }
    }
  }

  /// Every pixel's product with the whole window, added where it falls.
  private func spread(_ node: Node, _ window: Window, _ operand: [Double]) -> [Double] {
    let image = model.graph.shapes[node.inputs[0]].dimensions
    let shape = model.graph.shapes[node.id]
    let biases = biases(node)
    var result = (0..<shape.elementCount).map { biases?[$0 % shape.channels] ?? 0 }
    for (index, x) in operand.enumerated() {
      let (pixel, inChannel) = index.quotientAndRemainder(dividingBy: image[2])
      for tap in 0..<window.taps {
        let row =
          pixel / image[1] * window.strides.rows - window.margins.top
          + tap / window.width * window.dilations.rows
        let column =
          pixel % image[1] * window.strides.columns - window.margins.left
          + tap % window.width * window.dilations.columns
        guard (0..<shape.dimensions[0]).contains(row),
          (0..<shape.dimensions[1]).contains(column)
        else { continue }
        for channel in 0..<shape.channels {
          result[(row * shape.dimensions[1] + column) * shape.channels + channel] +=
            x * weight(node, (channel * window.taps + tap) * image[2] + inChannel)
        }
      }
    }
    return result
  }

  private func average(_ node: Node, _ window: Window, _ operand: [Double]) -> [Double] {
    let sums = scatter(node, window, operand, nil) { sum, x, channel, _, inChannel, _ in
      channel == inChannel ? sum + x : sum
    }
    let counts = scatter(node, window, operand, nil) { sum, _, channel, _, inChannel, _ in
      channel == inChannel ? sum + 1 : sum
    }
    return zip(sums, counts).map { $0 / $1 }
  }

  private func scatter(
    _ node: Node, _ window: Window, _ operand: [Double], _ biases: [Double]?,
    from start: Double = 0,
    _ body: (
      _ sum: Double, _ x: Double, _ channel: Int, _ tap: Int, _ inChannel: Int, _ inChannels: Int
    ) -> Double
  ) -> [Double] {
    let image = model.graph.shapes[node.inputs[0]].dimensions
    let shape = model.graph.shapes[node.id]
    let extent = shape.rank == 3 ? shape.dimensions : [1, 1, shape.channels]
    var result = (0..<shape.elementCount).map { biases?[$0 % extent[2]] ?? start }
    for (index, x) in operand.enumerated() {
      let (pixel, inChannel) = index.quotientAndRemainder(dividingBy: image[2])
      for tap in 0..<window.taps {
        let y =
          pixel / image[1] + window.margins.top - tap / window.width * window.dilations.rows
        let column =
          pixel % image[1] + window.margins.left - tap % window.width * window.dilations.columns
        let (rows, columns) = (window.strides.rows, window.strides.columns)
        guard y >= 0, column >= 0, y % rows == 0, column % columns == 0, y / rows < extent[0],
          column / columns < extent[1]
        else { continue }
        let place = (y / rows * extent[1] + column / columns) * extent[2]
        for channel in 0..<extent[2] {
          result[place + channel] = body(
            result[place + channel], x, channel, tap, inChannel, image[2])
        }
      }
    }
    return result
  }
}
