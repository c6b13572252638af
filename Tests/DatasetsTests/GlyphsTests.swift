import Datasets
import Digests
import Testing

@Suite struct GlyphsTests {
  @Test func `the bits are the same on every machine`() throws {
    let set = try Glyphs(seed: 1).load(.evaluate, count: 500)
    #expect(
      set.digest.description
        == "sha256:55901d95f8c506adcabdff5750e90ebe6e8cf5d709edc8c8ab3d52bbad348c48"
    )
  }

  @Test func `every example is made on its own`() throws {
    let glyphs = Glyphs(seed: 3)
    let (few, many) = (try glyphs.load(.train, count: 7), try glyphs.load(.train, count: 40))
    #expect(many.exampleDigests.prefix(7) == few.exampleDigests[...])
    var pixels = [Float](repeating: 0, count: Glyphs.pixelCount)
    let late = glyphs.draw(.train, 33, into: &pixels)
    #expect(pixels[...] == many.inputs[33 * Glyphs.pixelCount..<34 * Glyphs.pixelCount])
    #expect(late.label == many.labels[33])
  }

  @Test func `splits and seeds share no example`() throws {
    let sets = try [
      Glyphs(seed: 1).load(.train, count: 300), Glyphs(seed: 1).load(.calibrate, count: 300),
      Glyphs(seed: 1).load(.evaluate, count: 300), Glyphs(seed: 2).load(.train, count: 300),
    ]
    #expect(Set(sets.flatMap(\.exampleDigests)).count == 1200)
  }

  @Test func `classes, writers and greys are as documented`() throws {
    let glyphs = Glyphs(seed: 5)
    let set = try glyphs.load(.train, count: 8000)
    #expect(set.inputShape == [16, 16, 1])
    for label in 0..<10 {
      #expect(abs(set.labels.count { $0 == label } - 800) < 110, "class \(label)")
    }
    let shares = ["upright": 0.55, "slanted": 0.25, "heavy": 0.15, "shaky": 0.05]
    let writers = try #require(set.slices["writer"])
    for (name, share) in shares {
      let found = Double(writers.count { $0 == name }) / 8000
      #expect((found - share).magnitude < 0.022, "\(name): \(found)")
    }
    #expect(set.inputs.allSatisfy { $0 >= 0 && $0 <= 1 && ($0 * 255).rounded() / 255 == $0 })
    #expect(Set(set.slices.keys) == Set(glyphs.sliceKeys))
    #expect(Set(set.slices["rotation"] ?? []) == ["low", "medium", "high"])
    #expect(Set(set.slices["contrast"] ?? []) == ["low", "medium", "high"])
    #expect(Set(set.slices["occlusion"] ?? []) == ["none", "part"])
    #expect(Set(set.slices["noise"] ?? []) == ["low", "high"])
  }

  @Test func `a blank image says nothing about its label, any other does`() {
    let glyphs = Glyphs(seed: 1)
    var (one, other) = ([Float](repeating: 0, count: 256), [Float](repeating: 0, count: 256))
    var blanks = 0
    for index in 0..<4000 {
      let example = glyphs.draw(.evaluate, index, instead: 0, into: &one)
      guard example.isBlank || index < 100 else { continue }
      blanks += example.isBlank ? 1 : 0
      for label in 1..<10 {
        let same = glyphs.draw(.evaluate, index, instead: label, into: &other)
        #expect((one == other) == example.isBlank, "example \(index), label \(label)")
        #expect(same.slices == example.slices, "example \(index), label \(label)")
      }
    }
    // 4000 / 64 = 62.5, standard deviation 7.8.
    #expect((35...95).contains(blanks))
  }

  @Test func `the bound is what a classifier reaches that only blanks can fool`() throws {
    // Of 640 images 10 are blank; whatever is answered there, 1 of the 10 equally likely labels is right.
    let expected = (630.0 + 10.0 / 10) / 640
    #expect(Glyphs().accuracyBound == expected)
    // The same by sampling: perfect but on blanks, where it always answers 4.
    let glyphs = Glyphs(seed: 2)
    var pixels = [Float](repeating: 0, count: Glyphs.pixelCount)
    var right = 0
    for index in 0..<8000 {
      let example = glyphs.draw(.train, index, into: &pixels)
      if !example.isBlank || example.label == 4 { right += 1 }
    }
    // Standard error 0.0013.
    #expect((Double(right) / 8000 - expected).magnitude < 0.006)
  }

  @Test func `nothing and too much are refused`() {
    #expect(throws: DatasetError.empty(dataset: "glyphs", split: .calibrate)) {
      try Glyphs().load(.calibrate, count: 0)
    }
    #expect(
      throws: DatasetError.tooFew(
        dataset: "glyphs", split: .train, expected: 10_000_001, found: 10_000_000)
    ) {
      try Glyphs().load(.train, count: 10_000_001)
    }
  }
}
