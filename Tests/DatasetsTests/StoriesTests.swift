import Datasets
import Digests
import TestSupport
import Testing

@Suite struct StoriesTests {
  private func ids(_ set: ExampleSet, _ index: Int) -> [Int] {
    set.inputs[index * set.inputSize..<(index + 1) * set.inputSize].map { Int($0) }
  }

  @Test func `the bounds are computed again and agree`() {
    let found = Stories.integrated(samples: Stories.samplesPerDialect)
    func expectEqual(_ found: IntegratedBound?, _ stated: IntegratedBound?, _ what: String) {
      guard let found, let stated else {
        Issue.record("\(what) is missing")
        return
      }
      #expect((found.mean - stated.mean).magnitude <= 0.51e-5, "\(what)")
      #expect(found.tolerance <= stated.tolerance, "\(what)")
    }
    expectEqual(found.entropy, Stories.entropy, "entropy")
    #expect(found.entropyByDialect.count == Stories.dialects.count)
    #expect(Stories.entropyByDialect.count == Stories.dialects.count)
    for (index, name) in Stories.dialects.enumerated() {
      expectEqual(found.entropyByDialect[index], Stories.entropyByDialect[index], name)
    }
    for label in Stories.Label.allCases {
      expectEqual(found.bayesAccuracy[label], Stories.bayesAccuracy[label], label.rawValue)
    }
    #expect(Stories().entropyBound == Stories.entropy.mean - Stories.entropy.tolerance)
    #expect(Stories().accuracyBound == nil)
    #expect(Stories(length: 65).entropyBound == nil)
    #expect(Stories(label: .mood).entropyBound == nil)
    #expect(Stories(length: 65, label: .mood).accuracyBound == nil)
    #expect(Stories(label: .dialect).accuracyBound == 1)
  }

  @Test func `the best possible loss on fresh windows is the entropy`() throws {
    let stories = Stories(seed: 12)
    let set = try stories.load(.evaluate, count: 2000)
    let losses = stories.optimalLosses(of: set)
    #expect(losses.allSatisfy { $0.count == 63 && $0.allSatisfy { $0 >= 0 && $0.isFinite } })
    let means = losses.map { $0.reduce(0, +) / 63 }
    let mean = means.reduce(0, +) / 2000
    // The standard deviation of one window is 0.052.
    #expect((mean - Stories.entropy.mean).magnitude < 0.0025 + 4 * 0.052 / 44.7, "\(mean)")
  }

  @Test func `every word follows as often as its computed probability says`() throws {
    let set = try Stories(seed: 5).load(.train, count: 600)
    let count = Stories.words.count
    var (seen, expected, variance) = (
      [Double](repeating: 0, count: count), [Double](repeating: 0, count: count),
      [Double](repeating: 0, count: count)
    )
    for index in 0..<set.count {
      var filter = LatentFilter(StoryGrammar.shared)
      for id in ids(set, index) {
        for (word, probability) in filter.distribution(vocabulary: count).enumerated() {
          expected[word] += probability
          variance[word] += probability * (1 - probability)
        }
        seen[id] += 1
        #expect(filter.observe(id) > 0)
      }
    }
    for word in 0..<count {
      // Five standard deviations, and a little for words that are hardly ever seen.
      let limit = 5 * max(variance[word], 0).squareRoot() + 3
      #expect((seen[word] - expected[word]).magnitude < limit, "\(Stories.words[word])")
    }
  }

  @Test func `a colour that was told once recurs until the story ends`() throws {
    let set = try Stories(seed: 2).load(.train, count: 500)
    let colours: Set = ["red", "green", "white", "yellow", "brown", "silver", "black", "purple"]
    var recurrences = 0
    for index in 0..<set.count {
      let text = Stories.text(of: ids(set, index))
      for story in text.split(separator: "<story>") {
        let told = story.split(separator: " ").map(String.init).filter(colours.contains)
        #expect(Set(told).count <= 1, "\(story)")
        recurrences += max(told.count - 1, 0)
      }
    }
    #expect(recurrences > 300)
  }

  @Test func `the bits are the same on every machine`() throws {
    let digest = try Stories(seed: 1).load(.evaluate, count: 500).digest
    #expect(
      digest.description
        == "sha256:637f36e2166eac701b11963950135cdea64fe940fca8cb7a14685568231c09e8")
    let labelled = try Stories(seed: 1, label: .mood).load(.calibrate, count: 500).digest
    #expect(
      labelled.description
        == "sha256:132ab1cef68f3449506b41705e0d7cd4697425e97fa104578af2e1c26ebeb8a6")
  }

  @Test func `dialects, topics and moods are as frequent as documented`() throws {
    let stories = Stories(seed: 3)
    let set = try stories.load(.train, count: 8000)
    #expect(set.inputShape == [64])
    #expect(set.target == .nextToken(vocabulary: Stories.words.count))
    #expect((200...400).contains(Stories.words.count))
    #expect(set.inputs.allSatisfy { $0 >= 0 && Int($0) < Stories.words.count })
    let shares = [
      "dialect": [
        "plain": 0.45, "coast": 0.27, "hill": 0.16, "court": 0.09, "marsh": 0.03,
      ],
      "topic": ["market": 0.25, "forest": 0.25, "sea": 0.25, "winter": 0.25],
      "mood": ["glad": 0.5, "sad": 0.5],
    ]
    #expect(Set(set.slices.keys) == Set(stories.sliceKeys))
    for (key, values) in shares {
      let column = try #require(set.slices[key])
      for (value, share) in values {
        let found = Double(column.count { $0 == value }) / 8000
        #expect((found - share).magnitude < 0.025, "\(key) \(value): \(found)")
      }
    }
  }

  @Test func `every window is made on its own, and splits share none`() throws {
    let stories = Stories(length: 48, seed: 3)
    let sets = try Split.allCases.map { try stories.load($0, count: 2000) }
    let few = try stories.load(.train, count: 20)
    #expect(sets[0].exampleDigests.prefix(20) == few.exampleDigests[...])
    #expect(Set(sets.flatMap(\.exampleDigests)).count == 6000)
  }

  @Test func `with a label, the windows are the same and the class is the slice`() throws {
    let plain = try Stories(seed: 4).load(.evaluate, count: 200)
    for label in Stories.Label.allCases {
      let stories = Stories(seed: 4, label: label)
      let set = try stories.load(.evaluate, count: 200)
      #expect(set.inputs == plain.inputs)
      #expect(set.target == .tokenClasses(vocabulary: Stories.words.count))
      #expect(set.target.hasClasses)
      #expect(set.labels.map { stories.classNames[$0] } == set.slices[label.rawValue])
      #expect(stories.target == set.target)
    }
    #expect(plain.labels.allSatisfy { $0 == 0 })
    #expect(Stories().classNames.isEmpty)
  }

  @Test func `the classifier that knows the storyteller reaches the best accuracy`() throws {
    for label in Stories.Label.allCases {
      let stories = Stories(seed: 8, label: label)
      let set = try stories.load(.evaluate, count: 1500)
      let right = zip(stories.optimalClasses(of: set), set.labels).count { $0 == $1 }
      let bound = try #require(Stories.bayesAccuracy[label])
      let error = (bound.mean * (1 - bound.mean) / 1500).squareRoot()
      let limit = 4 * error + bound.tolerance
      #expect((Double(right) / 1500 - bound.mean).magnitude < limit, "\(label): \(right)")
    }
  }

  @Test func `files define them`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "{ dataset: a, kind: stories, seed: 3, length: 80 }", to: "Scenarios/datasets/a.yaml")
    try folder.write(
      "{ dataset: b, kind: stories_classes, label: topic }", to: "Scenarios/datasets/b.yaml")
    try folder.write("{ dataset: c, kind: stories_classes }", to: "Scenarios/datasets/c.yaml")
    try folder.write(
      "{ dataset: d, kind: stories, length: 47 }", to: "Scenarios/datasets/d.yaml")
    let catalog = folder.catalog()
    let first = try catalog.dataset("a").load(.train, count: 2)
    #expect(first == (try Stories(length: 80, seed: 3).load(.train, count: 2)))
    let second = try catalog.dataset("b").load(.train, count: 2)
    #expect(second == (try Stories(label: .topic).load(.train, count: 2)))
    #expect(throws: (any Error).self) { _ = try catalog.dataset("c") }
    #expect(throws: (any Error).self) { _ = try catalog.dataset("d") }
  }
}
