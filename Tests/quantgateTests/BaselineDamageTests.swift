import Foundation
import TestSupport
import Testing

/// Nothing that is taken out of a baseline turns into a pass. The run is measured once and resumed.
@Suite(.serialized) struct BaselineDamageTests {
  static let file = "Baselines/small.json"

  @Test func `whatever is removed from a baseline is missed`() throws {
    let repository = try PrivateRepository.measured()
    let text = try repository.bytes(Self.file)
    let document = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let paths = Self.paths(document)
    #expect(paths.count > 50, "the baseline is not what this test thinks")
    for path in paths {
      try JSONSerialization.data(withJSONObject: Self.removing(path[...], from: document))
        .write(to: repository.file(Self.file))
      let outcome = try repository.check(["--quick", "--resume"])
      let place = path.joined(separator: "/")
      #expect([5, 7, 65].contains(outcome.exitCode), "without \(place): \(outcome)")
      #expect(
        (outcome.output + outcome.errors).contains("small"), "without \(place): \(outcome)")
      if path.dropLast().last == "metrics" {
        #expect(outcome.output.contains(path[path.count - 1]), "without \(place): \(outcome)")
      }
    }
    try text.write(to: repository.file(Self.file))
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 0, "\(outcome)")
  }

  @Test func `a number edited in a baseline is no approval`() throws {
    let repository = try PrivateRepository.measured()
    try repository.edit(Self.file) {
      $0 = $0.replacingOccurrences(
        of: #""memory.peak_allocated" : \d+"#, with: #""memory.peak_allocated" : 999999999"#,
        options: .regularExpression)
    }
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 7, "\(outcome)")
    #expect(outcome.output.contains("the baseline was edited after it was approved"))
  }

  @Test func `the same key twice is refused with its place`() throws {
    let repository = try PrivateRepository.measured()
    try repository.edit(Self.file) {
      $0 = $0.replacingOccurrences(
        of: #"("memory.leak_per_iteration" : 0,)"#, with: "$1 $1", options: .regularExpression)
    }
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 65, "\(outcome)")
    #expect(
      outcome.errors.contains("not JSON: found the key 'memory.leak_per_iteration' a second time"))
  }

  @Test func `another scenario's baseline is refused`() throws {
    let repository = try PrivateRepository.measured()
    try repository.replace("\"scenario\" : \"small\"", "\"scenario\" : \"large\"", in: Self.file)
    let outcome = try repository.check(["--quick", "--resume"])
    #expect(outcome.exitCode == 65, "\(outcome)")
    #expect(outcome.errors.contains("Baselines/small.json: scenario: expected small, found large"))
  }

  private static func paths(_ object: [String: Any]) -> [[String]] {
    object.keys.sorted().flatMap { key in
      [[key]] + paths(object[key] as? [String: Any] ?? [:]).map { [key] + $0 }
    }
  }

  private static func removing(
    _ path: ArraySlice<String>, from object: [String: Any]
  ) -> [String: Any] {
    guard let key = path.first else { return object }
    var object = object
    object[key] =
      path.count == 1
      ? nil : removing(path.dropFirst(), from: object[key] as? [String: Any] ?? [:])
    return object
  }
}
