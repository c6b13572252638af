import Foundation
public import Results

/// How fast kernels are, beside what bounds them.
public struct KernelTable: Sendable {
  /// Columns a line may have.
  public let width: Int

  /// Creates a table for a window of `width` columns.
  public init(width: Int) {
    self.width = width
  }

  /// A table for a terminal or a log, newline last.
  public func text(_ report: KernelReport) -> String {
    let limits = TextTable(
      header: Self.limitHeader, rows: report.limits.map(Self.row), firstNumber: 1)
    let kernels = TextTable(
      header: Self.kernelHeader, rows: Self.rows(report.kernels) { $0 }, firstNumber: 2)
    let lines =
      [Self.title(report), ""] + limits.lines(width: width) + [""]
      + kernels.lines(width: width) + ["", Self.note]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same as Markdown.
  public func markdown(_ report: KernelReport) -> String {
    let parts = [
      Self.title(report),
      Self.markdown(Self.limitHeader, report.limits.map(Self.row), firstNumber: 1),
      Self.markdown(Self.kernelHeader, Self.rows(report.kernels) { "**\($0)**" }, firstNumber: 2),
      Self.note,
    ]
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static let note =
    "Medians with 95 % intervals, of what threads computed in their own time. The share compares each\n"
    + "slice of a kernel with the slices of its limit's probe right before and behind it."

  private static func title(_ report: KernelReport) -> String {
    let cores = report.cores.map(String.init).joined(separator: ", ")
    let count = report.cores.count
    let names = count == 1 ? "1 thread on core" : "\(count) threads on cores"
    return "\(report.fingerprint.cpu), \(report.instructionSet), \(names) \(cores)"
  }

  private static let limitHeader = ["limit of this machine", "rate", "95 %", ""]
  private static let kernelHeader = [
    "kernel", "shape", "time", "95 %", "rate", "limit", "share", "95 %",
  ]

  /// The rows of all kernels, under the name of their family wherever another one starts.
  private static func rows(
    _ kernels: [KernelMeasurement], heading: (String) -> String
  ) -> [[String]] {
    let rest = Array(repeating: "", count: kernelHeader.count - 1)
    var family: String?
    return kernels.flatMap { kernel in
      defer { family = kernel.family }
      return (kernel.family == family ? [] : [[heading(kernel.family)] + rest]) + [row(kernel)]
    }
  }

  private static func row(_ limit: MachineLimit) -> [String] {
    [
      limit.name, figure(limit.rate.median), range(limit.rate) { figure($0) }, limit.unit,
    ]
  }

  private static func row(_ kernel: KernelMeasurement) -> [String] {
    let unit = kernel.seconds.median < 1e-3 ? ("µs", 1e6) : ("ms", 1e3)
    return [
      kernel.name, kernel.shape, figure(kernel.seconds.median * unit.1) + " " + unit.0,
      range(kernel.seconds) { figure($0 * unit.1) }, figure(kernel.rate.median) + " " + kernel.unit,
      kernel.limit, String(format: "%.1f %%", 100 * kernel.share.median),
      range(kernel.share) { String(format: "%.1f", 100 * $0) },
    ]
  }

  private static func range(_ estimate: MedianEstimate, _ text: (Double) -> String) -> String {
    "\(text(estimate.lower))…\(text(estimate.upper))"
  }

  /// Four significant digits at most.
  private static func figure(_ value: Double) -> String {
    let digits = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3
    return String(format: "%.\(digits)f", value)
  }

  private static func markdown(
    _ header: [String], _ rows: [[String]], firstNumber: Int
  ) -> String {
    let rule = header.indices.map { $0 < firstNumber ? "---" : "---:" }
    return ([header, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }
      .joined(separator: "\n")
  }
}
