import Datasets
import Documents
import Foundation
import TestSupport
import Testing

@Suite struct CSVDatasetTests {
  private static let definition = """
    dataset: people
    kind: csv
    root: { folder: data }
    features: 5
    missing: "?"
    remark: "#"
    columns:
      - { name: age, type: numeric }
      - { name: pay, type: numeric, transform: log1p }
      - { name: town, type: categorical }
      - { name: note, type: ignored }
      - { name: sex, type: categorical, values: [f] }
      - { name: answer, type: label, classes: { no: "n", yes: ["y", "yes"] }, trailing_dot: true }
    slices: [town, note]
    splits:
      train: { file: train.csv, count: 4 }
      calibrate: { file: train.csv, from: 4, count: 3 }
      evaluate: { file: test.csv, count: 2 }
    """
  private static let training = """
    # age, pay, town, note, sex, answer
    10, 0, Rome, u, f, n
    20, 0, Bonn, v, f, y
    30, 0, ?, w, ?, yes
    ?, 0, Rome, x, f, n
    12, 0, Bonn, other, f, n
    20, 0, Oslo, second, f, y
    20, 0, Bonn, kept, f, y

    """
  private static let test = """
    20, 1.5, Oslo, a, ?, y.
    12, 0, Bonn, b, f, n.

    """

  private func folder(
    definition: String = definition, training: String = training, test: String = test
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(definition, to: "Scenarios/datasets/people.yaml")
    try folder.write(training, to: "data/train.csv")
    try folder.write(test, to: "data/test.csv")
    return folder
  }

  /// The error of loading one split.
  private func failure(
    _ folder: TemporaryFolder, _ split: Split = .evaluate, count: Int = 2
  ) throws -> DatasetError? {
    let dataset = try folder.catalog().dataset("people")
    return #expect(throws: DatasetError.self) { try dataset.load(split, count: count) }
  }

  @Test func `columns become scaled numbers and ones`() throws {
    let folder = try folder()
    let dataset = try folder.catalog().dataset("people")
    #expect(dataset.inputShape == [5])
    #expect(dataset.classNames == ["no", "yes"])
    let set = try dataset.load(.evaluate, count: 2)
    // Age: mean 20, deviation √(200 / 3) over the three known. Pay: mean 0, deviation 0, left as it is:
    // ln 2.5. Towns of the training part: Bonn, Rome; Oslo is new. Sex: only 'f' is listed.
    let expected: [Float] = [
      0, 0.9162907, 0, 0, 0,
      Float(-8 / (200.0 / 3).squareRoot()), 0, 1, 0, 1,
    ]
    #expect(zip(set.inputs, expected).allSatisfy { ($0 - $1).magnitude < 1e-6 }, "\(set.inputs)")
    #expect(set.labels == [1, 0])
    #expect(set.slices == ["town": ["Oslo", "Bonn"], "note": ["a", "b"]])
  }

  @Test func `ranges and conditions make slices`() throws {
    let definition = CSVDatasetTests.definition.replacing(
      "slices: [town, note]",
      with: """
        slices:
          - { name: age, ranges: [15, 20] }
          - { name: odd, where: "pay > 1 and town = 'Oslo' or sex is missing" }
        """)
    let folder = try folder(definition: definition)
    let set = try folder.catalog().dataset("people").load(.evaluate, count: 2)
    #expect(set.slices == ["age": [">=20", "<15"], "odd": ["yes", "no"]])
  }

  @Test func `numbers can be predicted, or nothing`() throws {
    let label = "type: label, classes: { no: \"n\", yes: [\"y\", \"yes\"] }, trailing_dot: true"
    let vector = CSVDatasetTests.definition.replacing(label, with: "type: ignored")
      .replacing("name: pay, type: numeric, transform: log1p", with: "name: pay, type: target")
      .replacing("features: 5", with: "features: 4\ntarget: vector")
    let regression = try folder(definition: vector)
    var dataset = try regression.catalog().dataset("people")
    #expect(dataset.target == .vector(width: 1))
    #expect(try dataset.load(.evaluate, count: 2).targets == [1.5, 0])
    let first = try dataset.load(.calibrate, count: 2)
    #expect(first.targets == [0, 0])
    let none = CSVDatasetTests.definition.replacing(label, with: "type: ignored")
      .replacing("features: 5", with: "features: 5\ntarget: none")
    let unlabelled = try folder(definition: none)
    dataset = try unlabelled.catalog().dataset("people")
    #expect(dataset.target == .none(vocabulary: nil))
    #expect(dataset.classNames.isEmpty)
  }

  @Test func `missing values are the mean and no word`() throws {
    let folder = try folder()
    let set = try folder.catalog().dataset("people").load(.train, count: 4)
    #expect(set.inputs[10] > 0 && set.inputs[12...14] == [0, 0, 0])
    #expect(set.inputs[15] == 0)
    #expect(set.slices["town"] == ["Rome", "Bonn", "missing", "Rome"])
    #expect(set.labels == [0, 1, 1, 0])
  }

  @Test func `calibration skips what is scored and goes on with the next`() throws {
    let folder = try folder()
    let dataset = try folder.catalog().dataset("people")
    let calibration = try dataset.load(.calibrate, count: 2)
    #expect(calibration.slices["note"] == ["second", "kept"])
    let evaluation = try dataset.load(.evaluate, count: 2)
    try proveDisjoint(calibration: calibration, evaluation: evaluation, dataset: "people")
    #expect(
      try failure(folder, .calibrate, count: 3)
        == .tooFew(dataset: "people", split: .calibrate, expected: 3, found: 2))
  }

  @Test func `a calibration part of scored rows only is empty`() throws {
    let rows = String(repeating: "12, 0, Bonn, other, f, n\n", count: 3)
    let training = CSVDatasetTests.training.split(separator: "\n").prefix(5).joined(separator: "\n")
    let folder = try folder(training: training + "\n" + rows)
    #expect(
      try failure(folder, .calibrate, count: 1) == .empty(dataset: "people", split: .calibrate))
  }

  @Test func `an empty file is an empty dataset`() throws {
    #expect(
      try failure(try folder(test: "# nothing\n")) == .empty(dataset: "people", split: .evaluate))
  }

  @Test(
    arguments: [
      (
        "20, x, Bonn, a, f, n\n12, 0, Bonn, b, f, n\n", "line 1, column 'pay'", "a decimal number",
        "'x'"
      ),
      (
        "20, 0x1p3, Bonn, a, f, n\n12, 0, Bonn, b, f, n\n", "line 1, column 'pay'",
        "a decimal number", "'0x1p3'"
      ),
      (
        "nan, 0, Bonn, a, f, n\n12, 0, Bonn, b, f, n\n", "line 1, column 'age'", "a decimal number",
        "'nan'"
      ),
      (
        "1e999, 0, Bonn, a, f, n\n12, 0, Bonn, b, f, n\n", "line 1, column 'age'",
        "a decimal number", "'1e999'"
      ),
      (
        "20, -1, Bonn, a, f, n\n12, 0, Bonn, b, f, n\n", "line 1, column 'pay'",
        "a number above -1 (log1p)", "'-1'"
      ),
      (
        "20, 0, Bonn, a, f, n\n12, 0, Bonn, b, m, n\n", "line 2, column 'sex'",
        "one of the column's values", "'m'"
      ),
      (
        "20, 0, Bonn, a, f, n\n12, 0, Bonn, b, f, maybe\n", "line 2, column 'answer'",
        "a known class", "'maybe'"
      ),
      ("20, 0, Bonn, a, f, n\n", "the end", "at least 2 records", "1"),
      ("20, 0, Bonn, a, f\n", "line 1", "6 fields", "5"),
    ])
  func `each damage is named with its place`(
    test: String, place: String, expected: String, found: String
  ) throws {
    #expect(
      try failure(try folder(test: test))
        == .malformed(file: "data/test.csv", place: place, expected: expected, found: found))
  }

  @Test func `a width other than the declared one is refused`() throws {
    let definition = CSVDatasetTests.definition.replacing("features: 5", with: "features: 6")
    #expect(
      try failure(try folder(definition: definition))
        == .malformed(
          file: "data/train.csv", place: "records 0 to 3",
          expected: "6 features after encoding", found: "5"))
  }

  @Test(
    arguments: [
      ("from: 4, count: 3", "from: 3, count: 3", "calibrate: shares records with 'train'"),
      ("{ folder: data }", "{ folder: ../data }", "root.folder: expected a relative path"),
      ("file: test.csv", "file: /etc/passwd", "evaluate.file: expected a relative path"),
      ("file: test.csv", "file: ../../secret", "evaluate.file: expected a relative path"),
      ("count: 2 }", "count: 0 }", "evaluate.count: expected a whole number from 1"),
      ("slices: [town, note]", "slices: [twon]", "no column 'twon' (did you mean 'town'?)"),
      ("slices: [town, note]", "slices: [age]", "a numeric column cannot be a slice"),
      ("name: note", "name: town", "two columns have the same name"),
      ("yes: [\"y\", \"yes\"]", "yes: \"n\"", "a word stands for two classes"),
      ("type: ignored", "type: label, classes: { a: \"1\", b: \"2\" }", "found 2"),
      ("type: ignored", "type: skipped", "expected one of 'numeric'"),
      ("kind: csv", "kind: cvs", "(did you mean 'csv'?)"),
      ("dataset: people", "dataset: persons", "dataset: expected 'people', found 'persons'"),
      ("remark: \"#\"", "remarks: \"#\"", "unknown key (did you mean 'remark'?)"),
    ])
  func `a wrong definition is refused before any file is read`(
    old: String, new: String, message: String
  ) throws {
    let definition = CSVDatasetTests.definition.replacing(old, with: new)
    #expect(definition != CSVDatasetTests.definition)
    let folder = try folder(definition: definition)
    let error = #expect(throws: InvalidDocument.self) {
      _ = try folder.catalog().dataset("people")
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("Scenarios/datasets/people.yaml:") == true)
  }
}
