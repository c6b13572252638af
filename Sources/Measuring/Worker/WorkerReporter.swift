import Foundation
import Host

/// A part of a worker's life, announced before it begins.
public enum WorkerPhase: String, Hashable, Sendable, CaseIterable {
  /// The worker has started.
  case start
  /// Scenario, model description and data are read.
  case resolve
  /// The engine reads the weights.
  case load
  /// The engine calibrates, quantizes and compiles.
  case quantize
  /// Iterations that nobody times.
  case warmUp = "warm-up"
  /// Every evaluation example runs once.
  case outputs
  /// The schedule is found.
  case calibrate
  /// What the worker is for: timed or counted iterations.
  case steady
}

/// A worker's side of the pipe: one line per message, each written at once.
///
/// `phase NAME`, then in the end `result JSON` or `refused TEXT`. The allocator adds
/// `out of memory: N bytes` when it comes to that.
package struct WorkerReporter: Sendable {
  private let descriptor: Int32
  private let fault: Fault?

  /// Writes to a descriptor.
  package init(descriptor: Int32, fault: Fault?) {
    self.descriptor = descriptor
    self.fault = fault
  }

  /// Announces a phase; a planted crash or hang happens here.
  func enter(_ phase: WorkerPhase) {
    write("phase \(phase.rawValue)\n")
    fault?.strike(on: phase)
  }

  /// Hands over the result.
  func finish(_ product: WorkerProduct) throws(MeasuringError) {
    do {
      let json = try JSONEncoder().encode(product)
      write("result " + String(decoding: json, as: UTF8.self) + "\n")
    } catch {
      throw .malformed(what: "result", reason: "\(error)")
    }
  }

  /// Says why there is no result.
  func refuse(_ reason: String) {
    write("refused " + reason.replacing("\n", with: " ") + "\n")
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        // The supervisor is gone: there is nobody left to tell.
        guard written > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }
}
