import Datasets
import Digests
import Foundation
import Testing

@Suite struct ApplicantsTests {
  /// The documented model, written again from the features that the input shows, with libm: what the
  /// best possible classifier knows.
  private func approval(_ input: ArraySlice<Float>) -> Double {
    let x = input.map(Double.init)
    let age = x[0] * 14 + 41
    let income = exp(x[1] * 0.55 + 3.8)
    let debt = x[2] * 0.24 + 0.42
    let years = x[3] * 10 + 11.5
    let lines = (x[4] * 3.2 + 3.2).rounded()
    let late = (x[5] * 1.4 + 0.9).rounded()
    let savings = x[6] * 4.8 + 5
    let hours = x[7] * 9 + 39
    let clarity = x[8] * 1 + x[9] * 0.9 + x[10] * 0.75 + x[11] * 0.6
    let (south, west) = (x[14], x[15])
    var sum = 0.4 + 2.6 * log(income / 42) - 5 * debt + 0.07 * years - 0.95 * late
    sum += 1.6 * sqrt(max(savings, 0)) - 0.09 * pow(lines - 4, 2) - 0.0018 * pow(age - 47, 2)
    sum += debt > 0.6 && late > 0 ? -1.4 : 0
    sum += south * 1.1 * (hours - 39) / 9 + west * 0.9 * log(income / 42)
    return 1 / (1 + exp(-clarity * sum))
  }

  @Test func `the best accuracy is computed again and agrees`() {
    let found = Applicants.integratedAccuracy(samples: 1 << 18)
    #expect((found.mean - Applicants.bayesAccuracy).magnitude <= 0.5e-5)
    #expect(4 * found.standardError <= Applicants.bayesTolerance)
    #expect(Applicants().accuracyBound == Applicants.bayesAccuracy + Applicants.bayesTolerance)
  }

  @Test func `a classifier that knows the documented model reaches the best accuracy`() throws {
    let set = try Applicants(seed: 4).load(.train, count: 20_000)
    var (right, expected, positives) = (0, 0.0, 0.0)
    for index in 0..<set.count {
      let p = approval(set.inputs[16 * index..<16 * index + 16])
      if (p > 0.5 ? 1 : 0) == set.labels[index] { right += 1 }
      expected += max(p, 1 - p)
      positives += p
    }
    // Standard errors: 0.0026, 0.0010 and 0.0025.
    #expect((Double(right) / 20_000 - Applicants.bayesAccuracy).magnitude < 0.0105)
    #expect((expected / 20_000 - Applicants.bayesAccuracy).magnitude < 0.0042)
    let share = Double(set.labels.reduce(0, +)) / 20_000
    #expect((share - positives / 20_000).magnitude < 0.0105)
  }

  @Test func `the bits are the same on every machine`() throws {
    let set = try Applicants(seed: 1).load(.evaluate, count: 2000)
    #expect(
      set.digest.description
        == "sha256:6e48a04818f47b437a149bc148a9a23756507df90ab07a232741ccddcfd2ff5a"
    )
  }

  @Test func `groups, features and slices are as documented`() throws {
    let applicants = Applicants(seed: 6)
    let set = try applicants.load(.evaluate, count: 10_000)
    #expect(set.inputShape == [16])
    let groups = try #require(set.slices["group"])
    let regions = try #require(set.slices["region"])
    for (index, share) in [("amber", 0.7), ("birch", 0.2), ("cedar", 0.08), ("dune", 0.02)] {
      let found = Double(groups.count { $0 == index }) / 10_000
      #expect((found - share).magnitude < 0.02, "\(index): \(found)")
    }
    let names = ["amber", "birch", "cedar", "dune", "north", "east", "south", "west"]
    for index in 0..<set.count {
      let hot = (8..<16).filter { set.inputs[16 * index + $0] == 1 }.map { names[$0 - 8] }
      #expect(hot == [groups[index], regions[index]], "example \(index)")
    }
    for feature in 0..<8 {
      let values = (0..<set.count).map { Double(set.inputs[16 * $0 + feature]) }
      let mean = values.reduce(0, +) / 10_000
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
      #expect(mean.magnitude < 0.15, "feature \(feature): \(mean)")
      #expect((0.5...1.4).contains(variance), "feature \(feature): \(variance)")
    }
    #expect(Set(set.slices["age"] ?? []) == ["18-29", "30-44", "45-59", "60-75"])
    #expect(Set(set.slices.keys) == Set(applicants.sliceKeys))
  }

  @Test func `every example is made on its own, and splits differ`() throws {
    let applicants = Applicants(seed: 3)
    let many = try applicants.load(.train, count: 200)
    let few = try applicants.load(.train, count: 20)
    #expect(many.exampleDigests.prefix(20) == few.exampleDigests[...])
    let other = try applicants.load(.evaluate, count: 200)
    #expect(Set(many.exampleDigests).isDisjoint(with: other.exampleDigests))
  }
}
