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
  private var isTooLong = false
  private let longestLine: Int

  /// Has heard nothing.
  ///
  /// - Parameter longestLine: Bytes; longer lines are dropped, or a worker gone wild would take the
  ///   supervisor's memory. The longest result of a real case is some 5 MiB.
  package init(longestLine: Int = 256 << 20) {
    self.longestLine = longestLine
  }

  /// Takes in some bytes; a line may come in pieces.
  package mutating func receive(_ bytes: some Collection<UInt8>) {
    // Only new bytes are searched: a long line comes in many pieces.
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0A) {
      collect(rest[..<end])
      if !isTooLong { read(line: pending) }
      pending.removeAll(keepingCapacity: false)
      isTooLong = false
      rest = rest[rest.index(after: end)...]
    }
    collect(rest)
  }

  private mutating func collect(_ piece: some Collection<UInt8>) {
    guard !isTooLong else { return }
    if pending.count + piece.count > longestLine {
      isTooLong = true
      pending.removeAll(keepingCapacity: false)
    } else {
      pending.append(contentsOf: piece)
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
