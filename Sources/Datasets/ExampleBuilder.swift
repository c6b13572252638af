package import Digests

/// Collects examples in order and closes them into an ``ExampleSet``.
struct ExampleBuilder {
  private let inputShape: [Int]
  private let size: Int
  private var inputs: [Float] = []
  private var labels: [Int] = []
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
  mutating func append(input: some Collection<Float>, label: Int, slices: [String]) {
    precondition(input.count == size && slices.count == sliceKeys.count, "another shape")
    inputs.append(contentsOf: input)
    labels.append(label)
    for (index, value) in slices.enumerated() { sliceValues[index].append(value) }
  }

  consuming func finish(target: Target = .classes) -> ExampleSet {
    ExampleSet(
      inputShape: inputShape, inputs: inputs, target: target, labels: labels,
      slices: Dictionary(uniqueKeysWithValues: zip(sliceKeys, sliceValues)),
      exampleDigests: ExampleSet.digests(of: inputs, size: size, labels: labels))
  }
}

extension ExampleSet {
  /// SHA-256 of each example: the label as 64 bits, then the input's bit patterns, little-endian.
  package static func digests(of inputs: [Float], size: Int, labels: [Int]) -> [Digest] {
    inputs.withUnsafeBytes { bytes in
      labels.enumerated().map { index, label in
        var hasher = Hasher256()
        hasher.update(Int64(label))
        let start = index * size * 4
        hasher.update(UnsafeRawBufferPointer(rebasing: bytes[start..<start + size * 4]))
        return hasher.finalize()
      }
    }
  }
}
