/// The commands that verdicts point to, spelled in one place.
public enum Advice {
  /// Accepts a change that was meant.
  public static func update(_ scenario: String) -> String {
    "quantgate baseline update \(scenario) --reason \"…\""
  }

  /// Records what has no baseline yet.
  public static func record(_ scenario: String) -> String {
    "quantgate baseline record \(scenario) --reason \"…\""
  }

  /// Adds a session of durations for this machine.
  public static func recordTiming(_ scenario: String) -> String {
    "quantgate baseline record \(scenario) --timing"
  }

  /// Accepts a change that was meant, as a hint.
  static func ifMeant(_ scenario: String) -> String {
    "if this is meant: \(update(scenario))"
  }

  /// No baseline excuses a broken absolute limit.
  static func fixOrRaise(_ metric: String, file: String) -> String {
    "fix it, or raise the limit of \(metric) in \(file)"
  }
}
