import Foundation
import Host

extension Fault {
  /// Does what the fault does when a worker enters a phase.
  func strike(on phase: WorkerPhase) {
    switch self {
    case .crash(let name) where name == phase.rawValue:
      abort()
    case .hang(let name) where name == phase.rawValue:
      while true { sleep(3600) }
    case .exhaustMemory where phase == .quantize:
      // Without a limit this would take the machine down instead of the worker.
      guard let limit = try? ProcessLimits.dataLimit(), limit < 1 << 46 else { return }
      // Swift's allocation traps when there is no more; a plain malloc would be optimized away.
      while true {
        UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
          .initializeMemory(as: UInt8.self, repeating: 1, count: 1 << 20)
      }
    default: break
    }
  }
}
