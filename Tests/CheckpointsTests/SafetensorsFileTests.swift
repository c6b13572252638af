import Checkpoints
import Foundation
import Graphs
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
  static let weights = Weights([
    "fc.weight": Tensor(shape: [2, 3], values: [1, -2, 0.5, -0.0, .leastNonzeroMagnitude, 6e7]),
    "fc.bias": Tensor(shape: [2], values: [3, 4]),
    "a \"quoted\\\n name": Tensor(shape: [], values: [.pi]),
  ])

  static func error(_ body: () throws(CheckpointError) -> Void) -> CheckpointError? {
    do {
      try body()
      return nil
    } catch { return error }
  }

  @Test func `what is written is read back to the bit`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("w.safetensors").path
    try Safetensors.write(Self.weights, metadata: ["seed": "7", "by": "test"], to: file)
    let opened = try SafetensorsFile(file)
    let found = try opened.weights()
    #expect(found == Self.weights)
    #expect(found.digest == Self.weights.digest)
    #expect(found["fc.weight"]?.values[3].sign == .minus)
    #expect(opened.header.metadata == ["seed": "7", "by": "test"])
  }

  @Test func `equal weights give equal bytes and the data is aligned`() throws {
    let bytes = Safetensors.encode(Self.weights, metadata: ["b": "2", "a": "1"])
    for _ in 0..<20 {
      // A fresh dictionary may iterate in another order.
      let copy = Weights(Dictionary(uniqueKeysWithValues: Self.weights.tensors.map { ($0, $1) }))
      #expect(Safetensors.encode(copy, metadata: ["a": "1", "b": "2"]) == bytes)
    }
    let header = try SafetensorsHeader(bytes.span.bytes, file: "x")
    #expect(header.dataStart.isMultiple(of: 8))
    #expect(header.entries.map(\.bytes.lowerBound) == [0, 4, 12])
    let one = Weights(["t": Tensor(shape: [1], values: [1])])
    let text = #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    #expect(
      Safetensors.encode(one) == [56, 0, 0, 0, 0, 0, 0, 0] + Array((text + "  ").utf8) + [
        0, 0, 0x80, 0x3F,
      ])
  }

  @Test func `the digest sees names, shapes and single bits`() {
    let base = Weights(["a": Tensor(shape: [2, 1], values: [0, 1])])
    let others = [
      Weights(["b": Tensor(shape: [2, 1], values: [0, 1])]),
      Weights(["a": Tensor(shape: [1, 2], values: [0, 1])]),
      Weights(["a": Tensor(shape: [2, 1], values: [-0.0, 1])]),
      Weights(["a": Tensor(shape: [2, 1], values: [0, Float(1).nextUp])]),
    ]
    for other in others { #expect(other.digest != base.digest) }
    #expect(base.digest == Weights(["a": Tensor(shape: [2, 1], values: [0, 1])]).digest)
  }

  @Test func `a tensor of another type names what was expected and found`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("", to: "w.safetensors")
    try Data(
      SafetensorsHeaderTests.file(
        #"{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#, dataBytes: 4)
    ).write(to: file)
    let opened = try SafetensorsFile(file.path)
    let error = Self.error { () throws(CheckpointError) in _ = try opened.weights() }
    #expect(
      error
        == .elementType(file: file.path, tensor: "w", expected: .float32, found: .bfloat16))
    #expect(
      error?.description
        == "\(file.path): tensor 'w': expected elements of type F32, found BF16")
  }

  @Test func `weights that do not fit the graph are refused with file and tensor`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("w.safetensors").path
    let graph = try Graph([
      Node(id: 0, name: "input", operation: .input(Shape([3])), inputs: []),
      Node(id: 1, name: "fc", operation: .linear(outFeatures: 2, hasBias: false), inputs: [0]),
    ])
    func found(_ values: [Float], name: String) throws -> CheckpointError? {
      try Safetensors.write(Weights([name: Tensor(shape: [2, 3], values: values)]), to: file)
      let opened = try SafetensorsFile(file)
      return Self.error { () throws(CheckpointError) in _ = try opened.weights(for: graph) }
    }
    #expect(try found([1, 2, 3, 4, 5, 6], name: "fc.weight") == nil)
    let infinite = try found([1, 2, 3, .infinity, 5, 6], name: "fc.weight")
    #expect(
      infinite?.description
        == "\(file): does not fit the architecture: fc.weight[3]: expected a finite number, found inf"
    )
    #expect(
      try found([1, 2, 3, 4, 5, 6], name: "fc.wait")
        == .unsuited(file: file, reason: .parameterMissing(name: "fc.weight", shape: [2, 3])))
  }

  @Test func `a missing file, a folder and an empty file are errors`() throws {
    let folder = try TemporaryFolder()
    let absent = folder.url.appendingPathComponent("none").path
    func error(_ file: String) -> CheckpointError? {
      Self.error { () throws(CheckpointError) in _ = try SafetensorsFile(file) }
    }
    #expect(error(absent) == .unreadable(file: absent, reason: "No such file or directory"))
    #expect(
      error(folder.url.path)
        == .unreadable(file: folder.url.path, reason: "it is not a regular file"))
    let empty = try folder.write("", to: "empty").path
    #expect(error(empty)?.description.contains("found 0 bytes in all") == true)
  }

  @Test func `a failed write leaves the old file and no other`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("old", to: "w.safetensors")
    let full = Self.error { () throws(CheckpointError) in
      try Safetensors.write(Self.weights, to: "/dev/full/w.safetensors")
    }
    #expect(full == .unwritable(file: "/dev/full/w.safetensors", reason: "Not a directory"))
    // A folder in the place of the file lets the temporary file be written and the rename fail.
    let place = folder.url.appendingPathComponent("taken")
    try FileManager.default.createDirectory(
      at: place.appendingPathComponent("inside"), withIntermediateDirectories: true)
    let taken = Self.error { () throws(CheckpointError) in
      try Safetensors.write(Self.weights, to: place.path)
    }
    #expect(taken == .unwritable(file: place.path, reason: "Is a directory"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        == ["taken", "w.safetensors"])
    #expect(try String(contentsOf: file, encoding: .utf8) == "old")
  }

  @Test func `writing replaces the file`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("old", to: "w.safetensors")
    try Safetensors.write(Self.weights, to: file.path)
    #expect(try Array(Data(contentsOf: file)) == Safetensors.encode(Self.weights))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["w.safetensors"])
  }

  @Test func `no mutation of a valid file crashes the reader`() {
    let valid = Safetensors.encode(Self.weights, metadata: ["k": "v"])
    var accepted = 0
    for seed in 0..<8_000 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var bytes = valid
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        // Half of the mutations hit the header, where the decisions are made.
        let bound = Bool.random(using: &random) ? bytes.count : min(bytes.count, 300)
        let place = Int.random(in: 0..<max(1, bound), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
          if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1: bytes.removeLast(bytes.count - min(place, bytes.count))
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: min(place, bytes.count))
        default: if place < bytes.count { bytes[place] = UInt8(ascii: "9") }
        }
      }
      guard let header = try? SafetensorsHeader(bytes.span.bytes, file: "x") else { continue }
      accepted += 1
      // What is accepted must lie inside the file.
      let covered = header.entries.reduce(0) { $0 + $1.bytes.count }
      #expect(header.dataStart + covered == bytes.count, "seed \(seed)")
      for entry in header.entries {
        #expect(entry.bytes.count * 8 == entry.elementCount * entry.type.bits, "seed \(seed)")
      }
    }
    // Flips inside the data are not contradictions; both outcomes must occur.
    #expect((1..<8_000).contains(accepted))
  }

  @Test(
    .enabled(
      if: RealData.folder("stories260K") != nil, Comment(rawValue: RealData.absence("stories260K")))
  )
  func `a file that another program wrote is read`() throws {
    let folder = try #require(RealData.folder("stories260K"))
    let file = try SafetensorsFile(folder.appendingPathComponent("model.safetensors").path)
    let weights = try file.weights()
    #expect(weights.tensors.count == file.header.entries.count)
    #expect(!weights.tensors.isEmpty)
  }
}
