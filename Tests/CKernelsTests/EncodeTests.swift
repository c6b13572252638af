import CKernels
import Foundation
import TestSupport
import Testing

/// One encoder of the table: how it is called and how its blocks look.
enum Encoder: String, CaseIterable {
  case q4_0, q8_0, q4_k

  var elements: Int { self == .q4_k ? 256 : 32 }

  var bytes: Int {
    switch self {
    case .q4_0: MemoryLayout<qg_block_q4_0>.size
    case .q8_0: MemoryLayout<qg_block_q8_0>.size
    case .q4_k: MemoryLayout<qg_block_q4_k>.size
    }
  }

  /// The largest magnitude whose scale fp16 holds in the first block of such numbers.
  var tooLarge: Float {
    switch self {
    case .q4_0: 65520 * 8
    case .q8_0: 65520 * 127
    case .q4_k: 65520 * 63 * 15
    }
  }

  /// The blocks of `values` and how many of them were encoded.
  func encode(_ values: [Float], _ kernels: qg_kernels) throws -> (count: Int, bytes: [UInt8]) {
    let memory = Memory()
    let blocks = values.count / elements
    let input = try memory.copy(values)
    let out = try memory.copy([UInt8](repeating: 0xA5, count: blocks * bytes))
    let raw = UnsafeMutableRawPointer(out)
    let count =
      switch self {
      case .q4_0:
        kernels.encode_q4_0(input, blocks, raw.assumingMemoryBound(to: qg_block_q4_0.self))
      case .q8_0:
        kernels.encode_q8_0(input, blocks, raw.assumingMemoryBound(to: qg_block_q8_0.self))
      case .q4_k:
        kernels.encode_q4_k(input, blocks, raw.assumingMemoryBound(to: qg_block_q4_k.self))
      }
    return (count, Array(UnsafeBufferPointer(start: out, count: blocks * bytes)))
  }
}

@Suite struct EncodeTests {
  /// Runs of 32 numbers of one kind each: zeros, constants, ties, tiny, large, one-signed, outliers.
  static func runs(_ count: Int, _ draws: inout SeededGenerator) -> [Float] {
    (0..<count).flatMap { _ -> [Float] in
      let size = draws.pick([Float(1), 1e-3, 300, 1e-7, 1e-30, Float.leastNonzeroMagnitude * 7000])
      var run = draws.floats(32).map { $0 * size }
      switch Int.random(in: 0..<8, using: &draws) {
      case 0: run = [Float](repeating: draws.pick([0, -0.0, size, -size]), count: 32)
      case 1: run = run.map { ($0 * 2).rounded() / 2 }
      case 2: run = run.map(abs)
      case 3: run = run.map { -abs($0) }
      case 4: run[Int.random(in: 0..<32, using: &draws)] *= 40
      case 5: run = run.map { $0 < 0 ? 0 : $0 }
      default: break
      }
      return run
    }
  }

  @Test(arguments: InstructionSet.allCases, Encoder.allCases)
  func `blocks have the bits of the definition`(_ set: InstructionSet, _ encoder: Encoder) throws {
    let kernels = try set.kernels()
    let scalar = try InstructionSet.scalar.kernels()
    for (seed, blocks) in [0, 1, 2, 3, 5, 15, 16, 17, 33, 40].enumerated() {
      var draws = SeededGenerator(seed: UInt64(seed))
      let values = Self.runs(blocks * encoder.elements / 32, &draws)
      let expected = try encoder.encode(values, scalar)
      let found = try encoder.encode(values, kernels)
      #expect(expected.count == blocks, "seed \(seed)")
      #expect(found.count == blocks, "seed \(seed)")
      #expect(found.bytes == expected.bytes, "seed \(seed), \(blocks) blocks")
    }
  }

  @Test(arguments: InstructionSet.allCases, Encoder.allCases)
  func `encoding stops before a block that has no bytes`(
    _ set: InstructionSet, _ encoder: Encoder
  ) throws {
    let kernels = try set.kernels()
    for (seed, bad) in [Float.nan, .infinity, -.infinity, encoder.tooLarge].enumerated() {
      var draws = SeededGenerator(seed: UInt64(seed))
      for block in [0, 1, 4, 18] {
        var values = draws.floats(20 * encoder.elements)
        let start = block * encoder.elements
        if bad == encoder.tooLarge {
          // A line through ±extreme: Q4_K, too, has no other way to reach both ends.
          for i in start..<start + encoder.elements { values[i] = i.isMultiple(of: 2) ? bad : -bad }
        } else {
          values[start + Int.random(in: 0..<encoder.elements, using: &draws)] = bad
        }
        let whole = try encoder.encode(Array(values[..<start]), kernels)
        let found = try encoder.encode(values, kernels)
        #expect(found.count == block, "\(bad) in block \(block)")
        #expect(found.bytes.prefix(block * encoder.bytes).elementsEqual(whole.bytes))
      }
    }
  }

  @Test(
    .enabled(
      if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))),
    arguments: InstructionSet.allCases, Encoder.allCases)
  func `blocks are those of ggml's reference quantizers`(
    _ set: InstructionSet, _ encoder: Encoder
  ) throws {
    let kernels = try set.kernels()
    let folder = try #require(RealData.folder("formats"))
    let golden = try GoldenTensors(folder.appendingPathComponent("ggml/golden.safetensors"))
    let values = try golden.floats("input")
    let expected = try golden.bytes("\(encoder.rawValue.uppercased()).bytes")
    let found = try encoder.encode(values, kernels)
    #expect(found.count == values.count / encoder.elements)
    #expect(found.bytes == expected)
  }
}
