import Comparison
import Foundation
import Reporting
import Testing

@Suite struct SlicesTests {
  /// A row with two slices, as a results file would give it.
  static func row(scheme: String, accuracies: [Double]) throws -> TableRow {
    let slices: [[String: Any]] = zip(["sex=Female", "sex=Male"], accuracies).map {
      ["name": $0, "examples": 40, "accuracy": $1, "float": 0.9]
    }
    let leaves: [String: Any] = [
      "scenario": "adult", "architecture": "mlp", "scheme": scheme, "hardware": "one",
      "before": [String: Double](), "slices": slices,
      "changed": [[String: Any]](), "layers": [[String: Any]](),
    ]
    return try JSONDecoder().decode(
      TableRow.self, from: JSONSerialization.data(withJSONObject: leaves))
  }

  @Test func `accuracy per slice stands beside float, scheme by scheme`() throws {
    let job = JobVerdict(
      verdicts: [],
      table: [
        try Self.row(scheme: "int8", accuracies: [0.875, 0.9]),
        try Self.row(scheme: "int4", accuracies: [0.75, 0.85]),
      ])
    let text = TextReport(width: 120, slices: true).text(job)
    #expect(
      text.contains(
        """
        adult/mlp   examples    float     int8     int4
        ───────────────────────────────────────────────
        sex=Female        40  90.00 %  87.50 %  75.00 %
        sex=Male          40  90.00 %  90.00 %  85.00 %

        """), "\(text)")
    #expect(!TextReport(width: 120).text(job).contains("sex=Female"))
    #expect(MarkdownReport().text(job).contains("| sex=Male | 40 | 90.00 % | 90.00 % | 85.00 % |"))
    #expect(try JSONReport().text(job).contains("\"name\" : \"sex=Female\""))
  }
}
