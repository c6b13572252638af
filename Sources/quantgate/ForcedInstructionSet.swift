import Documents
import Execution
import Foundation

/// What `QUANTGATE_ISA` says about the kernels of this process.
enum ForcedInstructionSet {
  /// The environment variable.
  static let variable = "QUANTGATE_ISA"

  /// The name it holds, or `nil`.
  static var name: String? { ProcessInfo.processInfo.environment[variable] }

  /// Limits this process to the set; workers inherit the variable and do the same.
  ///
  /// - Throws: `CommandFailure.usage` for a name nobody knows, or a set this machine lacks.
  static func apply() throws(CommandFailure) {
    guard let name else { return }
    _ = try InstructionSet(name, givenBy: variable).limitProcess()
  }
}

extension InstructionSet {
  /// The set that an option or a variable names.
  ///
  /// - Throws: `CommandFailure.usage` for a name nobody knows, or a set this machine lacks.
  init(_ name: String, givenBy source: String) throws(CommandFailure) {
    guard let set = InstructionSet(rawValue: name) else {
      let names = InstructionSet.allCases.map(\.rawValue)
      let hint = NearMiss.find(name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
      throw .usage(
        "\(source): expected one of \(names.joined(separator: ", ")), found '\(name)'\(hint)")
    }
    guard InstructionSet.available.contains(set) else {
      throw .usage("\(source): this machine lacks \(name), its best is \(InstructionSet.best)")
    }
    self = set
  }
}
