import Checkpoints
import Graphs

extension ONNXOperator {
  /// Sums of products written with letters for axes.
  static let einsum: [ONNXOperator] = [
    ONNXOperator("Einsum") { (importer) throws(CheckpointError) in [try importer.einsum()] }
  ]
}

/// A value whose axes have labels: a letter's number, or a negative one for what an ellipsis stands for.
private struct LabelledValue {
  let value: ImportedValue
  let labels: [Int]

  func extent(_ label: Int) -> Int {
    labels.firstIndex(of: label).map { value.shape[$0] } ?? 1
  }

  func product(_ labels: [Int]) -> Int { labels.reduce(1) { $0 * extent($1) } }
}

extension ONNXImporter {
  /// The operands' sum of products, two operands at a time from the left.
  fileprivate mutating func einsum() throws(CheckpointError) -> ImportedValue {
    let operands = try operands()
    let equation = try text("equation", "").filter { $0 != " " }
    let (terms, result) = try terms(of: equation, operands)
    var values: [LabelledValue] = []
    for (operand, labels) in zip(operands, terms) {
      values.append(try diagonal(LabelledValue(value: operand, labels: labels)))
    }
    var sum = values[0]
    for place in values.indices {
      let later = values.dropFirst(place + 1).flatMap(\.labels)
      let needed = Set(result + later)
      if place > 0 {
        let next = try summed(values[place], keeping: needed.union(sum.labels))
        sum = try contracted(sum, next, keeping: needed)
      }
      sum = try summed(sum, keeping: needed)
    }
    // An axis that the sum lacks is an error that `terms` has found.
    let order = result.compactMap { sum.labels.firstIndex(of: $0) }
    return try permuted(sum.value, order)
  }

  /// The labels of every operand's axes and of the result's.
  private func terms(
    of equation: String, _ operands: [ImportedValue]
  ) throws(CheckpointError) -> (operands: [[Int]], result: [Int]) {
    let sides = equation.split(separator: ">", omittingEmptySubsequences: false)
    let isExplicit = sides.count == 2 && sides[0].hasSuffix("-")
    guard sides.count == 1 || isExplicit else {
      throw failure("an equation with at most one '->'", "'\(equation)'")
    }
    let left = isExplicit ? sides[0].dropLast() : sides[0]
    let texts = left.split(separator: ",", omittingEmptySubsequences: false)
    guard texts.count == operands.count else {
      throw failure("\(operands.count) terms", "'\(equation)'")
    }
    var terms: [[Int]] = []
    var hidden = 0
    for (text, operand) in zip(texts, operands) {
      let letters = text.count { $0 != "." }
      let rest = operand.shape.count - letters
      guard rest == 0 || rest > 0 && text.contains("...") else {
        throw failure("as many letters as axes of \(Shape(operand.shape))", "'\(text)'")
      }
      hidden = max(hidden, rest)
      terms.append(try labels(text, hidden: rest))
    }
    var extents: [Int: Int] = [:]
    for (labels, operand) in zip(terms, operands) {
      for (label, extent) in zip(labels, operand.shape) {
        // What an ellipsis stands for is repeated where it is 1.
        let known = extents[label] ?? (label < 0 ? 1 : extent)
        guard known == extent || label < 0 && (known == 1 || extent == 1) else {
          throw failure("equal extents under one letter", "\(known) and \(extent)")
        }
        extents[label] = max(known, extent)
      }
    }
    let all = terms.flatMap { $0 }
    guard isExplicit else {
      let single = Set(all).filter { label in all.count { $0 == label } == 1 || label < 0 }
      return (terms, single.sorted())
    }
    let result = try labels(sides[1], hidden: sides[1].contains("...") ? hidden : 0)
    guard Set(result).count == result.count, Set(result).isSubset(of: all) else {
      throw failure("letters of the operands in the result, each once", "'\(sides[1])'")
    }
    return (terms, result)
  }

  private func labels(
    _ text: Substring, hidden: Int
  ) throws(CheckpointError) -> [Int] {
    var labels: [Int] = []
    var rest = text
    while let letter = rest.first {
      if rest.hasPrefix("...") {
        labels += Array(-hidden..<0)
        rest = rest.dropFirst(3)
        guard !rest.contains(".") else { throw failure("one ellipsis", "'\(text)'") }
        continue
      }
      guard letter.isASCII, letter.isLetter, let value = letter.asciiValue else {
        throw failure("letters", "'\(letter)'")
      }
      labels.append(Int(value))
      rest = rest.dropFirst()
    }
    return labels
  }

  /// The elements whose places along axes of one label are equal.
  private mutating func diagonal(
    _ operand: LabelledValue
  ) throws(CheckpointError) -> LabelledValue {
    var labels: [Int] = []
    for label in operand.labels where !labels.contains(label) { labels.append(label) }
    guard labels.count < operand.labels.count else { return operand }
    let strides = Shape(operand.value.shape).strides
    let view = View(
      shape: Shape(labels.map(operand.extent)),
      strides: labels.map { label in
        operand.labels.indices.reduce(0) {
          $0 + (operand.labels[$1] == label ? strides[$1] : 0)
        }
      })
    return LabelledValue(value: try apply(.view(view), [operand.value]), labels: labels)
  }

  /// The sum over axes that nothing needs any more.
  private mutating func summed(
    _ operand: LabelledValue, keeping needed: Set<Int>
  ) throws(CheckpointError) -> LabelledValue {
    let axes = operand.labels.indices.filter { !needed.contains(operand.labels[$0]) }
    guard !axes.isEmpty else { return operand }
    let labels = operand.labels.filter(needed.contains)
    let sum = try apply(.reduction(.sum, axes: axes), [operand.value])
    return LabelledValue(
      value: try reshaped(sum, to: labels.map(operand.extent)), labels: labels)
  }

  /// The product of two values, summed over the labels of both that are not needed.
  private mutating func contracted(
    _ left: LabelledValue, _ right: LabelledValue, keeping needed: Set<Int>
  ) throws(CheckpointError) -> LabelledValue {
    let shared = left.labels.filter(right.labels.contains)
    let batch = shared.filter(needed.contains)
    let inner = shared.filter { !needed.contains($0) }
    let rows = left.labels.filter { !right.labels.contains($0) }
    let columns = right.labels.filter { !left.labels.contains($0) }
    func arranged(
      _ operand: LabelledValue, _ first: [Int], _ second: [Int], _ importer: inout ONNXImporter
    ) throws(CheckpointError) -> ImportedValue {
      let order = (batch + first + second).compactMap { operand.labels.firstIndex(of: $0) }
      let turned = try importer.permuted(operand.value, order)
      return try importer.reshaped(
        turned, to: batch.map(operand.extent) + [operand.product(first), operand.product(second)])
    }
    let first = try arranged(left, rows, inner, &self)
    let second = try arranged(right, inner, columns, &self)
    let product = try matrixProduct(first, second)
    let extents =
      batch.map { max(left.extent($0), right.extent($0)) } + rows.map(left.extent)
      + columns.map(right.extent)
    return LabelledValue(
      value: try reshaped(product, to: extents), labels: batch + rows + columns)
  }
}
