import Foundation
import Graphs

/// One sequence at a time in double precision, whole: no cache, no parts.
struct DoubleSequenceInterpreter {
  let model: QuantizedModel

  /// The outputs of the selected rows, one after the other.
  func outputs(for ids: [Float]) -> [Double] {
    var values: [[[Double]]] = []
    for node in model.graph.nodes {
      let operands = node.inputs.map { values[$0] }
      values.append(compute(node, operands, ids))
    }
    return values[model.graph.output].flatMap(\.self)
  }

  private func parameter(_ node: Node, _ role: String) -> [Double] {
    (model.weights["\(node.name).\(role)"]?.values ?? []).map(Double.init)
  }

  private func compute(_ node: Node, _ operands: [[[Double]]], _ ids: [Float]) -> [[Double]] {
    switch node.operation {
    case .input: return ids.map { [Double($0)] }
    case .embedding(_, let features):
      let table = parameter(node, "weight")
      return ids.map { Array(table[Int($0) * features..<(Int($0) + 1) * features]) }
    case .positionEmbedding:
      let table = parameter(node, "weight")
      return operands[0].enumerated().map { position, row in
        row.enumerated().map { $1 + table[position * row.count + $0] }
      }
    case .linear: return operands[0].map { linear(node, $0) }
    case .add: return zip(operands[0], operands[1]).map { zip($0, $1).map(+) }
    case .gatedSilu:
      return zip(operands[0], operands[1]).map { zip($0, $1).map { $0 / (1 + exp(-$0)) * $1 } }
    case .function(let function):
      return operands[0].map { $0.map { ReferenceFunction(function).exact($0) } }
    case .normalization(let normalization):
      return operands[0].map { normalize(node, normalization, $0) }
    case .rotaryEmbedding(let rotary):
      return operands[0].enumerated().map { turn($1, rotary, position: $0) }
    case .attention(let attention): return attend(attention, operands)
    case .tokens(.requested): return operands[0]
    case .tokens(.first): return [operands[0][0]]
    case .tokens(.mean):
      return [
        operands[0][0].indices.map { column in
          operands[0].reduce(0) { $0 + $1[column] } / Double(operands[0].count)
        }
      ]
    case .unitLength:
      return operands[0].map { row in
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
      }
    case .routing(let routing):
      return operands[0].map { scores in
        let choice = ExpertTests.choice(
          scores, routing.chosen, isNormalized: routing.isNormalized)
        return choice.map { Double($0.expert) } + choice.map(\.weight)
      }
    case .experts(let layer):
      return zip(operands[0], operands[1]).map { row, routing in
        (0..<layer.chosen).flatMap { place -> [Double] in
          let expert = node.weighted[Int(routing[place])]
          guard layer.operand == .own else { return linear(expert, row, layer.outFeatures) }
          let length = row.count / layer.chosen
          return linear(
            expert, Array(row[place * length..<(place + 1) * length]), layer.outFeatures)
        }
      }
    case .mixture(let chosen):
      return zip(operands[0], operands[1]).map { row, routing in
        let count = row.count / chosen
        return (0..<count).map { column in
          (0..<chosen).reduce(0.0) { $0 + routing[chosen + $1] * row[$1 * count + column] }
        }
      }
    default: return operands.first ?? []
    }
  }

  private func linear(_ node: Node, _ row: [Double], _ outputs: Int? = nil) -> [Double] {
    let weight = parameter(node, "weight")
    let bias = parameter(node, "bias")
    return (0..<(outputs ?? model.graph.shapes[node.id].elementCount)).map { output in
      row.indices.reduce(bias.isEmpty ? 0 : bias[output]) {
        $0 + row[$1] * weight[output * row.count + $1]
      }
    }
  }

  private func normalize(_ node: Node, _ kind: Normalization, _ row: [Double]) -> [Double] {
    let weight = parameter(node, "weight")
    let bias = parameter(node, "bias")
    let size = row.count / kind.parts
    return (0..<kind.parts).flatMap { part -> [Double] in
      let values = row[part * size..<(part + 1) * size]
      let mean = kind.kind == .layer ? values.reduce(0, +) / Double(size) : 0
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      return values.enumerated().map {
        ($1 - mean) / (square + Double(kind.epsilon)).squareRoot() * weight[$0]
          + (bias.isEmpty ? 0 : bias[$0])
      }
    }
  }

  private func turn(_ row: [Double], _ rotary: RotaryEmbedding, position: Int) -> [Double] {
    var result = row
    let half = rotary.rotary / 2
    for head in 0..<rotary.heads {
      for pair in 0..<half {
        let angle =
          Double(position) * pow(rotary.base, -2 * Double(pair) / Double(rotary.rotary))
        let first = head * rotary.headSize + (rotary.pairing == .halves ? pair : 2 * pair)
        let second = rotary.pairing == .halves ? first + half : first + 1
        result[first] = row[first] * cos(angle) - row[second] * sin(angle)
        result[second] = row[second] * cos(angle) + row[first] * sin(angle)
      }
    }
    return result
  }

  private func attend(_ attention: Attention, _ operands: [[[Double]]]) -> [[Double]] {
    let size = attention.headSize
    let group = attention.heads / attention.keyValueHeads
    return operands[0].indices.map { token in
      let end = attention.isCausal ? token + 1 : operands[0].count
      let begin = attention.window.map { max(0, token + 1 - $0) } ?? 0
      return (0..<attention.heads).flatMap { head -> [Double] in
        let query = operands[0][token][head * size..<(head + 1) * size]
        let place = head / group * size
        let scores = (begin..<end).map { past in
          zip(query, operands[1][past][place..<place + size]).reduce(0) { $0 + $1.0 * $1.1 }
            * Double(attention.scale)
        }
        let powers = scores.map { exp($0 - (scores.max() ?? 0)) }
        let sum = powers.reduce(0, +)
        return (0..<size).map { element in
          zip(begin..<end, powers).reduce(0) {
            $0 + operands[2][$1.0][place + element] * $1.1 / sum
          }
        }
      }
    }
  }
}
