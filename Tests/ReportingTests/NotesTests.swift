import Comparison
import Reporting
import Testing

@Suite struct NotesTests {
  @Test func `a note stands before the verdict in every language`() throws {
    let noted = JobVerdict(verdicts: [Fixture.pass], table: [], notes: ["look at this"])
    #expect(TextReport().text(noted).hasPrefix("NOTE  look at this\n\nPASS: 1 passed"))
    #expect(MarkdownReport().text(noted).contains("\n> look at this\n"))
    #expect(try JSONReport().text(noted).contains("\"look at this\""))
  }
}
