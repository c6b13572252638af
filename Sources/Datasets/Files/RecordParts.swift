import Digests
import Documents

/// What one split reads: a run of the records of some files, counted through all of them.
struct RecordPart: FilePart {
  /// Stands for "all that follow".
  static let all = 1 << 40

  let files: [String]
  let range: FileRange
  /// The records whose lot falls in here; lots lie in 0..<1.
  let lots: Range<Double>
  /// Most examples of the split.
  let atMost: Int?

  /// How many examples there may be, where one record gives at most one.
  var available: Int { min(range.count, atMost ?? RecordPart.all) }

  /// A record's lot: the first 52 bits of the digest of its bytes, as a fraction. Equal records draw the
  /// same lot wherever they stand, so no record is in two splits.
  static func lot(of record: some Collection<UInt8>) -> Double {
    let digits = Digest(of: Array(record)).hexadecimal.prefix(13)
    return Double(UInt64(digits, radix: 16) ?? 0) * 0x1p-52
  }

  /// Whether a record belongs to the part; `index` counts through the part's files.
  func holds(_ record: some Collection<UInt8>, at index: Int) -> Bool {
    guard index >= range.from, index < range.end else { return false }
    return !drawsLots || lots.contains(Self.lot(of: record))
  }

  /// Whether lots decide what belongs to the part.
  var drawsLots: Bool { lots != 0..<1 }

  /// No record.
  static let nothing = RecordPart(
    files: [], range: FileRange(from: 0, count: 0), lots: 0..<1, atMost: nil)

  /// Files, or a run of their records.
  static let reader = Reader<RecordPart>.scalar(
    Reader<[String]>.oneOrMany(of: Reader<String>.relativePath).only(
      "every file once", where: { Set($0).count == $0.count }
    ).map {
      RecordPart(files: $0, range: FileRange(from: 0, count: all), lots: 0..<1, atMost: nil)
    }, orMapping: record)

  private static let record = Reader<RecordPart>.record("record_part", "The records of one part.") {
    fields in
    let files = fields.required("files", .oneOrMany(of: .relativePath), "The files, in order.")
    let from = fields.optional(
      "from", .int(in: 0...1_000_000_000), "First record, from 0, counted through all files.",
      default: 0)
    let count = fields.optional(
      "count", .int(in: 1...1_000_000_000), "Number of records; without it, all that follow.")
    let atMost = atMost(fields)
    guard let files else { return nil }
    if Set(files).count < files.count { fields.report("a file is listed twice", at: "files") }
    return RecordPart(
      files: files, range: FileRange(from: from, count: count ?? all), lots: 0..<1,
      atMost: atMost)
  }

  fileprivate static func atMost(_ fields: Fields) -> Int? {
    fields.optional(
      "at_most", .int(in: 1...1_000_000_000), "Most examples of the part; without it, all.")
  }
}

extension FileParts where Part == RecordPart {
  /// Reads `splits`, which names the records of each part, or `shares`, which draws lots for them.
  static func read(_ fields: Fields) -> FileParts? {
    let splits = fields.optional("splits", splitsReader, "Which records are which part.")
    let shares = fields.optional("shares", sharesReader, "How many of all records each part gets.")
    if fields.has("splits") == fields.has("shares") {
      fields.report("expected either 'splits' or 'shares'")
      return nil
    }
    return splits ?? shares
  }

  /// As for other datasets in files, but only `evaluate` must be there.
  private static let splitsReader = Reader<FileParts>.record(
    "record_splits", "Which files, or which of their records, are which part."
  ) { fields in
    let train = fields.optional("train", RecordPart.reader, "What fits weights.", default: .nothing)
    let calibrate = fields.optional(
      "calibrate", RecordPart.reader, "What ranges are observed on.", default: .nothing)
    let evaluate = fields.required("evaluate", RecordPart.reader, "What is scored.")
    guard let evaluate else { return nil }
    let parts = FileParts(train: train, calibrate: calibrate, evaluate: evaluate)
    checkDisjoint(parts, fields)
    checkCounting(parts, fields)
    return parts
  }

  /// Records of two parts that read a file in common can be told apart only if both count alike.
  private static func checkCounting(_ parts: FileParts, _ fields: Fields) {
    for (first, second) in [
      (Split.train, Split.calibrate), (.train, .evaluate), (.calibrate, .evaluate),
    ] {
      let (one, other) = (parts[first].files, parts[second].files)
      if one != other, !Set(one).isDisjoint(with: other) {
        fields.report(
          "'\(first.rawValue)' and '\(second.rawValue)' have some files in common; expected the "
            + "same files in the same order, or none in common", at: second.rawValue)
      }
    }
  }

  private static let sharesReader = Reader<FileParts>.record(
    "record_shares",
    "Draws each record's part by a lot that depends on its bytes alone: equal records are in one part."
  ) { fields in
    let files = fields.required("files", .oneOrMany(of: .relativePath), "The files, in order.")
    let train = fields.required("train", .share, "What fits weights.")
    let calibrate = fields.required("calibrate", .share, "What ranges are observed on.")
    let evaluate = fields.required("evaluate", .share, "What is scored.")
    let atMost = RecordPart.atMost(fields)
    guard let files, let train, let calibrate, let evaluate else { return nil }
    let total = train + calibrate + evaluate
    if total > 1 + 1e-9 { fields.report("the shares add up to more than 100 %") }
    func part(_ start: Double, _ share: Double) -> RecordPart {
      // Rounding must not leave the last record of 100 % out.
      let end = start + share
      return RecordPart(
        files: files, range: FileRange(from: 0, count: RecordPart.all),
        lots: start..<max(start, end > 1 - 1e-9 ? 1 : end), atMost: atMost)
    }
    return FileParts(
      train: part(0, train), calibrate: part(train, calibrate),
      evaluate: part(train + calibrate, evaluate))
  }
}

/// A dataset whose examples are read from files in one pass.
protocol RecordDataset: Dataset {
  var parts: FileParts<RecordPart> { get }
  var root: DataRoot { get }
  var site: DatasetSite { get }

  /// What turns the dataset's texts into token ids; `nil` where it has none.
  func openEncoder() throws(DatasetError) -> TextEncoder?

  /// Reads a part's examples in order until the collector is full.
  func collect(
    _ part: RecordPart, _ encoder: TextEncoder?, into collector: inout ExampleCollector
  ) throws(DatasetError)
}

extension RecordDataset {
  var accuracyBound: Double? { nil }

  func available(_ split: Split) -> Int { parts[split].available }

  func openEncoder() throws(DatasetError) -> TextEncoder? { nil }

  /// Loads as all datasets in files do: what `evaluate` holds is left out of `calibrate`.
  func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    let encoder = try openEncoder()
    var excluded: Set<Digest> = []
    if split == .calibrate {
      let scored = parts.evaluate
      var digests = ExampleCollector(
        self, encoder: encoder?.identity, limit: scored.atMost ?? .max, keeping: .digests)
      try collect(scored, encoder, into: &digests)
      excluded = Set(digests.digests)
    }
    var collector = ExampleCollector(
      self, encoder: encoder?.identity, limit: count, without: excluded)
    try collect(parts[split], encoder, into: &collector)
    let found = collector.digests.count
    guard found > 0 else { throw .empty(dataset: name, split: split) }
    guard found == count else {
      throw .tooFew(dataset: name, split: split, expected: count, found: found)
    }
    return collector.finish()
  }
}
