import Digests

/// What one record of a file becomes.
struct CollectedExample {
  var input: [Float]
  var label = 0
  var targets: [Float] = []
  var window: TokenWindow?
  /// In the order of the slice keys.
  var slices: [String] = []
}

/// Collects the examples of a file in order, up to a limit, without those that are excluded.
struct ExampleCollector {
  /// What is kept of an example.
  enum Keeping {
    case examples
    /// For knowing what else must be left out.
    case digests
  }

  private let dataset: any Dataset
  private let encoder: String?
  private let limit: Int
  private let excluded: Set<Digest>
  private let keeping: Keeping
  private var inputs: [Float] = []
  private var labels: [Int] = []
  private var targets: [Float] = []
  private var windows: [TokenWindow] = []
  private var slices: [[String]]
  private(set) var digests: [Digest] = []

  /// - Parameter encoder: What made the tokens, for the digests.
  init(
    _ dataset: any Dataset, encoder: String? = nil, limit: Int, without excluded: Set<Digest> = [],
    keeping: Keeping = .examples
  ) {
    self.dataset = dataset
    self.encoder = encoder
    self.limit = limit
    self.excluded = excluded
    self.keeping = keeping
    slices = dataset.sliceKeys.map { _ in [] }
  }

  /// Whether no more examples are wanted.
  var isFull: Bool { digests.count >= limit }

  /// Adds the next example, unless it is excluded or one too many.
  mutating func append(_ example: CollectedExample) {
    guard !isFull else { return }
    let digest = example.input.withUnsafeBytes {
      ExampleSet.digest(
        input: $0, label: example.label, targets: example.targets, window: example.window,
        encoder: encoder)
    }
    guard !excluded.contains(digest) else { return }
    digests.append(digest)
    guard keeping == .examples else { return }
    precondition(example.slices.count == slices.count, "another number of slices")
    inputs.append(contentsOf: example.input)
    labels.append(example.label)
    targets.append(contentsOf: example.targets)
    if let window = example.window { windows.append(window) }
    for (index, value) in example.slices.enumerated() { slices[index].append(value) }
  }

  /// Everything collected.
  consuming func finish() -> ExampleSet {
    ExampleSet(
      inputShape: dataset.inputShape, inputs: inputs, target: dataset.target, labels: labels,
      targets: targets, windows: windows,
      slices: Dictionary(uniqueKeysWithValues: zip(dataset.sliceKeys, slices)),
      exampleDigests: digests)
  }
}
