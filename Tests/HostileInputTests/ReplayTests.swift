import Foundation
import HostileInput
import TestSupport
import Testing

/// What the fuzzer does, in small and the same every time: a reader that traps ends the process.
@Suite struct ReplayTests {
  private static let formats = InputFormat.all.map(\.name)

  /// Files that are seeds because they are wrong.
  private static let wrong: Set<String> = [
    "safetensors/bytes", "shards/astray", "yaml/aliases.yaml",
  ]

  @Test(arguments: formats) func `sound files are accepted`(name: String) throws {
    let format = try #require(InputFormat.named(name))
    let workspace = try Workspace()
    let files = try Corpus.files("corpus", name)
    #expect(!files.isEmpty)
    for (file, bytes) in files.sorted(by: { $0.key < $1.key }) {
      let outcome = try format.read(bytes, in: workspace)
      #expect(
        (outcome == .accepted) == !Self.wrong.contains("\(name)/\(file)"),
        "\(name)/\(file): \(outcome)")
    }
  }

  @Test(arguments: formats) func `the committed seeds are what their recipe makes`(
    name: String
  ) throws {
    let format = try #require(InputFormat.named(name))
    let files = try Corpus.files("corpus", name)
    for seed in try format.seeds() {
      #expect(files[seed.name] == seed.bytes, "run CI/fuzz --seeds: \(name)/\(seed.name)")
    }
  }

  @Test func `every folder belongs to a format`() throws {
    #expect(try Corpus.folders("corpus") == Self.formats.sorted())
    #expect(Set(try Corpus.folders("regressions")).isSubset(of: Self.formats))
  }

  @Test(arguments: formats) func `what once went wrong is refused in words`(name: String) throws {
    let format = try #require(InputFormat.named(name))
    let workspace = try Workspace()
    for (file, bytes) in try Corpus.files("regressions", name) {
      if case .refused(let message) = try format.read(bytes, in: workspace) {
        #expect(!message.isEmpty, "\(name)/\(file)")
      }
    }
  }

  @Test(arguments: formats) func `damaged files are read or refused in words`(
    name: String
  ) throws {
    let format = try #require(InputFormat.named(name))
    let workspace = try Workspace()
    let files = try Corpus.files("corpus", name).sorted { $0.key < $1.key }
      .map(\.value)
    let mutations = Mutations(others: files)
    let rounds = max(200, 3000 / files.count)
    var refused = 0
    for (index, file) in files.enumerated() {
      for seed in 0..<UInt64(rounds) {
        var random = SeededGenerator(seed: UInt64(index) << 32 | seed)
        let outcome = try format.read(mutations.damaged(file, &random), in: workspace)
        guard case .refused(let message) = outcome else { continue }
        refused += 1
        #expect(!message.isEmpty, "file \(index), seed \(seed)")
      }
    }
    #expect(refused > files.count * rounds / 20, "damage is noticed")
  }
}
