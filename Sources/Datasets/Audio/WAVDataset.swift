import Documents

/// Sounds in WAV files, each with a class.
struct WAVDataset: RecordDataset {
  /// What the model reads.
  enum Features: Sendable {
    /// `[length, 1]`
    case samples
    /// `[frames, bands, 1]`
    case logMel(LogMel)
  }

  /// Which samples of a longer sound are kept.
  enum Longer: String, CaseIterable, Sendable {
    case start
    /// As many are cut off in front as behind, or one more behind.
    case centre = "center"
    case refuse
  }

  /// What becomes of a shorter sound.
  enum Shorter: String, CaseIterable, Sendable {
    /// Silence follows it.
    case pad
    case refuse
  }

  let name: String
  let rate: Int
  let length: Int
  let longer: Longer
  let shorter: Shorter
  let features: Features
  let source: SoundSource
  let classes: [ClassSpelling]
  /// No class: only fidelity can be told.
  let hasClasses: Bool
  let slices: SliceRules
  let parts: FileParts<RecordPart>
  let root: DataRoot
  let site: DatasetSite

  var inputShape: [Int] {
    switch features {
    case .samples: [length, 1]
    case .logMel(let mel): [mel.frames(length), mel.bands, 1]
    }
  }
  var target: Target { hasClasses ? .classes : .none(vocabulary: nil) }
  var classNames: [String] { classes.map(\.name) }
  var sliceKeys: [String] { slices.keys }

  func collect(
    _ part: RecordPart, _ encoder: TextEncoder?, into collector: inout ExampleCollector
  ) throws(DatasetError) {
    var index = 0
    for path in part.files {
      let sounds = try source.sounds(path, dataset: name, root: root, site: site)
      for sound in sounds {
        defer { index += 1 }
        guard !collector.isFull, index < part.range.end else { return }
        // Only lots need the bytes of a sound that is passed over.
        let bytes = part.drawsLots ? try read(sound).bytes : []
        guard part.holds(bytes, at: index) else { continue }
        collector.append(try example(sound))
      }
    }
    try part.checkEnd(found: index)
  }

  private func read(_ sound: Sound) throws(DatasetError) -> (bytes: [UInt8], shown: String) {
    let location = try root.locate(sound.path, dataset: name, site: site)
    return (try BoundedFile.read(location), location.shown)
  }

  private func example(_ sound: Sound) throws(DatasetError) -> CollectedExample {
    let (bytes, shown) = try read(sound)
    let file = try WAVFile(bytes: bytes, file: shown)
    guard file.rate == rate else {
      throw .malformed(
        file: shown, place: "the format", expected: "\(rate) samples per second",
        found: "\(file.rate)")
    }
    var label = 0
    if hasClasses {
      guard let known = classes.firstIndex(where: { $0.spellings.contains(sound.label) }) else {
        throw .malformed(
          file: sound.source, place: sound.place, expected: "a known class",
          found: "'\(sound.label)'")
      }
      label = known
    }
    let samples = try fit(file.samples, file: shown)
    let input =
      switch features {
      case .samples: samples
      case .logMel(let mel): mel.features(of: samples)
      }
    let row: [PropertyValue] =
      [.text(sound.path), .number(Double(file.samples.count) / Double(rate))] + sound.properties
    return CollectedExample(input: input, label: label, slices: slices.values(of: row))
  }

  private func fit(_ samples: [Float], file: String) throws(DatasetError) -> [Float] {
    let surplus = samples.count - length
    if (surplus > 0 && longer == .refuse) || (surplus < 0 && shorter == .refuse) {
      throw .malformed(
        file: file, place: "the samples", expected: "\(length)", found: "\(samples.count)")
    }
    if surplus <= 0 { return samples + repeatElement(0, count: -surplus) }
    let start = longer == .centre ? surplus / 2 : 0
    return Array(samples[start..<start + length])
  }
}

extension WAVDataset {
  /// What slices may read of every sound: its path, and its length in seconds as it is in the file.
  private static let ownProperties = [Property("file"), Property("seconds", isNumber: true)]

  static let reader = Reader<DatasetDefinition>.record("wav", "Sounds in WAV files.") { fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let rate = fields.required(
      "rate", .int(in: 1...1_000_000), "Samples per second that every file must have.")
    let length = fields.required("length", .int(in: 1...100_000_000), "Samples of an input.")
    let longer = fields.optional(
      "longer", .choice(of: Longer.self), "Which part of a longer sound is kept.", default: .start)
    let shorter = fields.optional(
      "shorter", .choice(of: Shorter.self), "What becomes of a shorter sound.", default: .pad)
    let mel = fields.optional(
      "log_mel", LogMelSettings.reader, "Logarithmic energies of mel bands instead of samples.")
    let source = fields.optional(
      "layout", SoundSource.reader, "Where the sounds and their classes are found.",
      default: .folders)
    let hasClasses =
      fields.optional(
        "target", Reader<String>.choice(["class", "none"]), "What is to be predicted.",
        default: "class") == "class"
    let classes = ClassSpelling.read(
      fields, "Class names in the order of the labels, or names with how files write them.")
    let entries = SliceRules.entries(fields)
    let parts = FileParts<RecordPart>.read(fields)
    let known = PropertyEntry.joined(ownProperties, source.properties, at: "layout", fields)
    let slices = SliceRules(entries, properties: known, fields)
    if hasClasses != fields.has("classes") {
      fields.report(
        hasClasses ? "missing key 'classes'" : "the target 'none' has no classes",
        at: hasClasses ? nil : "classes")
    }
    if hasClasses, case .list(label: nil, _) = source {
      fields.report("missing key 'label': the target 'class' needs it", at: "layout")
    }
    guard let name, let root, let rate, let length, let parts else { return nil }
    var features = Features.samples
    if let mel {
      guard let prepared = mel.prepared(rate: rate, length: length, fields) else { return nil }
      features = .logMel(prepared)
    }
    return DatasetDefinition(name: name) { [features] site in
      WAVDataset(
        name: name, rate: rate, length: length, longer: longer, shorter: shorter,
        features: features, source: source, classes: classes ?? [], hasClasses: hasClasses,
        slices: slices, parts: parts, root: root, site: site)
    }
  }
}

/// `log_mel` as written.
struct LogMelSettings: Sendable {
  let frame: Int
  let hop: Int
  let bands: Int
  let low: Double
  let high: Double?

  static let reader = Reader<LogMelSettings>.record("log_mel", "Mel features.") { fields in
    let frame = fields.required("frame", .int(in: 2...65_536), "Samples of a frame.")
    let hop = fields.required("hop", .int(in: 1...65_536), "Samples from frame to frame.")
    let bands = fields.required("bands", .int(in: 1...1024), "Number of mel bands.")
    let low = fields.optional(
      "low", .double(in: 0...500_000), "Lower end of the first band in Hz.", default: 0)
    let high = fields.optional(
      "high", .double(in: 0...500_000),
      "Upper end of the last band in Hz; without it, half the rate.")
    guard let frame, let hop, let bands else { return nil }
    return LogMelSettings(frame: frame, hop: hop, bands: bands, low: low, high: high)
  }

  /// The features at a rate; `nil` after an issue.
  func prepared(rate: Int, length: Int, _ fields: Fields) -> LogMel? {
    let high = high ?? Double(rate) / 2
    guard low < high, high <= Double(rate) / 2 else {
      fields.report("expected bands below half the rate, \(rate / 2) Hz", at: "log_mel")
      return nil
    }
    guard frame <= length else {
      fields.report("expected a frame of at most \(length) samples", at: "log_mel")
      return nil
    }
    return LogMel(rate: rate, frame: frame, hop: hop, bands: bands, low: low, high: high)
  }
}
