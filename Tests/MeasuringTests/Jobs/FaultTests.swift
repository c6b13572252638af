import Foundation
import Measuring
import TestSupport
import Testing

@Suite struct FaultTests {
  @Test(
    arguments: [
      ("allocate", .allocate), ("leak:64", .leak(bytes: 64)), ("flip-weight", .flipWeight),
      ("oom", .exhaustMemory), ("crash:steady", .crash(phase: "steady")),
      ("hang:warm-up", .hang(phase: "warm-up")),
      ("slow-inputs:1%:20%", .slowInputs(share: 0.01, extra: 0.2)),
      ("slow-inputs:0.5%:7%", .slowInputs(share: 0.005, extra: 0.07)),
      ("slow-inputs:100%:100000%", .slowInputs(share: 1, extra: 1000)),
    ] as [(String, Fault)])
  func `what is written is read and written again`(text: String, fault: Fault) throws {
    #expect(Fault(text) == fault)
    #expect(fault.description == text)
    #expect(try JSONDecoder().decode(Fault.self, from: JSONEncoder().encode(fault)) == fault)
  }

  @Test(arguments: [
    "", ":", "allocate:1", "Allocate", " allocate", "leak", "leak:", "leak:0", "leak:-1",
    "leak:1.5", "leak:x", "leak:64:64", "leak:99999999999999999999", "crash", "crash:",
    "crash:stead", "hang:everywhere", "crash:load:load", "slow-inputs", "slow-inputs:1%",
    "slow-inputs:1:20%", "slow-inputs:1%:20", "slow-inputs:0%:20%", "slow-inputs:1%:0%",
    "slow-inputs:101%:20%", "slow-inputs:-1%:20%", "slow-inputs:nan%:20%",
    "slow-inputs:1%:inf%", "slow-inputs:1%:1e300%", "slow-inputs:4e-324%:20%",
    "slow-inputs:%:%", "slow-inputs:1%:20%:3%", "oom:1", "flip-weight:",
  ])
  func `anything else is refused`(text: String) {
    #expect(Fault(text) == nil)
  }

  @Test func `every share comes back as it was written`() {
    for seed in 0..<500 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let share = Double(Int.random(in: 1...10_000, using: &generator)) / 100
      let extra = Double.random(in: 0.001...90_000, using: &generator)
      guard let fault = Fault("slow-inputs:\(share)%:\(extra)%") else {
        Issue.record("seed \(seed): refused")
        continue
      }
      #expect(Fault(fault.description) == fault, "seed \(seed): \(fault)")
    }
  }

  @Test func `changed texts are read or refused, never a crash`() {
    let texts = ["leak:64", "slow-inputs:1%:20%", "crash:steady"].map { Array($0.utf8) }
    for seed in 0..<2000 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var bytes = texts[Int(seed) % texts.count]
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] = Array("0123456789e.%:-x".utf8).randomElement(using: &generator) ?? 0
      }
      guard let fault = Fault(String(decoding: bytes, as: UTF8.self)) else { continue }
      #expect(Fault(fault.description) == fault, "seed \(seed): \(fault)")
    }
  }
}
