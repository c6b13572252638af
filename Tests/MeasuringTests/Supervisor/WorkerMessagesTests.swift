import Foundation
import Measuring
import TestSupport
import Testing

@Suite struct WorkerMessagesTests {
  private static let conversation = """
    phase start
    phase load
    refused no
    out of memory: 12 bytes
    result {"quality":null}

    """

  private func heard(_ bytes: some Sequence<UInt8>) -> [String] {
    var messages = WorkerMessages()
    messages.receive(Array(bytes))
    return summary(messages)
  }

  private func summary(_ messages: WorkerMessages) -> [String] {
    [
      messages.phase, messages.refusal ?? "–", messages.exhaustion ?? "–",
      messages.result.map { $0.base64EncodedString() } ?? "–",
    ]
  }

  @Test func `each kind of message is understood`() {
    var messages = WorkerMessages()
    messages.receive(Array(Self.conversation.utf8))
    #expect(messages.phase == "load")
    #expect(messages.refusal == "no")
    #expect(messages.exhaustion == "out of memory: 12 bytes")
    #expect(messages.result == Data(#"{"quality":null}"#.utf8))
  }

  @Test(arguments: [
    "", "phase", "phase load", "Phase load\n", " phase load\n", "result {}", "\n\n\n",
    "phaseload\n",
    "results {}\n", "refused", "out of memory\n", "\u{0}\n",
  ])
  func `what is no whole message changes nothing`(text: String) {
    #expect(heard(text.utf8) == heard([]))
  }

  @Test func `mutilated conversations are survived and do not depend on the pieces`() throws {
    for seed in 0..<300 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var bytes = Array(Self.conversation.utf8)
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        default: bytes.insert(contentsOf: bytes.suffix(place), at: place)
        }
      }
      var messages = WorkerMessages()
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...20, using: &generator))
        messages.receive(piece)
        rest = rest.dropFirst(piece.count)
      }
      #expect(summary(messages) == heard(bytes), "seed \(seed)")
      for end in [ChildProcess.End.exited(code: 0), .exited(code: 1), .killed(signal: 6)] {
        let product = WorkerProgram.judge(end, messages, errors: "", limit: nil, seconds: 1)
        if case .success = product {
          #expect(end == .exited(code: 0) && messages.result != nil, "seed \(seed)")
        }
      }
    }
  }

  @Test func `a line without an end is dropped and the next one is read`() {
    var messages = WorkerMessages(longestLine: 100)
    messages.receive(Array("result ".utf8))
    for _ in 0..<50 { messages.receive(Array("0123456789".utf8)) }
    messages.receive(Array("\nphase load\n".utf8))
    #expect(messages.result == nil)
    #expect(messages.phase == "load")
    messages.receive(Array(("result " + String(repeating: "x", count: 93) + "\n").utf8))
    #expect(messages.result?.count == 93, "the longest line that is allowed")
  }
}
