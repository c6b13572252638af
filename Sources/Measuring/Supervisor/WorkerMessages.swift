package import Foundation
import Host

/// What a supervisor has heard from a worker so far.
package struct WorkerMessages: Sendable {
  /// The last phase announced.
  package private(set) var phase = WorkerPhase.start.rawValue
  /// The JSON of the result, once it has arrived whole.
  package private(set) var result: Data?
  /// Why the worker refused.
  package private(set) var refusal: String?
  /// The allocator's last words.
  package private(set) var exhaustion: String?
  private var pending = Data()

  /// Has heard nothing.
  package init() {}

  /// Takes in some bytes; a line may come in pieces.
  package mutating func receive(_ bytes: some Sequence<UInt8>) {
    pending.append(contentsOf: bytes)
    while let end = pending.firstIndex(of: 0x0A) {
      read(line: pending[pending.startIndex..<end])
      pending = Data(pending[(end + 1)...])
    }
  }

  private mutating func read(line: Data) {
    func rest(after prefix: String) -> Data? {
      line.starts(with: prefix.utf8) ? Data(line.dropFirst(prefix.utf8.count)) : nil
    }
    if let name = rest(after: "phase ") {
      phase = String(decoding: name, as: UTF8.self)
    } else if let json = rest(after: "result ") {
      result = json
    } else if let text = rest(after: "refused ") {
      refusal = String(decoding: text, as: UTF8.self)
    } else if rest(after: Allocator.exhaustionPrefix) != nil {
      exhaustion = String(decoding: line, as: UTF8.self)
    }
  }
}
