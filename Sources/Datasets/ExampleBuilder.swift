package import Digests

/// Collects examples in order and closes them into an ``ExampleSet``.
struct ExampleBuilder {
  private let inputShape: [Int]
  private let size: Int
  private var inputs: [Float] = []
  private var labels: [Int] = []
  private var targets: [Float] = []
  private let sliceKeys: [String]
  private var sliceValues: [[String]]

  init(inputShape: [Int], sliceKeys: [String], capacity: Int) {
    self.inputShape = inputShape
    self.sliceKeys = sliceKeys
    size = inputShape.reduce(1, *)
    sliceValues = sliceKeys.map { _ in [] }
    inputs.reserveCapacity(size * capacity)
    labels.reserveCapacity(capacity)
    for index in sliceValues.indices { sliceValues[index].reserveCapacity(capacity) }
  }

  /// Adds one example; `slices` in the order of the keys.
  mutating func append(
    input: some Collection<Float>, label: Int, targets: [Float] = [], slices: [String]
  ) {
    precondition(input.count == size && slices.count == sliceKeys.count, "another shape")
    inputs.append(contentsOf: input)
    labels.append(label)
    self.targets.append(contentsOf: targets)
    for (index, value) in slices.enumerated() { sliceValues[index].append(value) }
  }

  consuming func finish(target: Target = .classes) -> ExampleSet {
    ExampleSet(
      inputShape: inputShape, inputs: inputs, target: target, labels: labels, targets: targets,
      slices: Dictionary(uniqueKeysWithValues: zip(sliceKeys, sliceValues)),
      exampleDigests: ExampleSet.digests(
        of: inputs, size: size, labels: labels, targets: targets))
  }
}

extension ExampleSet {
  /// SHA-256 of each example: the label as 64 bits, then the input's bit patterns, little-endian; then the
  /// numbers to come near to, where there are any.
  package static func digests(
    of inputs: [Float], size: Int, labels: [Int], targets: [Float] = []
  ) -> [Digest] {
    let width = targets.count / max(labels.count, 1)
    return inputs.withUnsafeBytes { bytes in
      labels.enumerated().map { index, label in
        let start = index * size * 4
        return digest(
          input: UnsafeRawBufferPointer(rebasing: bytes[start..<start + size * 4]), label: label,
          targets: Array(targets[index * width..<(index + 1) * width]))
      }
    }
  }

  /// SHA-256 of one example: the label as 64 bits and the input's bit patterns, little-endian; behind
  /// them, each only where there is one, the numbers to come near to, the extents of the window, and
  /// what made the tokens.
  static func digest(
    input: UnsafeRawBufferPointer, label: Int, targets: [Float] = [], window: TokenWindow? = nil,
    encoder: String? = nil
  ) -> Digest {
    var hasher = Hasher256()
    hasher.update(Int64(label))
    hasher.update(input)
    if !targets.isEmpty {
      hasher.update(Int64(targets.count))
      hasher.update(targets)
    }
    if let window {
      hasher.update(Int64(window.filled))
      hasher.update(Int64(window.scored.lowerBound))
      hasher.update(Int64(window.scored.upperBound))
    }
    if let encoder { hasher.update(encoder) }
    return hasher.finalize()
  }
}
