import Datasets
import Documents
import Foundation
import TestSupport
import Testing

@Suite struct SoundTests {
  private static func wav(
    _ data: [UInt8], tag: Int = 1, channels: Int = 1, rate: Int = 8000, bits: Int = 16,
    before: [UInt8] = []
  ) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let frame = channels * bits / 8
    let format =
      number(tag, 2) + number(channels, 2) + number(rate, 4) + number(rate * frame, 4)
      + number(frame, 2) + number(bits, 2)
    let body =
      Array("WAVEfmt ".utf8) + number(16, 4) + format + before + Array("data".utf8)
      + number(data.count, 4) + data
    return Array("RIFF".utf8) + number(body.count, 4) + body
  }

  private static func int16(_ values: [Int]) -> [UInt8] {
    values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  @Test func `every encoding is scaled to one and mixed down`() throws {
    func samples(_ bytes: [UInt8]) throws -> [Float] {
      try WAVFile(bytes: bytes, file: "f").samples
    }
    #expect(try samples(Self.wav([0, 128, 192], bits: 8)) == [-1, 0, 0.5])
    #expect(try samples(Self.wav(Self.int16([-32768, 16384, 1]))) == [-1, 0.5, 1 / 32768])
    #expect(
      try samples(Self.wav([0, 0, 0x80, 0, 0, 0x40, 1, 0, 0], bits: 24)) == [-1, 0.5, 0x1p-23])
    #expect(try samples(Self.wav([0, 0, 0, 0x80, 0, 0, 0, 0x20], bits: 32)) == [-1, 0.25])
    let float = Float(0.3).bitPattern
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: float >> (8 * $0)) }
    #expect(try samples(Self.wav(bytes, tag: 3, bits: 32)) == [0.3])
    let stereo = Self.wav(Self.int16([16384, 0, -32768, 16384]), channels: 2)
    #expect(try samples(stereo) == [0.25, -0.25])
    // An odd chunk is followed by a byte that belongs to no chunk.
    let chunk = Array("LIST".utf8) + [3, 0, 0, 0, 9, 9, 9, 0]
    let file = try WAVFile(bytes: Self.wav(Self.int16([16384]), before: chunk), file: "f")
    #expect(file.samples == [0.5])
    #expect(file.rate == 8000)
  }

  @Test(
    arguments: [
      (Array("RIFX".utf8), "byte 0", "a RIFF file of form WAVE"),
      (Array(wav([1, 0]).dropLast(2)), "byte 40", "at most 0 bytes"),
      (Array(wav([1, 0]).prefix(36)), "byte 36", "a chunk 'data'"),
      (wav([1, 0, 0]), "byte 44", "whole samples of 2 bytes"),
      (wav([1, 0], bits: 12), "byte 20", "integers of 8, 16, 24 or 32 bits or floats of 32"),
      (wav([1, 0], tag: 85), "byte 20", "integers of 8, 16, 24 or 32 bits or floats of 32"),
      (wav([], channels: 9), "byte 22", "1 to 8 channels"),
      (wav([], rate: 0), "byte 24", "samples per second"),
      (wav([0, 0, 0xC0, 0x7F], tag: 3, bits: 32), "byte 44", "a finite sample"),
      (
        Array(wav([]).prefix(12)) + Array("data".utf8) + [0, 0, 0, 0], "byte 12",
        "a chunk 'fmt ' before the samples"
      ),
    ])
  func `each damage is named with its byte`(bytes: [UInt8], place: String, expected: String) throws
  {
    let error = #expect(throws: DatasetError.self) { _ = try WAVFile(bytes: bytes, file: "f") }
    guard case .malformed("f", place, expected, _)? = error else {
      Issue.record("\(error?.description ?? "")")
      return
    }
  }

  @Test func `mutated files are read or refused, never a crash`() {
    for seed in UInt64(1)...3000 {
      var random = SeededGenerator(seed: seed)
      let bytes = Self.wav(Self.int16(Array(0..<20)), channels: 2)
      _ = try? WAVFile(bytes: Bytes.mutated(bytes, &random), file: "f")
    }
  }

  @Test func `the transform is the definition's sum`() {
    for (seed, count) in [(UInt64(1), 2), (2, 8), (3, 64), (4, 256)] {
      var random = SeededGenerator(seed: seed)
      let samples = (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
      let power = FourierTransform(count: count).power(of: samples)
      #expect(power.count == count / 2 + 1)
      for (bin, found) in power.enumerated() {
        var (re, im) = (0.0, 0.0)
        for (index, sample) in samples.enumerated() {
          let angle = -2 * Double.pi * Double(bin * index % count) / Double(count)
          re += sample * cos(angle)
          im += sample * sin(angle)
        }
        #expect(abs(found - (re * re + im * im)) < 1e-11 * Double(count), "seed \(seed), \(bin)")
      }
    }
  }

  /// numpy 2: rfft of 256, Hann as `0.5 - 0.5 * cos(2 * pi * n / 200)`, filters from the same formulas.
  @Test func `mel features equal numpy's`() {
    let samples = (0..<400).map { (index: Int) -> Float in
      let value: Int = (index * index * 7 + 13 * index) % 2001 - 1000
      return Float(value) / 32768
    }
    let mel = LogMel(rate: 8000, frame: 200, hop: 80, bands: 6, low: 100, high: 4000)
    #expect(mel.frames(400) == 3)
    #expect(mel.frames(199) == 0)
    let expected: [Double] = [
      -2.186946295, -1.981525633, -1.146977530, -0.822025087, -0.767878923, -0.231188240,
      -2.160282558, -1.897180550, -1.059748165, -0.788411681, -0.785653568, -0.280500079,
      -1.156240653, -1.670503707, -1.271566401, -0.768187257, -0.543316881, -0.509060294,
    ]
    let features = mel.features(of: samples)
    #expect(features.count == expected.count)
    for (found, expected) in zip(features, expected) {
      #expect(abs(Double(found) - expected) < 3e-7 * abs(expected) + 1e-8)
    }
  }

  private static let definition = """
    dataset: words
    kind: wav
    root: { folder: data }
    rate: 8000
    length: 4
    classes: [down, up]
    slices: [folder, { name: short, where: "seconds < 0.0005" }]
    splits:
      train: { files: train }
      calibrate: { files: other }
      evaluate: { files: test }
    """

  private func open(_ definition: String, _ folder: TemporaryFolder) throws -> any Dataset {
    try folder.write(definition, to: "Scenarios/datasets/words.yaml")
    return try folder.catalog().dataset("words")
  }

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let sounds: [(String, [Int])] = [
      ("test/up/a.wav", [16384, 0, 0, 0, 8192]), ("test/down/a.WAV", [-16384, 16384]),
      ("test/down/b.wav", [1, 2, 3, 4]), ("other/down/c.wav", [1, 2, 3, 4]),
      ("other/up/d.wav", [4, 3, 2, 1]),
    ]
    for (path, samples) in sounds {
      try folder.write(Self.wav(Self.int16(samples)), to: "data/\(path)")
    }
    try folder.write("not a sound", to: "data/test/down/README.md")
    try folder.write("not a folder", to: "data/test/LICENSE")
    return folder
  }

  @Test func `folders are classes, and sounds are cut and filled up`() throws {
    let folder = try folder()
    let dataset = try open(Self.definition, folder)
    #expect(dataset.inputShape == [4, 1])
    let set = try dataset.load(.evaluate, count: 3)
    #expect(set.slices["folder"] == set.labels.map { ["down", "up"][$0] })
    let long = try #require(set.labels.firstIndex(of: 1))
    #expect(Array(set.inputs[4 * long..<4 * long + 4]) == [0.5, 0, 0, 0])
    #expect(set.slices["short"]?[long] == "no")
    let starts = stride(from: 0, to: 12, by: 4).map { Array(set.inputs[$0..<$0 + 4]) }
    #expect(starts.contains([-0.5, 0.5, 0, 0]))
    // c.wav is also scored.
    let calibration = try dataset.load(.calibrate, count: 1)
    #expect(calibration.inputs[0] == Float(4) / 32768)
    #expect(throws: DatasetError.self) { try dataset.load(.calibrate, count: 2) }
  }

  @Test func `the centre is kept and features are made where asked for`() throws {
    let folder = try folder()
    let centre = Self.definition.replacing("length: 4", with: "length: 3\nlonger: center")
    let set = try open(centre, folder).load(.evaluate, count: 3)
    let long = try #require(set.labels.firstIndex(of: 1))
    #expect(Array(set.inputs[3 * long..<3 * long + 3]) == [0, 0, 0])
    let mel = Self.definition.replacing(
      "length: 4", with: "length: 4\nlog_mel: { frame: 2, hop: 1, bands: 2 }")
    let dataset = try open(mel, folder)
    #expect(dataset.inputShape == [3, 2, 1])
    #expect(try dataset.load(.evaluate, count: 3).inputs.count == 18)
  }

  @Test func `a table names sounds, classes and properties`() throws {
    let folder = try folder()
    try folder.write(
      "file,word,age\ntest/down/b.wav,UP,30\ntest/up/a.wav,down,\n", to: "data/test.csv")
    let definition = Self.definition
      .replacing(
        "classes: [down, up]",
        with:
          "classes: { down: down, up: UP }\nlayout: { list: { label: word, columns: [{ name: age, type: number }] } }"
      )
      .replacing("[folder, ", with: "[{ name: age, ranges: [18] }, ")
      .replacing("files: test }", with: "files: test.csv }")
    let set = try open(definition, folder).load(.evaluate, count: 2)
    #expect(set.labels == [1, 0])
    #expect(set.slices["age"] == [">=18", "missing"])
    try folder.write("file,word,age\n../secret.wav,down,1\n", to: "data/test.csv")
    let dataset = try open(definition, folder)
    #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 1) }
  }

  @Test func `another rate, an unknown class and refused lengths are named`() throws {
    let folder = try folder()
    func failure(_ definition: String) throws -> String {
      let dataset = try open(definition, folder)
      let error = #expect(throws: DatasetError.self) { try dataset.load(.evaluate, count: 3) }
      return error?.description ?? ""
    }
    #expect(
      try failure(Self.definition.replacing("rate: 8000", with: "rate: 16000"))
        .contains("expected 16000 samples per second, found 8000"))
    #expect(
      try failure(Self.definition.replacing("[down, up]", with: "[down, sideways]"))
        .contains("folder 'up': expected a known class"))
    #expect(
      try failure(Self.definition.replacing("length: 4", with: "length: 4\nlonger: refuse"))
        .contains("the samples: expected 4, found 5"))
    #expect(
      try failure(Self.definition.replacing("length: 4", with: "length: 4\nshorter: refuse"))
        .contains("the samples: expected 4, found 2"))
  }

  @Test(
    arguments: [
      ("classes: [down, up]", "", "missing key 'classes'"),
      ("rate: 8000", "rate: 8000\ntarget: none", "has no classes"),
      ("rate: 8000", "rate: 8000\nlog_mel: { frame: 8, hop: 1, bands: 2 }", "a frame of at most 4"),
      (
        "rate: 8000", "rate: 8000\nlog_mel: { frame: 2, hop: 1, bands: 2, high: 5000 }",
        "below half the rate, 4000 Hz"
      ),
      ("rate: 8000", "rate: 8000\nlayout: { list: {} }", "missing key 'label'"),
    ])
  func `a wrong definition is refused before any file is read`(
    old: String, new: String, message: String
  ) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: InvalidDocument.self) {
      _ = try open(Self.definition.replacing(old, with: new), folder)
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
