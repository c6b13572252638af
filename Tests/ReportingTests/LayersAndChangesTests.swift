import Comparison
import Foundation
import Reporting
import Testing

@Suite struct LayersAndChangesTests {
  private func row(changed: Int) throws -> TableRow {
    let examples: [[String: Any]] = (0..<changed).map { index in
      [
        "index": 10 * index, "label": 1, "float": index == 1 ? 0 : 1, "now": index == 1 ? 1 : 2,
        "slices": ["writer": "left", "contrast": "low"],
      ]
    }
    let layers: [[String: Any]] = [
      [
        "name": "first", "operation": "convolution", "sqnr": 31.25,
        "cosine": ["mean": 0.9995, "smallest": 0.99], "elements": 400, "saturated": 1,
      ],
      [
        "name": "same", "operation": "attention", "cosine": ["mean": 1, "smallest": 1],
        "elements": 4, "saturated": 0,
      ],
      [
        "name": "last", "operation": "linear", "sqnr": 12.5,
        "cosine": ["mean": 0.95, "smallest": 0.9], "elements": 4, "saturated": 1,
      ],
    ]
    let leaves: [String: Any] = [
      "scenario": "vision", "architecture": "net", "scheme": "int4", "hardware": "one",
      "before": [String: Double](), "slices": [[String: Any]](), "changed": examples,
      "layers": layers, "flips": ["broken": changed - 1, "repaired": 1, "moved": 0],
    ]
    return try JSONDecoder().decode(
      TableRow.self, from: JSONSerialization.data(withJSONObject: leaves))
  }

  @Test func `the layer that suffers most comes first, once for all hardware`() throws {
    let row = try row(changed: 2)
    let text = TextReport(width: 100, layers: true).text(
      JobVerdict(verdicts: [], table: [row, row]))
    #expect(
      text.contains(
        """
        vision/net/int4
        layer  operator          SQNR  cosine  smallest cosine  saturated
        ─────────────────────────────────────────────────────────────────
        last   linear         12.5 dB  0.9500           0.9000    25.00 %
        first  convolution    31.2 dB  0.9995           0.9900     0.25 %
        same   attention    identical  1.0000           1.0000     0.00 %

        """), "\(text)")
    #expect(text.components(separatedBy: "vision/net/int4\n").count == 2)
    #expect(
      !TextReport(width: 100).text(JobVerdict(verdicts: [], table: [row])).contains("operator"))
  }

  @Test func `changed predictions are listed with what became of them`() throws {
    let text = TextReport(width: 100, changed: true).text(
      JobVerdict(verdicts: [], table: [try row(changed: 2)]))
    #expect(
      text.contains(
        """
        vision/net/int4: 2 predictions changed, 1 broken, 1 repaired, 0 from wrong to wrong
        example  label  float  now                              slices
        ──────────────────────────────────────────────────────────────
              0      1      1    2    broken  contrast=low writer=left
             10      1      0    1  repaired  contrast=low writer=left

        """), "\(text)")
  }

  @Test func `a long list is cut and says so; programs get all of it`() throws {
    let job = JobVerdict(verdicts: [], table: [try row(changed: 30)])
    let text = TextReport(width: 100, changed: true).text(job)
    #expect(text.contains("and 10 more; --format json lists them all"), "\(text)")
    #expect(text.contains("\n    190 "))
    #expect(!text.contains("\n    200 "))
    #expect(try JSONReport().text(job).contains("\"index\" : 290"))
  }
}
