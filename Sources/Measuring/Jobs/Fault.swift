/// Something a worker breaks on purpose, so that the gates can be tested. A run with a fault says so in
/// its results and never becomes a baseline.
///
/// Written as `allocate`, `leak:64`, `slow-inputs:1%:20%`, `flip-weight`, `crash:PHASE`, `hang:PHASE` or
/// `oom`.
public enum Fault: Hashable, Sendable, Codable, CustomStringConvertible {
  /// One block is allocated and freed per inference.
  case allocate
  /// So many bytes are allocated per inference and never freed.
  case leak(bytes: Int)
  /// A share of the inputs takes longer by a share of the median, at the same inputs in every process.
  case slowInputs(share: Double, extra: Double)
  /// The top exponent bit of one weight is flipped after loading.
  case flipWeight
  /// The worker aborts when it enters a phase.
  case crash(phase: String)
  /// The worker stops answering when it enters a phase.
  case hang(phase: String)
  /// The memory process allocates until nothing is left, after loading.
  case exhaustMemory

  /// Reads the written form; `nil` for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count) {
    case ("allocate", 1): self = .allocate
    case ("flip-weight", 1): self = .flipWeight
    case ("oom", 1): self = .exhaustMemory
    case ("leak", 2):
      guard let bytes = Int(parts[1]), bytes > 0 else { return nil }
      self = .leak(bytes: bytes)
    case ("slow-inputs", 3):
      guard let share = Self.share(parts[1]), let extra = Self.share(parts[2]),
        share <= 1, extra <= Self.mostExtra
      else { return nil }
      self = .slowInputs(share: share, extra: extra)
    case ("crash", 2) where WorkerPhase(rawValue: parts[1]) != nil: self = .crash(phase: parts[1])
    case ("hang", 2) where WorkerPhase(rawValue: parts[1]) != nil: self = .hang(phase: parts[1])
    default: return nil
    }
  }

  /// The written form.
  public var description: String {
    switch self {
    case .allocate: "allocate"
    case .leak(let bytes): "leak:\(bytes)"
    case .slowInputs(let share, let extra):
      "slow-inputs:\(Self.text(share)):\(Self.text(extra))"
    case .flipWeight: "flip-weight"
    case .crash(let phase): "crash:\(phase)"
    case .hang(let phase): "hang:\(phase)"
    case .exhaustMemory: "oom"
    }
  }

  /// Slower than a thousandfold is a hang.
  private static let mostExtra = 1000.0

  private static func share(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent / 100 > 0,
      percent.isFinite
    else { return nil }
    return percent / 100
  }

  /// The shortest percentage that reads back as `share`: `share * 100` alone makes 7 % of 0.07 into
  /// 7.000000000000001 %.
  private static func text(_ share: Double) -> String {
    let near = share * 100
    let candidates = [near.nextDown.nextDown, near.nextDown, near, near.nextUp, near.nextUp.nextUp]
    let texts = candidates.filter { $0 / 100 == share }.map { percent in
      let text = "\(percent)"
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
    return (texts.min { $0.count < $1.count } ?? "\(near)") + "%"
  }
}
