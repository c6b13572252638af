import Foundation

/// Shows on standard error how far a run is: a bar with the time left on a terminal, a line at each
/// change of case elsewhere.
final class ProgressDisplay {
  /// How progress is shown.
  enum Style {
    /// One line that is rewritten.
    case bar(columns: Int)
    /// A line whenever the activity changes.
    case lines
    /// Nothing.
    case silent
  }

  private let style: Style
  private var lastActivity = ""
  private var lastDrawn: ContinuousClock.Instant?
  private let clock = ContinuousClock()

  init(style: Style) {
    self.style = style
  }

  /// The style that suits standard error.
  static func suitable(quiet: Bool, noProgress: Bool) -> Style {
    if quiet { return .silent }
    guard !noProgress, isatty(STDERR_FILENO) != 0 else { return .lines }
    return .bar(columns: Terminal.columns(of: STDERR_FILENO))
  }

  /// Shows `fraction` of the whole as done.
  ///
  /// - Parameters:
  ///   - activity: What is going on, for example a case id and a phase.
  ///   - fraction: 0…1 of the whole run.
  ///   - secondsLeft: Time left, where it can be told.
  func show(_ activity: String, fraction: Double, secondsLeft: Double?) {
    let left = secondsLeft.map { "\(Self.duration($0)) left" } ?? ""
    switch style {
    case .silent:
      return
    case .lines:
      guard activity != lastActivity else { return }
      write(String(format: "[%3.0f %%] ", 100 * fraction) + "\(activity)  \(left)\n")
    case .bar(let columns):
      if let lastDrawn, activity == lastActivity,
        clock.now - lastDrawn < .milliseconds(100)
      {
        return
      }
      lastDrawn = clock.now
      write("\r\u{1B}[K" + Self.bar(activity, fraction: fraction, left: left, columns: columns))
    }
    lastActivity = activity
  }

  /// Removes the bar, so that what follows starts on a clean line.
  func finish() {
    if case .bar = style, !lastActivity.isEmpty { write("\r\u{1B}[K") }
    lastActivity = ""
  }

  /// A bar of 20 cells, the activity and the time left, cut to `columns`.
  static func bar(_ activity: String, fraction: Double, left: String, columns: Int) -> String {
    let cells = 20
    let filled = min(cells, max(0, Int((fraction * Double(cells)).rounded())))
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
    let line = "\(bar) \(Int(100 * min(1, max(0, fraction)))) %  \(left)  \(activity)"
    return String(line.prefix(max(0, columns - 1)))
  }

  /// For example `2 min 5 s` or `40 s`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(max(0, seconds).rounded(.up))
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }

  private func write(_ text: String) {
    Terminal.write(error: text)
  }
}
