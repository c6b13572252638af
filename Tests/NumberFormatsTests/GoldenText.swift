import Foundation
import Testing

/// A golden file of this module: lines of a name and hexadecimal digits.
struct GoldenText {
  private let lines: [String: String]

  init(_ name: String) throws {
    let file = try #require(
      Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Goldens"))
    let text = try String(contentsOf: file, encoding: .utf8)
    var lines: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      lines[String(parts[0])] = String(parts[1])
    }
    self.lines = lines
  }

  /// Numbers of so many digits each.
  private func numbers(_ name: String, digits: Int) throws -> [UInt32] {
    var rest = try #require(lines[name], "\(name)")[...]
    var numbers: [UInt32] = []
    while !rest.isEmpty {
      numbers.append(try #require(UInt32(rest.prefix(digits), radix: 16)))
      rest = rest.dropFirst(digits)
    }
    return numbers
  }

  func bytes(_ name: String) throws -> [UInt8] { try numbers(name, digits: 2).map { UInt8($0) } }

  func floats(_ name: String) throws -> [Float] {
    try numbers(name, digits: 8).map { Float(bitPattern: $0) }
  }
}
