public import Digests

/// Which part of a dataset an example belongs to. The parts never share a record, and no example of
/// `calibrate` equals one of `evaluate`.
public enum Split: String, Hashable, Sendable, CaseIterable, Codable {
  /// Fits weights.
  case train
  /// Observes ranges; never scored.
  case calibrate
  /// Scored; never seen before.
  case evaluate
}

/// What a dataset says about the right answer.
public enum Target: Hashable, Sendable {
  /// Every example has a class.
  case classes
  /// Every example has a class and is a window of token ids below `vocabulary`.
  case tokenClasses(vocabulary: Int)
  /// An example is a window of token ids below `vocabulary`; each is followed by the right one.
  case nextToken(vocabulary: Int)
  /// Every example has `width` numbers to come near to, or `width` answers of 0 or 1.
  case vector(width: Int)
  /// Nothing: only how faithful a scheme is to the float run can be told. Examples are windows of token
  /// ids where there is a vocabulary.
  case none(vocabulary: Int?)

  /// Whether every example has a class, whatever its inputs are.
  public var hasClasses: Bool {
    switch self {
    case .classes, .tokenClasses: true
    case .nextToken, .vector, .none: false
    }
  }

  /// Whether no answer is right.
  public var isNone: Bool { if case .none = self { true } else { false } }

  /// How many token ids there are, where examples are windows of them.
  public var vocabulary: Int? {
    switch self {
    case .classes, .vector: nil
    case .tokenClasses(let vocabulary), .nextToken(let vocabulary): vocabulary
    case .none(let vocabulary): vocabulary
    }
  }
}

/// A run of labelled examples in memory, in a fixed order.
public struct ExampleSet: Equatable, Sendable {
  /// Extents of one input, outermost first, for example `[16, 16, 1]`.
  public let inputShape: [Int]
  /// `[count, inputShape…]`, row-major.
  public let inputs: [Float]
  /// What is said about the right answer.
  public let target: Target
  /// Class index per example; 0 where there are no classes.
  public let labels: [Int]
  /// `[count, width]`, row-major, where the target is a vector; else empty.
  public let targets: [Float]
  /// One per example where windows of token ids were cut from files; else empty: every window is full,
  /// and every token but its first is a target.
  public let windows: [TokenWindow]
  /// Slice value per example, by slice key: `slices["writer"]?[3] == "left-handed"`.
  public let slices: [String: [String]]
  /// One digest per example, over input and label: equal examples have equal digests.
  public let exampleDigests: [Digest]

  /// Creates a set; all counts must agree.
  public init(
    inputShape: [Int], inputs: [Float], target: Target = .classes, labels: [Int],
    targets: [Float] = [], windows: [TokenWindow] = [], slices: [String: [String]],
    exampleDigests: [Digest]
  ) {
    let size = inputShape.reduce(1, *)
    precondition(inputs.count == size * labels.count, "inputs do not match labels")
    if case .vector(let width) = target {
      precondition(targets.count == width * labels.count, "targets do not match")
    } else {
      precondition(targets.isEmpty, "only vectors have targets")
    }
    precondition(windows.isEmpty || windows.count == labels.count, "windows do not match")
    precondition(slices.values.allSatisfy { $0.count == labels.count }, "slices do not match")
    precondition(exampleDigests.count == labels.count, "digests do not match")
    self.inputShape = inputShape
    self.inputs = inputs
    self.target = target
    self.labels = labels
    self.targets = targets
    self.windows = windows
    self.slices = slices
    self.exampleDigests = exampleDigests
  }

  /// The same examples with only these slice keys.
  public func keeping(slices keys: [String]) -> ExampleSet {
    ExampleSet(
      inputShape: inputShape, inputs: inputs, target: target, labels: labels, targets: targets,
      windows: windows, slices: slices.filter { keys.contains($0.key) },
      exampleDigests: exampleDigests)
  }

  /// Number of examples.
  public var count: Int { labels.count }
  /// Elements of one input.
  public var inputSize: Int { inputShape.reduce(1, *) }

  /// The digest of the whole set, in order.
  public var digest: Digest {
    var hasher = Hasher256()
    for digest in exampleDigests { hasher.update(digest.hexadecimal) }
    return hasher.finalize()
  }
}

/// A source of labelled examples.
public protocol Dataset: Sendable {
  /// The name scenarios use.
  var name: String { get }
  /// Extents of one input, outermost first.
  var inputShape: [Int] { get }
  /// What is said about the right answer.
  var target: Target { get }
  /// Class names; labels index into them. Empty where there are no classes.
  var classNames: [String] { get }
  /// The slice keys every example carries.
  var sliceKeys: [String] { get }
  /// The best accuracy any classifier can reach, where it is known or bounded from above.
  var accuracyBound: Double? { get }
  /// The least mean loss, in nats per predicted token, that any model can reach in expectation, where it
  /// is known or bounded from below.
  var entropyBound: Double? { get }
  /// How many examples a split has at most.
  func available(_ split: Split) -> Int
  /// The first `count` examples of a split.
  ///
  /// - Throws: `DatasetError` when the split has fewer, or a file is missing or malformed.
  func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet
}

extension Dataset {
  /// Every example has a class.
  public var target: Target { .classes }
  /// Unknown.
  public var entropyBound: Double? { nil }
}
