import Comparison
import Foundation
import Results

/// Verdicts and rows as a comparison gives them.
enum Fixture {
  static let failure = Verdict(
    .fail, scenario: "sample", subject: "tiny/int8/one", metric: "accuracy.top1",
    limit: .againstBaseline,
    figures: Figures(unit: .share, now: 0.961, baseline: 0.9735, bound: 0.9735),
    message: "−1.25 pp since the baseline", evidence: ["writer=left: 86.25 %"],
    next: "if this is meant: quantgate baseline update sample --reason \"…\"",
    exitCode: .regression)
  static let undecided = Verdict(
    .undecided, scenario: "sample", subject: "tiny/int8/one", metric: "latency.p50",
    limit: .atMost,
    figures: Figures(
      unit: .seconds, now: 5e-5, interval: Interval(lower: 4e-5, upper: 6e-5, confidence: 0.99),
      bound: 5.5e-5, smallestDetectable: 0.25),
    message: "noise hides it", next: "run again", exitCode: .undecided)
  static let improved = Verdict(
    .improved, scenario: "sample", subject: "tiny/int8/one", metric: "memory.peak_allocated",
    limit: .more, figures: Figures(unit: .bytes, now: 8191, baseline: 8192, bound: 8192),
    message: "−1 B since the baseline", next: "keep it", exitCode: .pass)
  static let notRun = Verdict(
    .notRun, scenario: "sample", subject: "sample", metric: "case",
    message: "1 of 3 cases were not selected", next: "quantgate check sample", exitCode: .pass)
  static let pass = Verdict(
    .pass, scenario: "sample", subject: "tiny/fp32/one", metric: "outputs",
    message: "every output bit equals the baseline's over 400 examples", exitCode: .pass)

  static func notGated(
    _ metric: String, subject: String, scenario: String = "sample",
    message: String = "no timing baseline for this machine"
  ) -> Verdict {
    Verdict(
      .notGated, scenario: scenario, subject: subject, metric: metric, limit: .more,
      message: message, next: "quantgate baseline record \(scenario) --timing", exitCode: .pass)
  }

  /// Every ruling once, in an order that no report keeps.
  static let everyRuling = JobVerdict(
    verdicts: [
      pass, notGated("latency.intrinsic_tail", subject: "tiny/int8/one"), notRun, improved,
      undecided, failure,
    ], table: [])

  /// A row of the table, decoded as a program would read it from a report.
  static func row(
    scenario: String = "sample", architecture: String = "tiny", scheme: String = "int8",
    hardware: String = "one", measured: Bool = true, before: [String: Double] = [:],
    perplexity: Double? = nil
  ) throws -> TableRow {
    var leaves: [String: Any] = [
      "scenario": scenario, "architecture": architecture, "scheme": scheme, "hardware": hardware,
      "before": before, "slices": [[String: Any]](),
      "changed": [[String: Any]](), "layers": [[String: Any]](),
    ]
    if measured {
      leaves.merge(
        [
          "model_bytes": 12800.0, "accuracy": 0.961, "accuracy_change": -0.0125,
          "worst_slice": "writer=left", "worst_slice_accuracy": 0.8625, "p50": 5e-5, "p99": 6e-5,
          "speed_up": 2.0, "intrinsic_tail": 1.0125, "peak_bytes": 8192.0,
          "load_allocations": 1234.0, "steady_allocations": 0.0,
        ] as [String: Any]
      ) { $1 }
    }
    if let perplexity {
      leaves["perplexity"] = perplexity
      leaves["perplexity_error"] = perplexity / 50
      leaves["divergence"] = 0.000597
    }
    return try JSONDecoder().decode(
      TableRow.self, from: JSONSerialization.data(withJSONObject: leaves))
  }
}
