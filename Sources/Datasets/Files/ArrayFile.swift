import Checkpoints

/// A safetensors file whose tensors hold one row per record.
struct ArrayFile: ~Copyable {
  private let file: SafetensorsFile
  private let name: String

  /// Opens a file.
  ///
  /// - Throws: `DatasetError` when it cannot be read or contradicts itself.
  init(_ location: DataRoot.Location) throws(DatasetError) {
    name = location.shown
    do {
      file = try SafetensorsFile(location.path, shownAs: location.shown)
    } catch {
      throw DatasetError(error)
    }
  }

  /// The tensor `tensor`, checked to have `row` behind its first extent.
  func entry(_ tensor: String, row: [Int]) throws(DatasetError) -> TensorEntry {
    guard let entry = file.header.entry(tensor) else {
      throw .malformed(
        file: name, place: "the header", expected: "a tensor '\(tensor)'", found: "none")
    }
    guard let count = entry.shape.first, Array(entry.shape.dropFirst()) == row else {
      let expected = (["records"] + row.map(String.init)).joined(separator: ", ")
      throw failure(entry, "shape [\(expected)]", "\(entry.shape)")
    }
    guard count > 0 else { throw failure(entry, "at least one record", "none") }
    return entry
  }

  /// Refuses tensors with another number of records than the first.
  func checkCounts(_ entries: [TensorEntry]) throws(DatasetError) {
    guard let first = entries.first else { return }
    for entry in entries where entry.shape[0] != first.shape[0] {
      throw failure(
        entry, "\(first.shape[0]) records, as '\(first.name)' has", "\(entry.shape[0])")
    }
  }

  private func failure(_ entry: TensorEntry, _ expected: String, _ found: String) -> DatasetError {
    .malformed(
      file: name, place: "tensor '\(entry.name)'", expected: expected, found: found)
  }

  /// One record's numbers, as the nearest fp32; all finite.
  func numbers(_ entry: TensorEntry, at record: Int) throws(DatasetError) -> [Float] {
    let size = entry.shape.dropFirst().reduce(1, *)
    let numbers = file.withBytes(of: entry) { bytes in
      (record * size..<(record + 1) * size).map { ArrayElements.float(entry.type, bytes, $0) }
    }
    var finite: [Float] = []
    finite.reserveCapacity(size)
    for (place, number) in numbers.enumerated() {
      guard let number else {
        throw failure(entry, "numbers", "elements of type \(entry.type.rawValue)")
      }
      guard number.isFinite else {
        throw .malformed(
          file: name, place: "tensor '\(entry.name)', record \(record), element \(place)",
          expected: "a finite number that fits 32 bits", found: "\(number)")
      }
      finite.append(number)
    }
    return finite
  }

  /// One record's whole numbers, all of `0..<bound`.
  func indices(
    _ entry: TensorEntry, at record: Int, below bound: Int, called what: String
  ) throws(DatasetError) -> [Int] {
    let size = entry.shape.dropFirst().reduce(1, *)
    let numbers = file.withBytes(of: entry) { bytes in
      (record * size..<(record + 1) * size).map { ArrayElements.integer(entry.type, bytes, $0) }
    }
    var indices: [Int] = []
    indices.reserveCapacity(size)
    for number in numbers {
      guard let number, (0..<bound).contains(number) else {
        throw .malformed(
          file: name, place: "tensor '\(entry.name)', record \(record)",
          expected: "\(what) from 0 to \(bound - 1)",
          found: number.map { "\($0)" } ?? "an element of type \(entry.type.rawValue)")
      }
      indices.append(number)
    }
    return indices
  }
}
