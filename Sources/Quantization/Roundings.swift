import Graphs
import NumberFormats

extension Graph {
  /// The graph without a checkpoint's own roundings: what was trained, as far as the file tells. Where codes end,
  /// values still do: quantizers leave out clamps that the range of codes makes.
  ///
  /// - Throws: `QuantizationError.graph`, if the result were not a graph.
  func withoutRoundings() throws(QuantizationError) -> Graph {
    guard nodes.contains(where: \.operation.isRounding) else { return self }
    var rewrite = GraphRewrite()
    for node in nodes {
      guard case .rounding(let affine) = node.operation else {
        rewrite.keep(node)
        continue
      }
      let zeroPoint = Float(affine.zeroPoint)
      let clamp = Mapping.clamp(
        low: (0 - zeroPoint) * affine.scale, high: (255 - zeroPoint) * affine.scale)
      rewrite.append(
        name: node.name, .tensor(.map(clamp)), inputs: node.inputs,
        activation: node.fusedActivation, for: node.id)
    }
    return try rewrite.graph()
  }

  /// Where a checkpoint's own roundings leave codes: their results; what they alone read, where a kernel can
  /// write codes; and what only names the same elements anew.
  func roundedStorage() -> [ValueStorage] {
    var storage = [ValueStorage](repeating: .float32, count: nodes.count)
    for node in nodes where node.id != output {
      if case .rounding(let affine) = node.operation { storage[node.id] = .uint8(affine) }
    }
    let readers = consumers
    for node in nodes {
      guard case .rounding(let affine) = node.operation, let producer = node.inputs.first,
        producer != output, readers[producer].count == 1, nodes[producer].operation.writesCodes
      else { continue }
      storage[producer] = .uint8(affine)
    }
    for node in nodes where node.id != output {
      switch node.operation {
      case .flatten, .tensor(.reshape):
        if node.fusedActivation == nil { storage[node.id] = storage[node.inputs[0]] }
      case .maxPooling, .activation:
        guard readers[node.id].count == 1, let reader = readers[node.id].first,
          nodes[reader].operation.isRounding, storage[reader] == storage[node.inputs[0]]
        else { continue }
        storage[node.id] = storage[reader]
      default: continue
      }
    }
    return storage
  }
}

extension Operation {
  /// Whether it is a checkpoint's own rounding.
  fileprivate var isRounding: Bool { if case .rounding = self { true } else { false } }

  /// Whether a kernel writes codes of other parameters than its operand's.
  fileprivate var writesCodes: Bool {
    switch self {
    case .linear, .convolution, .transposedConvolution, .depthwiseConvolution, .add, .multiply,
      .averagePooling, .globalAveragePooling, .input:
      true
    default: false
    }
  }
}
