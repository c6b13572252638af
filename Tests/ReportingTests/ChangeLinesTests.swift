import Comparison
import Foundation
import Reporting
import Testing

@Suite struct ChangeLinesTests {
  /// Decoded, as a program would read it.
  func change(_ json: String) throws -> BaselineChange {
    try JSONDecoder().decode(BaselineChange.self, from: Data(json.utf8))
  }

  func changes() throws -> [BaselineChange] {
    [
      try change(
        """
        {"subject": "tiny/int8", "what": "outputs", "isWorse": false,
         "before": "sha256:0123456789abcdef0123", "after": "sha256:fedcba98765432100123"}
        """),
      try change(
        """
        {"subject": "tiny/int8", "what": "accuracy.top1", "unit": "share", "isWorse": true,
         "before": "97.35 %", "after": "96.10 %", "change": -0.0125}
        """),
      try change(
        """
        {"subject": "tiny/int8/one", "what": "memory.peak_allocated", "unit": "bytes",
         "isWorse": false, "before": "8,192 B", "after": "8,191 B", "change": -1}
        """),
      try change(
        """
        {"subject": "tiny/int4", "what": "entry", "isWorse": false, "after": "present"}
        """),
      try change(
        """
        {"subject": "tiny/old", "what": "entry", "isWorse": false, "before": "present"}
        """),
      try change(
        """
        {"subject": "tiny/int8", "what": "calibration data", "isWorse": false,
         "after": "sha256:0123456789abcdef0123"}
        """),
    ]
  }

  @Test func `every change says from what to what and whether it is worse`() throws {
    let text = TextReport(width: 80).text(try changes(), scenario: "sample")
    #expect(
      text == """
        sample: 6 changes, 1 for the worse
          tiny/int8: outputs: sha256:0123456789ab → sha256:fedcba987654
          tiny/int8: accuracy.top1: 97.35 % → 96.10 % (−1.25 pp), worse
          tiny/int8/one: memory.peak_allocated: 8,192 B → 8,191 B (−1 B)
          tiny/int4: entry: new
          tiny/old: entry: removed
          tiny/int8: calibration data: new: sha256:0123456789ab

        """)
  }

  @Test func `Markdown lists the same changes, escaped`() throws {
    let text = MarkdownReport().text(Array(try changes().prefix(2)), scenario: "sa_mple")
    #expect(
      text == #"""
        **sa\_mple: 2 changes, 1 for the worse**

        - tiny/int8: outputs: sha256:0123456789ab → sha256:fedcba987654
        - tiny/int8: accuracy.top1: 97.35 % → 96.10 % (−1.25 pp), worse

        """#)
  }

  @Test func `one change is counted as one`() throws {
    let text = TextReport().text(Array(try changes().prefix(1)), scenario: "sample")
    #expect(text.hasPrefix("sample: 1 change, 0 for the worse\n"))
  }

  @Test func `an update that changes nothing says so`() {
    #expect(TextReport().text([], scenario: "sample") == "sample: nothing changes\n")
    #expect(MarkdownReport().text([], scenario: "sample") == "**sample: nothing changes**\n")
  }
}
