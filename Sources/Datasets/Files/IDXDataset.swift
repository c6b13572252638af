import Documents

/// Labelled images in pairs of IDX files.
struct IDXDataset: Dataset {
  /// One part: two files, and a run of their records.
  struct Part: Sendable {
    let images: String
    let labels: String
    let range: FileRange
  }

  /// What a byte becomes.
  enum Normalization: String, CaseIterable, Sendable {
    /// byte / 255.
    case unit
    /// (byte − mean) / deviation, both over all pixels of `train`'s records.
    case standard
  }

  let name: String
  let inputShape: [Int]
  let classNames: [String]
  /// The key of the only slice, whose value is the class; `nil` for none.
  let labelSlice: String?
  let normalization: Normalization
  let parts: FileParts<Part>
  let root: DataRoot
  let site: DatasetSite

  var sliceKeys: [String] { labelSlice.map { [$0] } ?? [] }
  var accuracyBound: Double? { nil }

  func available(_ split: Split) -> Int { parts[split].range.count }

  func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    let scaling = try scaling()
    let records = try read(split, scaling: scaling)
    if split != .calibrate { return try records.first(count, of: self, split, without: []) }
    let scored = try read(.evaluate, scaling: scaling)
    return try records.first(count, of: self, split, without: Set(scored.exampleDigests))
  }

  private func read(_ split: Split, scaling: [Float]) throws(DatasetError) -> ExampleSet {
    let (images, labels) = try bytes(split)
    var builder = ExampleBuilder(
      inputShape: inputShape, sliceKeys: sliceKeys, capacity: labels.count)
    let size = inputShape.reduce(1, *)
    for (index, label) in labels.enumerated() {
      let pixels = images[images.startIndex + index * size..<images.startIndex + (index + 1) * size]
      builder.append(
        input: pixels.lazy.map { scaling[Int($0)] }, label: Int(label),
        slices: labelSlice == nil ? [] : [classNames[Int(label)]])
    }
    return builder.finish()
  }

  /// The bytes of a part's records, checked against each other and the definition.
  private func bytes(
    _ split: Split
  ) throws(DatasetError) -> (images: ArraySlice<UInt8>, labels: ArraySlice<UInt8>) {
    let part = parts[split]
    let imageFile = try root.locate(part.images, dataset: name, site: site)
    let labelFile = try root.locate(part.labels, dataset: name, site: site)
    let images = try IDXFile(bytes: BoundedFile.read(imageFile), file: imageFile.shown)
    let labels = try IDXFile(bytes: BoundedFile.read(labelFile), file: labelFile.shown)
    guard labels.extents.count == 1 else {
      throw .malformed(
        file: labelFile.shown, place: "byte 3", expected: "1 extent",
        found: "\(labels.extents.count)")
    }
    let record = Array(images.extents.dropFirst())
    guard record == inputShape || record + [1] == inputShape else {
      throw .malformed(
        file: imageFile.shown, place: "byte 8", expected: "records of shape \(inputShape)",
        found: "\(record)")
    }
    guard images.extents[0] == labels.extents[0] else {
      throw .malformed(
        file: labelFile.shown, place: "byte 4", expected: "\(images.extents[0]) labels",
        found: "\(labels.extents[0])")
    }
    let range = part.range
    guard labels.values.count > 0 else { throw .empty(dataset: name, split: split) }
    guard labels.values.count >= range.end else {
      throw .malformed(
        file: labelFile.shown, place: "byte 4", expected: "at least \(range.end) records",
        found: "\(labels.values.count)")
    }
    let chosen = labels.values[range.from..<range.end]
    if let wrong = chosen.firstIndex(where: { Int($0) >= classNames.count }) {
      throw .malformed(
        file: labelFile.shown, place: "record \(wrong)",
        expected: "a label from 0 to \(classNames.count - 1)", found: "\(labels.values[wrong])")
    }
    let size = inputShape.reduce(1, *)
    return (images.values[range.from * size..<range.end * size], chosen)
  }

  /// What each of the 256 byte values becomes.
  private func scaling() throws(DatasetError) -> [Float] {
    switch normalization {
    case .unit: return (0..<256).map { Float($0) / 255 }
    case .standard:
      var counts = [Int](repeating: 0, count: 256)
      for pixel in try bytes(.train).images { counts[Int(pixel)] += 1 }
      // Whole numbers until the end: the order of summing cannot matter.
      let total = Double(counts.reduce(0, +))
      let sum = counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }
      let squares = counts.enumerated().reduce(0) { $0 + $1.offset * $1.offset * $1.element }
      let mean = Double(sum) / total
      let deviation = (Double(squares) / total - mean * mean).squareRoot()
      return (0..<256).map { Float((Double($0) - mean) / (deviation > 0 ? deviation : 1)) }
    }
  }
}

extension IDXDataset.Part: FilePart {
  var files: [String] { [images, labels] }

  static let reader = Reader<IDXDataset.Part>.record("idx_part", "The records of one part.") {
    fields in
    let images = fields.required("images", .relativePath, "File of images.")
    let labels = fields.required("labels", .relativePath, "File of labels.")
    let range = FileRange.read(fields)
    guard let images, let labels, let range else { return nil }
    return IDXDataset.Part(images: images, labels: labels, range: range)
  }
}

extension IDXDataset {
  static let reader = Reader<DatasetDefinition>.record(
    "idx", "Images and labels in IDX files, plain or gzipped."
  ) { fields in
    let name = DatasetDefinition.name(fields)
    let root = fields.required("root", DataRoot.reader, "The folder that holds the files.")
    let extents = Reader.list(of: .int(in: 1...4096), count: 1...4)
    let shape = fields.required("shape", extents, "Extents of one image: rows, columns, channels.")
    let classes = fields.required(
      "classes", .list(of: .string, count: 2...256), "Class names; a label is an index into them.")
    let slice = fields.optional("label_slice", .name, "Slice key whose values are the classes.")
    let normalization = fields.optional(
      "normalize", .choice(of: Normalization.self),
      "unit: byte / 255; standard: by mean and deviation of the training part.", default: .unit)
    let parts = fields.required(
      "splits", FileParts<Part>.reader("idx_splits", Part.reader), "Which records are which part.")
    guard let name, let root, let shape, let classes, let parts else { return nil }
    return DatasetDefinition(name: name) { site in
      IDXDataset(
        name: name, inputShape: shape, classNames: classes, labelSlice: slice,
        normalization: normalization, parts: parts, root: root, site: site)
    }
  }
}
