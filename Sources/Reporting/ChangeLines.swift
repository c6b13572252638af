import Comparison
import Results

/// What an update of a baseline changes, in words.
struct ChangeLines {
  let title: String
  let items: [String]

  init(_ changes: [BaselineChange], scenario: String) {
    let worse = changes.count { $0.isWorse }
    title =
      changes.isEmpty
      ? "\(scenario): nothing changes"
      : "\(scenario): \(changes.count) \(changes.count == 1 ? "change" : "changes"), "
        + "\(worse) for the worse"
    items = changes.map(Self.line)
  }

  private static func line(_ change: BaselineChange) -> String {
    let what = "\(change.subject): \(change.what)"
    switch (change.before, change.after) {
    case (nil, let after): return "\(what): new\(after.map(shown) ?? "")"
    case (let before, nil): return "\(what): removed\(before.map(shown) ?? "")"
    case (let before?, let after?):
      let moved =
        if let unit = change.unit, let change = change.change {
          switch unit {
          case .ratio, .seconds: ""
          case .share, .bytes, .count, .number: " (\(Quantity.change(change, unit)))"
          }
        } else {
          ""
        }
      let worse = change.isWorse ? ", worse" : ""
      return "\(what): \(short(before)) → \(short(after))\(moved)\(worse)"
    }
  }

  private static func shown(_ text: String) -> String {
    text == "present" ? "" : ": \(short(text))"
  }

  private static func short(_ text: String) -> String {
    text.hasPrefix("sha256:") ? String(text.prefix(19)) : text
  }
}
