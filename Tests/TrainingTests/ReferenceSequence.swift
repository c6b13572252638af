import Foundation
import Graphs

/// The operators of graphs over sequences, again by the plainest loops.
extension ReferenceNetwork {
  func sequenceResult(of node: Node, _ operands: [[Double]]) -> [Double] {
    let x = operands[0]
    let size = graph.shapes[node.id].elementCount
    let weight = values("\(node.name).weight") ?? []
    switch node.operation {
    case .function(let function): return x.map { apply(function, $0) }
    case .gatedSilu: return zip(x, operands[1]).map { apply(.silu, $0) * $1 }
    case .embedding:
      return x.flatMap { id in weight[Int(id) * size..<(Int(id) + 1) * size] }
    case .positionEmbedding:
      return x.indices.map { x[$0] + weight[$0 / size % tokens * size + $0 % size] }
    case .normalization(let normalization):
      let part = size / normalization.parts
      return rows(x, part).flatMap { normalized($0, normalization, node.name) }
    case .rotaryEmbedding(let rotary):
      return rows(x, rotary.headSize).enumerated().flatMap { index, head in
        turned(head, rotary, position: index / rotary.heads % tokens)
      }
    case .attention(let attention):
      let sequences = operands.map { rows($0, $0.count / (x.count / size) * tokens) }
      return sequences[0].indices.flatMap {
        attended(sequences[0][$0], sequences[1][$0], sequences[2][$0], attention)
      }
    case .tokens(let selection):
      guard selection != .requested else { return x }
      return rows(x, tokens * size).flatMap { sequence in
        (0..<size).map { column in
          let values = stride(from: column, to: sequence.count, by: size).map { sequence[$0] }
          return selection == .first ? values[0] : values.reduce(0, +) / Double(tokens)
        }
      }
    case .unitLength:
      return rows(x, size).flatMap { row in
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / max(length, 1e-12) }
      }
    default: preconditionFailure("no reference for \(node.operation.name)")
    }
  }

  private func rows(_ values: [Double], _ size: Int) -> [[Double]] {
    stride(from: 0, to: values.count, by: size).map { Array(values[$0..<$0 + size]) }
  }

  private func apply(_ function: ElementFunction, _ x: Double) -> Double {
    switch function {
    case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh:
      0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .silu: x / (1 + exp(-x))
    default: preconditionFailure("training knows no gradient of \(function.name)")
    }
  }

  private func normalized(
    _ x: [Double], _ normalization: Normalization, _ name: String
  ) -> [Double] {
    let mean = normalization.kind == .layer ? x.reduce(0, +) / Double(x.count) : 0
    let square = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let deviation = (square + Double(normalization.epsilon)).squareRoot()
    let weight = values("\(name).weight") ?? []
    let bias = values("\(name).bias") ?? Array(repeating: 0, count: x.count)
    return x.indices.map { (x[$0] - mean) / deviation * weight[$0] + bias[$0] }
  }

  private func turned(_ head: [Double], _ rotary: RotaryEmbedding, position: Int) -> [Double] {
    var result = head
    for pair in 0..<rotary.rotary / 2 {
      let isInterleaved = rotary.pairing == .interleaved
      let first = isInterleaved ? 2 * pair : pair
      let second = isInterleaved ? 2 * pair + 1 : pair + rotary.rotary / 2
      let divisor = rotary.frequencyDivisors.isEmpty ? 1 : rotary.frequencyDivisors[pair]
      let frequency = pow(rotary.base, -2 * Double(pair) / Double(rotary.rotary)) / divisor
      let angle = Double(position) * rotary.positionScale * frequency
      let (c, s) = (cos(angle) * rotary.magnitude, sin(angle) * rotary.magnitude)
      result[first] = head[first] * c - head[second] * s
      result[second] = head[second] * c + head[first] * s
    }
    return result
  }

  private func attended(
    _ query: [Double], _ key: [Double], _ value: [Double], _ attention: Attention
  ) -> [Double] {
    let size = attention.headSize
    var result: [Double] = []
    for token in 0..<tokens {
      for head in 0..<attention.heads {
        let shared = head / (attention.heads / attention.keyValueHeads)
        func place(_ other: Int) -> Int { (other * attention.keyValueHeads + shared) * size }
        let seen = (0..<tokens).filter {
          !attention.isCausal || ($0 <= token && token - $0 < attention.window ?? tokens)
        }
        let powers = seen.map { other in
          exp(
            Double(attention.scale)
              * (0..<size).reduce(0) {
                $0 + query[(token * attention.heads + head) * size + $1] * key[place(other) + $1]
              })
        }
        let sum = powers.reduce(0, +)
        for element in 0..<size {
          result.append(
            zip(seen, powers).reduce(0) { $0 + $1.1 / sum * value[place($1.0) + element] })
        }
      }
    }
    return result
  }
}
