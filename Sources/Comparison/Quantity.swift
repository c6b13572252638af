import Foundation
public import Results

/// Numbers as people read them, the same everywhere: unit always written, minus sign and thousands
/// separated.
public enum Quantity {
  /// A value of a metric: `97.35 %`, `1.034`, `12.3 µs`, `8,193 B`, `12`.
  public static func text(_ value: Double, _ unit: Metric.Unit) -> String {
    switch unit {
    case .share: share(value)
    case .ratio: fixed(value, 3)
    case .seconds: seconds(value)
    case .bytes: value == value.rounded() ? "\(grouped(value)) B" : "\(fixed(value, 3)) B"
    case .count: value == value.rounded() ? grouped(value) : fixed(value, 3)
    case .number: number(value)
    }
  }

  /// A change of a metric: percentage points for shares, per cent for ratios and seconds (where `value`
  /// is a fraction), otherwise the difference; always with its sign.
  public static func change(_ value: Double, _ unit: Metric.Unit) -> String {
    switch unit {
    case .share: signed(value, points(abs(value)))
    case .ratio, .seconds: signed(value, share(abs(value)))
    case .bytes, .count, .number: signed(value, text(abs(value), unit))
    }
  }

  /// `4.9609`, `0.000789`: four decimals, or three digits where those say too little.
  public static func number(_ value: Double) -> String {
    guard value != 0, abs(value) < 0.1 else { return fixed(value, 4) }
    let decimals = min(12, 2 - Int(log10(abs(value)).rounded(.down)))
    return fixed(value, decimals)
  }

  /// `0.20 %`; three decimals below a tenth of a per cent.
  public static func share(_ value: Double) -> String {
    "\(fixed(value * 100, decimals(value))) %"
  }

  /// `1.25 pp`.
  public static func points(_ value: Double) -> String {
    "\(fixed(value * 100, decimals(value))) pp"
  }

  /// Three significant digits in the unit that suits: `12.3 µs`.
  public static func seconds(_ value: Double) -> String {
    let units: [(scale: Double, name: String)] = [(1, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")]
    let fitting = units.first { abs(value * $0.scale) >= 1 } ?? units[3]
    return "\(threeDigits(value * fitting.scale)) \(fitting.name)"
  }

  /// `512 B`, `12.5 KiB`, `1.95 MiB`: for tables, not for exact comparison.
  public static func size(_ bytes: Double) -> String {
    let units: [(scale: Double, name: String)] = [
      (0x1p30, "GiB"), (0x1p20, "MiB"), (0x1p10, "KiB"),
    ]
    guard let fitting = units.first(where: { abs(bytes) >= $0.scale }) else {
      return "\(grouped(bytes)) B"
    }
    return "\(threeDigits(bytes / fitting.scale)) \(fitting.name)"
  }

  /// A probability: `p = 0.0005`.
  public static func probability(_ value: Double) -> String {
    value < 0.0001 ? "p < 0.0001" : "p = \(fixed(value, 4))"
  }

  /// `[1.010, 1.034] at 99 %`.
  public static func interval(_ interval: Interval, _ unit: Metric.Unit) -> String {
    "[\(text(interval.lower, unit)), \(text(interval.upper, unit))] at \(confidence(interval))"
  }

  /// An interval of a relative change: `[−0.4 %, +1.2 %] at 99 %`.
  public static func changeInterval(_ interval: Interval) -> String {
    "[\(change(interval.lower, .ratio)), \(change(interval.upper, .ratio))] at "
      + confidence(interval)
  }

  /// `2.31×`.
  public static func factor(_ value: Double) -> String { "\(fixed(value, 2))×" }

  private static func confidence(_ interval: Interval) -> String {
    let percent = interval.confidence * 100
    return "\(fixed(percent, abs(percent - percent.rounded()) < 1e-9 ? 0 : 1)) %"
  }

  private static func signed(_ value: Double, _ magnitude: String) -> String {
    value < 0 ? "−\(magnitude)" : value > 0 ? "+\(magnitude)" : "±\(magnitude)"
  }

  private static func decimals(_ share: Double) -> Int {
    share != 0 && abs(share) < 0.001 ? 3 : 2
  }

  private static func threeDigits(_ value: Double) -> String {
    let size = abs(value)
    return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
  }

  /// A number with a fixed count of decimals, ties to even, thousands separated.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
    let scaled = (abs(value) * scale).rounded(.toNearestOrEven)
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int(scaled) / Int(scale)
    let rest = String(Int(scaled) % Int(scale))
    let sign = value < 0 && scaled > 0 ? "−" : ""
    let zeros = String(repeating: "0", count: max(0, decimals - rest.count))
    return sign + separated(whole) + (decimals > 0 ? ".\(zeros)\(rest)" : "")
  }

  private static func grouped(_ value: Double) -> String { fixed(value, 0) }

  private static func separated(_ whole: Int) -> String {
    let digits = String(whole)
    return digits.enumerated().reduce(into: "") { text, digit in
      if digit.offset > 0, (digits.count - digit.offset).isMultiple(of: 3) { text.append(",") }
      text.append(digit.element)
    }
  }
}
