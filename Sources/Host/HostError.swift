import Foundation

/// Why the machine cannot do what measuring needs.
public enum HostError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The counting allocator or jemalloc is not in charge of this process.
  case noJemalloc(reason: String)
  /// A core that does not exist or that this process may not use.
  case noSuchCore(Int, available: [Int])
  /// A system call failed.
  case system(call: String, code: Int32)

  /// One sentence that names what was expected and what was found.
  public var description: String {
    switch self {
    case .noJemalloc(let reason):
      "no jemalloc: \(reason); install libjemalloc-dev and build again"
    case .noSuchCore(let core, let available):
      "core \(core): expected one of the cores \(Self.list(available)), which this process may use"
    case .system(let call, let code):
      "\(call): \(String(cString: strerror(code)))"
    }
  }

  /// `0, 1, 2`.
  private static func list(_ cores: [Int]) -> String {
    cores.map(String.init).joined(separator: ", ")
  }

  /// Turns the shims' convention (negative errno) into an error; gives back what is not negative.
  @discardableResult
  static func check(_ result: Int32, _ call: String) throws(HostError) -> Int {
    guard result >= 0 else { throw .system(call: call, code: -result) }
    return Int(result)
  }
}
