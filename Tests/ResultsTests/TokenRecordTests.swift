import Foundation
import Results
import TestSupport
import Testing

@Suite struct TokenRecordTests {
  private static func record(
    targets: [Int], losses: [Double], floats: [Double], members: [Int] = []
  ) -> TokenRecord {
    TokenRecord(
      targets: PackedIntegers(targets), losses: losses, floatLosses: floats,
      divergences: losses.map { $0 / 10 },
      divergence: DivergenceSummary(median: 0, p999: 0, largest: 0),
      windowSlices: members.isEmpty
        ? [:]
        : ["dialect": SliceColumn(values: ["east", "west"], members: PackedIntegers(members))])
  }

  @Test func `means are per token, over all windows or those of a slice`() throws {
    let record = Self.record(
      targets: [1, 3, 4], losses: [1, 6, 4], floats: [1, 3, 4], members: [0, 1, 1])
    #expect(record.loss?.value == 11.0 / 8)
    #expect(record.floatLoss?.value == 1)
    #expect(record.lossChange?.value == 3.0 / 8)
    #expect(record.mean(record.losses, key: "dialect", value: "east")?.value == 1)
    #expect(record.mean(record.losses, key: "dialect", value: "west")?.value == 10.0 / 7)
    #expect(record.mean(record.losses, key: "dialect", value: "north") == nil)
    #expect(record.mean(record.losses, key: "region", value: "west") == nil)
  }

  @Test func `the standard error is the spread of means over repeated draws`() throws {
    var generator = SeededGenerator(seed: 11)
    var means: [Double] = []
    var errors: [Double] = []
    for _ in 0..<400 {
      let targets = (0..<40).map { _ in Int.random(in: 5...20, using: &generator) }
      let losses = targets.map { count -> Double in
        let level = Double.random(in: 1...3, using: &generator)
        return (0..<count).reduce(0) { sum, _ in
          sum + level + Double.random(in: -1...1, using: &generator)
        }
      }
      let loss = try #require(Self.record(targets: targets, losses: losses, floats: losses).loss)
      means.append(loss.value)
      errors.append(try #require(loss.standardError))
    }
    let centre = means.reduce(0, +) / 400
    let spread = (means.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / 399).squareRoot()
    let typical = errors.reduce(0, +) / 400
    #expect(abs(typical / spread - 1) < 0.12, "seed 11: \(typical) against \(spread)")
  }

  @Test func `one window has no standard error, and no window no mean`() {
    let one = Self.record(targets: [4], losses: [8], floats: [8])
    #expect(one.loss == TokenMean(value: 2, standardError: nil))
    #expect(Self.record(targets: [], losses: [], floats: []).loss == nil)
    #expect(Self.record(targets: [0], losses: [0], floats: [0]).loss == nil)
  }

  @Test func `columns of other lengths are no record`() {
    #expect(!Self.record(targets: [1, 2], losses: [1], floats: [1, 2]).isConsistent)
    #expect(Self.record(targets: [1, 2], losses: [1], floats: [1, 2]).loss == nil)
    #expect(!Self.record(targets: [1], losses: [1], floats: [1], members: [2]).isConsistent)
    #expect(Self.record(targets: [1], losses: [1], floats: [1], members: [1]).isConsistent)
  }

  @Test func `perplexity's metrics read the record`() throws {
    let declared = MetricCatalog.all.filter { $0.id.hasPrefix("tokens.") }
    #expect(declared.count == 6)
    let result = CaseResult(
      id: Fixture.id("int8"), outcome: .completed, quality: Fixture.quality(), memory: nil,
      timing: nil)
    let values = Dictionary(
      uniqueKeysWithValues: declared.map { ($0.id, $0.value(of: result) ?? .nan) })
    #expect(abs((values["tokens.perplexity"] ?? 0) - exp(2.5)) < 1e-12)
    #expect(abs((values["tokens.worst_slice_perplexity"] ?? 0) - exp(3)) < 1e-12)
    #expect(abs((values["tokens.log_perplexity_change"] ?? 0) - 1.0 / 6) < 1e-15)
    #expect(abs((values["tokens.divergence"] ?? 0) - 0.4 / 6) < 1e-15)
    #expect(values["tokens.divergence_p999"] == 0.2)
    let perplexity = try #require(MetricCatalog.declaration("tokens.perplexity"))
    #expect(abs((perplexity.floatValue(of: result) ?? 0) - exp(14.0 / 6)) < 1e-12)
  }
}
