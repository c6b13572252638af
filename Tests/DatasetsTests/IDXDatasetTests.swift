import Datasets
import Documents
import Foundation
import TestSupport
import Testing

@Suite struct IDXDatasetTests {
  private static let definition = """
    dataset: letters
    kind: idx
    root: { environment: LETTERS, folder: letters }
    shape: [2, 2, 1]
    classes: [a, b]
    label_slice: letter
    splits:
      train: { images: train.idx, labels: train-labels.idx, count: 2 }
      calibrate: { images: train.idx, labels: train-labels.idx, from: 2, count: 3 }
      evaluate: { images: test.idx.gz, labels: test-labels.idx.gz, count: 2 }
    """
  private static let images: [UInt8] = [
    0, 51, 102, 255, 1, 1, 1, 1, 9, 9, 9, 9, 255, 0, 255, 0, 7, 7, 7, 7,
  ]

  private func folder(
    definition: String = definition, images: [UInt8]? = nil, labels: [UInt8]? = nil
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(definition, to: "Scenarios/datasets/letters.yaml")
    try folder.write(
      images ?? Bytes.idx([5, 2, 2], IDXDatasetTests.images), to: "real/letters/train.idx")
    try folder.write(
      labels ?? Bytes.idx([5], [0, 1, 1, 0, 1]), to: "real/letters/train-labels.idx")
    let scored = Bytes.idx([2, 2, 2], [3, 3, 3, 3, 255, 0, 255, 0])
    try folder.write(Bytes.gzip(scored), to: "real/letters/test.idx.gz")
    try folder.write(Bytes.gzip(Bytes.idx([2], [1, 0])), to: "real/letters/test-labels.idx.gz")
    return folder
  }

  private func dataset(_ folder: TemporaryFolder) throws -> any Dataset {
    try folder.catalog(["LETTERS": folder.url.appendingPathComponent("real").path])
      .dataset("letters")
  }

  private func failure(_ folder: TemporaryFolder, _ split: Split = .train) throws -> DatasetError? {
    let dataset = try dataset(folder)
    return #expect(throws: DatasetError.self) { try dataset.load(split, count: 2) }
  }

  @Test func `bytes become shares of 255, labels slices`() throws {
    let folder = try folder()
    let dataset = try dataset(folder)
    let set = try dataset.load(.train, count: 2)
    #expect(set.inputShape == [2, 2, 1])
    #expect(set.inputs == [0, 0.2, 0.4, 1] + [Float](repeating: 1 / 255, count: 4))
    #expect(set.labels == [0, 1])
    #expect(set.slices == ["letter": ["a", "b"]])
    #expect(dataset.available(.calibrate) == 3)
  }

  @Test func `standard scaling uses mean and deviation of the training part`() throws {
    let definition = IDXDatasetTests.definition + "\nnormalize: standard"
    let folder = try folder(definition: definition)
    let set = try dataset(folder).load(.train, count: 2)
    let pixels: [Double] = [0, 51, 102, 255, 1, 1, 1, 1]
    let mean = pixels.reduce(0, +) / 8
    let deviation = (pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8).squareRoot()
    for (found, pixel) in zip(set.inputs, pixels) {
      #expect((Double(found) - (pixel - mean) / deviation).magnitude < 1e-6)
    }
  }

  @Test func `calibration skips an image that is scored with the same label`() throws {
    let folder = try folder()
    let set = try dataset(folder).load(.calibrate, count: 2)
    #expect(set.inputs[0] == 9 / 255 && set.inputs[4] == 7 / 255)
  }

  @Test func `a variable that is not set makes the dataset unavailable`() throws {
    let folder = try folder()
    for environment in [[:], ["LETTERS": ""]] {
      let dataset = try folder.catalog(environment).dataset("letters")
      let error = #expect(throws: DatasetError.self) { try dataset.load(.train, count: 1) }
      #expect(error == .unavailable(dataset: "letters", variable: "LETTERS"))
      #expect(
        error?.description
          == "letters: not available here: the environment variable LETTERS is not set")
    }
  }

  @Test func `a missing file is an error that shows no path of this machine`() throws {
    let folder = try folder()
    try FileManager.default.removeItem(
      at: folder.url.appendingPathComponent("real/letters/train.idx"))
    #expect(
      try failure(folder)
        == .unreadable(file: "$LETTERS/letters/train.idx", reason: "no such file"))
  }

  @Test func `a folder in place of a file is an error`() throws {
    let folder = try folder()
    let place = folder.url.appendingPathComponent("real/letters/train.idx")
    try FileManager.default.removeItem(at: place)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    #expect(
      try failure(folder)
        == .unreadable(file: "$LETTERS/letters/train.idx", reason: "it is not a regular file"))
  }

  @Test func `a link that leads out of the folder is refused`() throws {
    let folder = try folder()
    let place = folder.url.appendingPathComponent("real/letters/train.idx")
    try FileManager.default.removeItem(at: place)
    let outside = try folder.write("secret", to: "secret.txt")
    try FileManager.default.createSymbolicLink(at: place, withDestinationURL: outside)
    #expect(try failure(folder) == .outsideRoot(dataset: "letters", path: "train.idx"))
  }

  @Test func `images of another shape, labels of another rank or count are refused`() throws {
    let flat = Bytes.idx([5, 4], IDXDatasetTests.images)
    #expect(
      try failure(try folder(images: flat))
        == .malformed(
          file: "$LETTERS/letters/train.idx", place: "byte 8",
          expected: "records of shape [2, 2, 1]", found: "[4]"))
    #expect(
      try failure(try folder(labels: Bytes.idx([5, 1], [0, 1, 1, 0, 1])))
        == .malformed(
          file: "$LETTERS/letters/train-labels.idx", place: "byte 3", expected: "1 extent",
          found: "2"))
    #expect(
      try failure(try folder(labels: Bytes.idx([4], [0, 1, 1, 0])))
        == .malformed(
          file: "$LETTERS/letters/train-labels.idx", place: "byte 4", expected: "5 labels",
          found: "4"))
  }

  @Test func `a label without a class is named by its record`() throws {
    #expect(
      try failure(try folder(labels: Bytes.idx([5], [0, 2, 1, 0, 1])))
        == .malformed(
          file: "$LETTERS/letters/train-labels.idx", place: "record 1",
          expected: "a label from 0 to 1", found: "2"))
  }

  @Test func `files without records are an empty dataset, short ones are refused`() throws {
    let none = try folder(images: Bytes.idx([0, 2, 2], []), labels: Bytes.idx([0], []))
    #expect(try failure(none) == .empty(dataset: "letters", split: .train))
    let short = try folder(
      images: Bytes.idx([1, 2, 2], [1, 2, 3, 4]), labels: Bytes.idx([1], [0]))
    #expect(
      try failure(short)
        == .malformed(
          file: "$LETTERS/letters/train-labels.idx", place: "byte 4",
          expected: "at least 2 records", found: "1"))
  }
}
