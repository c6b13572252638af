/// A number and its unit, as written: `3 %`, `-1.0 pp`, `512 MiB`.
private struct Quantity {
  let number: Decimal
  let unit: String

  init?(_ node: Node) {
    guard let text = node.plain else { return nil }
    let end = text.firstIndex { !($0.isASCIIDigit || "+-.".contains($0)) } ?? text.endIndex
    guard let number = Decimal(text[..<end]) else { return nil }
    self.number = number
    let rest = text[end...]
    unit = String(rest.first == " " ? rest.dropFirst() : rest)
  }
}

private func quantitySchema(units: [String], example: String, zeroAllowed: Bool = false) -> JSON {
  let listed = units.map { $0 == "%" ? "%" : $0 }.joined(separator: "|")
  let text = JSON.object([
    ("type", .string("string")), ("pattern", .string("^[+-]?[0-9]+(\\.[0-9]+)? ?(\(listed))$")),
    ("examples", .array([.string(example)])),
  ])
  return zeroAllowed
    ? .object([("anyOf", .array([text, .object([("const", .number("0"))])]))]) : text
}

extension Reader where Value == Double {
  /// A share of the whole, written in per cent, as a fraction of 1: `3 %` is 0.03.
  public static func share(in range: ClosedRange<Double>) -> Reader {
    let limits = "from \(percent(range.lowerBound)) to \(percent(range.upperBound))"
    return Reader(
      scalar: "a share \(limits), such as '3 %'",
      schema: quantitySchema(units: ["%"], example: "3 %"),
      hint: { node in
        guard let word = node.plain, let number = Decimal(word), let value = number.double(),
          let written = number.double(shift: -2), range.contains(value)
        else { return nil }
        return number.digits == 0 ? "0 %" : "\(trimmed(written)) %"
      },
      { node in
        guard let quantity = Quantity(node), quantity.unit == "%",
          let value = quantity.number.double(shift: 2), range.contains(value)
        else { return nil }
        return value
      })
  }

  /// A share from `0 %` to `100 %` as a fraction of 1.
  public static var share: Reader { share(in: 0...1) }

  /// A signed difference of shares in percentage points, as a fraction of 1: `-1.0 pp` is −0.01. A plain
  /// `0` needs no unit.
  public static func points(in range: ClosedRange<Double>) -> Reader {
    let limits =
      "from \(trimmed(range.lowerBound * 100)) pp to \(trimmed(range.upperBound * 100)) pp"
    return Reader(
      scalar: "percentage points \(limits), such as '-1.0 pp'",
      schema: quantitySchema(units: ["pp"], example: "-1.0 pp", zeroAllowed: true),
      hint: { node in
        guard let quantity = Quantity(node), quantity.unit == "%" else { return nil }
        return node.plain.map { $0.replacing("%", with: "pp") }
      },
      { node in
        guard let quantity = Quantity(node),
          quantity.unit == "pp" || (quantity.unit.isEmpty && quantity.number.digits == 0),
          let value = quantity.number.double(shift: 2), range.contains(value)
        else { return nil }
        return value
      })
  }

  /// Percentage points from −100 to +100 as a fraction of 1.
  public static var points: Reader { points(in: -1...1) }

  /// A share from 0 to 1 that may be called either: `0.2 %`, or as a difference of shares `5 pp`.
  public static var shareOrPoints: Reader {
    Reader(
      scalar: "a share from 0 % to 100 %, such as '0.2 %' or '5 pp'",
      schema: quantitySchema(units: ["%", "pp"], example: "0.2 %")
    ) { node in
      guard let quantity = Quantity(node), ["%", "pp"].contains(quantity.unit),
        let value = quantity.number.double(shift: 2), (0...1).contains(value)
      else { return nil }
      return value
    }
  }

  /// A level in decibel: `20 dB` is 20.
  public static func decibel(in range: ClosedRange<Double>) -> Reader {
    Reader(
      scalar: "a level from \(trimmed(range.lowerBound)) dB to \(trimmed(range.upperBound)) dB, "
        + "such as '20 dB'",
      schema: quantitySchema(units: ["dB"], example: "20 dB")
    ) { node in
      guard let quantity = Quantity(node), quantity.unit == "dB",
        let value = quantity.number.double(), range.contains(value)
      else { return nil }
      return value
    }
  }

  private static func percent(_ share: Double) -> String { "\(trimmed(share * 100)) %" }

  private static func trimmed(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
  }
}

extension Reader where Value == Duration {
  /// A duration in `ns`, `us` or `µs`, `ms`, `s`, `min` or `h`, whole in nanoseconds: `0.5 s`.
  public static func duration(in range: ClosedRange<Duration>) -> Reader {
    let expected: String
    if range.upperBound >= longestDuration {
      expected =
        range.lowerBound > .zero
        ? "a duration of at least \(written(range.lowerBound)), such as '5 s'"
        : "a duration, such as '5 s'"
    } else {
      expected =
        "a duration from \(written(range.lowerBound)) to \(written(range.upperBound)), such as '5 s'"
    }
    return Reader(
      scalar: expected,
      schema: quantitySchema(
        units: ["ns", "us", "µs", "ms", "s", "min", "h"], example: "5 s")
    ) { node in
      guard let quantity = Quantity(node), let unit = nanoseconds(per: quantity.unit),
        let value = quantity.number.exactly(times: unit)
      else { return nil }
      let duration = Duration.nanoseconds(value)
      return range.contains(duration) ? duration : nil
    }
  }

  /// A duration from 0 to a year.
  public static var duration: Reader { duration(in: .zero...longestDuration) }

  private static var longestDuration: Duration { .seconds(365 * 86_400) }

  private static func nanoseconds(per unit: String) -> Int? {
    switch unit {
    case "ns": 1
    case "us", "\u{B5}s", "\u{3BC}s": 1000
    case "ms": 1_000_000
    case "s": 1_000_000_000
    case "min": 60_000_000_000
    case "h": 3_600_000_000_000
    default: nil
    }
  }

  private static func written(_ duration: Duration) -> String {
    let total = duration / .nanoseconds(1)
    for (unit, size) in [("h", 3.6e12), ("min", 6e10), ("s", 1e9), ("ms", 1e6), ("us", 1e3)] {
      let value = total / size
      if value >= 1, value == value.rounded() { return "\(Int(value)) \(unit)" }
    }
    return total == 0 ? "0 s" : "\(Int(total)) ns"
  }
}

extension Reader where Value == Int {
  /// A number of bytes in `B`, `kB`, `MB`, `GB` (powers of 1000) or `KiB`, `MiB`, `GiB` (powers of 1024):
  /// `512 MiB`.
  public static func bytes(in range: ClosedRange<Int>) -> Reader {
    let expected =
      range.lowerBound > 0 ? "at least \(range.lowerBound) bytes" : "a number of bytes"
    return Reader(
      scalar: "\(expected), such as '512 MiB'",
      schema: quantitySchema(
        units: ["B", "kB", "MB", "GB", "KiB", "MiB", "GiB"], example: "512 MiB"),
      hint: { node in
        guard let quantity = Quantity(node), bytes(per: quantity.unit) == nil, let text = node.plain
        else { return nil }
        let number = text.prefix { $0.isASCIIDigit || $0 == "." }
        return switch quantity.unit.lowercased() {
        case "": "\(number) B"
        case "k", "kb", "kib": "\(number) KiB"
        case "m", "mb", "mib": "\(number) MiB"
        case "g", "gb", "gib": "\(number) GiB"
        default: nil
        }
      },
      { node in
        guard let quantity = Quantity(node), let unit = bytes(per: quantity.unit),
          let value = quantity.number.exactly(times: unit), range.contains(value)
        else { return nil }
        return value
      })
  }

  /// Any number of bytes of at least 0.
  public static var bytes: Reader { bytes(in: 0 ... .max) }

  private static func bytes(per unit: String) -> Int? {
    switch unit {
    case "B": 1
    case "kB": 1000
    case "MB": 1_000_000
    case "GB": 1_000_000_000
    case "KiB": 1 << 10
    case "MiB": 1 << 20
    case "GiB": 1 << 30
    default: nil
    }
  }
}
