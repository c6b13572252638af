import Datasets
import Testing

@Suite struct DisjointnessTests {
  /// Examples of one number each; equal numbers are equal examples.
  private func set(_ values: [Float], writers: [String]) -> ExampleSet {
    let labels = values.map { _ in 0 }
    return ExampleSet(
      inputShape: [1], inputs: values, labels: labels, slices: ["writer": writers],
      exampleDigests: ExampleSet.digests(of: values, size: 1, labels: labels))
  }

  @Test func `sets without a common example pass`() throws {
    let (one, other) = (set([1, 2], writers: ["a", "b"]), set([3, 4], writers: ["a", "b"]))
    try proveDisjoint(calibration: one, evaluation: other, dataset: "letters")
  }

  @Test func `a common example is named with both places`() {
    let calibration = set([1, 2, 5, 4], writers: ["a", "a", "a", "a"])
    let evaluation = set([7, 4, 5, 5], writers: ["a", "a", "a", "a"])
    let error = #expect(throws: DatasetError.self) {
      try proveDisjoint(calibration: calibration, evaluation: evaluation, dataset: "letters")
    }
    #expect(
      error
        == .overlap(
          dataset: "letters", first: .calibrate, firstIndex: 2, second: .evaluate, secondIndex: 2))
    #expect(
      error?.description
        == "letters: example 2 of 'calibrate' is also example 2 of 'evaluate'; "
        + "what calibrates must not be scored")
  }

  @Test func `the same input with another label is another example`() {
    let digests = ExampleSet.digests(of: [1, 1, 2], size: 1, labels: [0, 1, 0])
    #expect(Set(digests).count == 3)
    #expect(
      ExampleSet.digests(of: [1, 2, 1, 2], size: 2, labels: [3, 3]).first
        == ExampleSet.digests(of: [1, 2], size: 2, labels: [3]).first)
  }

  @Test func `a slice value that calibration lacks is listed with 0`() {
    let calibration = set([1, 2, 3], writers: ["a", "a", "b"])
    let evaluation = set([4, 5, 6], writers: ["a", "c", "a"])
    #expect(
      sliceCoverage(calibration: calibration, evaluation: evaluation)
        == ["writer": ["a": 2, "b": 1, "c": 0]])
  }
}
