import Digests

/// Proves that nothing that calibrates is scored.
///
/// - Parameter dataset: The name that the error shows.
/// - Throws: `DatasetError.overlap` with the indices of the first calibration example that occurs in
///   the evaluation set, and of its first occurrence there.
public func proveDisjoint(
  calibration: ExampleSet, evaluation: ExampleSet, dataset: String
) throws(DatasetError) {
  var places: [Digest: Int] = [:]
  places.reserveCapacity(evaluation.count)
  for (index, digest) in evaluation.exampleDigests.enumerated() where places[digest] == nil {
    places[digest] = index
  }
  for (index, digest) in calibration.exampleDigests.enumerated() {
    if let place = places[digest] {
      throw .overlap(
        dataset: dataset, first: .calibrate, firstIndex: index, second: .evaluate,
        secondIndex: place)
    }
  }
}

/// How many calibration examples each slice value has.
///
/// Every value that occurs in the evaluation set is listed; one that the calibration set lacks has 0.
public func sliceCoverage(
  calibration: ExampleSet, evaluation: ExampleSet
) -> [String: [String: Int]] {
  evaluation.slices.reduce(into: [:]) { coverage, column in
    var counts: [String: Int] = [:]
    for value in column.value { counts[value] = 0 }
    for value in calibration.slices[column.key] ?? [] { counts[value, default: 0] += 1 }
    coverage[column.key] = counts
  }
}
