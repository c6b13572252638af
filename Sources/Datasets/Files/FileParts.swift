import Digests
import Documents

/// A run of a file's records, counted from 0.
struct FileRange: Sendable {
  let from: Int
  let count: Int

  /// The first record that is no longer part of it.
  var end: Int { from + count }

  static func read(_ fields: Fields) -> FileRange? {
    let from = fields.optional(
      "from", .int(in: 0...1_000_000_000), "First record, from 0.", default: 0)
    let count = fields.required("count", .int(in: 1...1_000_000_000), "Number of records.")
    return count.map { FileRange(from: from, count: $0) }
  }
}

/// What one split reads.
protocol FilePart: Sendable {
  var files: [String] { get }
  var range: FileRange { get }
}

/// The three parts of a dataset in files.
struct FileParts<Part: FilePart>: Sendable {
  let train: Part
  let calibrate: Part
  let evaluate: Part

  subscript(split: Split) -> Part {
    switch split {
    case .train: train
    case .calibrate: calibrate
    case .evaluate: evaluate
    }
  }

  /// Reads three parts and reports those that share records of a file.
  static func reader(_ name: String, _ part: Reader<Part>) -> Reader<FileParts> {
    .record(name, "Which records are which part.") { fields in
      let train = fields.required("train", part, "What fits weights.")
      let calibrate = fields.required("calibrate", part, "What ranges are observed on.")
      let evaluate = fields.required("evaluate", part, "What is scored.")
      guard let train, let calibrate, let evaluate else { return nil }
      let parts = FileParts(train: train, calibrate: calibrate, evaluate: evaluate)
      checkDisjoint(parts, fields)
      return parts
    }
  }

  /// Reports parts that share records of a file.
  static func checkDisjoint(_ parts: FileParts, _ fields: Fields) {
    for (first, second) in [
      (Split.train, Split.calibrate), (.train, .evaluate), (.calibrate, .evaluate),
    ]
    where share(parts[first], parts[second]) {
      fields.report("shares records with '\(first.rawValue)'", at: second.rawValue)
    }
  }

  private static func share(_ one: Part, _ other: Part) -> Bool {
    let common = !Set(one.files).isDisjoint(with: other.files)
    return common && one.range.from < other.range.end && other.range.from < one.range.end
  }
}

extension ExampleSet {
  /// The first `count` examples whose digest is not in `excluded`.
  ///
  /// Real data holds equal rows. The rule for all datasets in files: an example of `calibrate` that also
  /// occurs anywhere in `evaluate` is left out, and the next one takes its place. `train` keeps such rows:
  /// they are other people's, and leaving out what is frequent would distort what is learnt.
  func first(
    _ count: Int, of dataset: some Dataset, _ split: Split, without excluded: Set<Digest>
  ) throws(DatasetError) -> ExampleSet {
    var kept: [Int] = []
    kept.reserveCapacity(count)
    for index in 0..<self.count where kept.count < count {
      if !excluded.contains(exampleDigests[index]) { kept.append(index) }
    }
    guard !kept.isEmpty else { throw .empty(dataset: dataset.name, split: split) }
    guard kept.count == count else {
      throw .tooFew(dataset: dataset.name, split: split, expected: count, found: kept.count)
    }
    return selecting(kept)
  }

  /// The examples at these indices, in this order.
  func selecting(_ indices: [Int]) -> ExampleSet {
    let size = inputSize
    var chosen: [Float] = []
    chosen.reserveCapacity(indices.count * size)
    for index in indices { chosen.append(contentsOf: inputs[index * size..<(index + 1) * size]) }
    let width = targets.count / max(count, 1)
    return ExampleSet(
      inputShape: inputShape, inputs: chosen, target: target, labels: indices.map { labels[$0] },
      targets: indices.flatMap { targets[$0 * width..<($0 + 1) * width] },
      windows: windows.isEmpty ? [] : indices.map { windows[$0] },
      slices: slices.mapValues { values in indices.map { values[$0] } },
      exampleDigests: indices.map { exampleDigests[$0] })
  }
}
