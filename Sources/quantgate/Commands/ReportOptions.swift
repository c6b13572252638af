import ArgumentParser
import Comparison
import Foundation
import Reporting
import Results

/// How a verdict is shown, and what beside the gates makes the command fail.
struct ReportOptions: ParsableArguments {
  /// The languages of a report.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case markdown
    case json
  }

  @Option(help: "How the report is written.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write the report to a file.", valueName: "file"))
  var output: String?

  @Flag(help: "List what holds as well, with what it rules out.")
  var passes = false

  @Flag(help: "List the accuracy of every slice.")
  var slices = false

  @Flag(help: "Compare every layer with the float run's, the worst first.")
  var layers = false

  @Flag(help: "List the examples whose prediction quantization changed.")
  var changed = false

  @Flag(help: "End with 4 when something is better than its tolerance.")
  var failOnImprovement = false

  @Flag(help: "End with 7 when a gate needs stored timing of this machine and there is none.")
  var requireTiming = false

  @Flag(help: "End with 7 when a case is NOT RUN.")
  var requireAll = false

  /// What the comparison is asked for.
  var comparison: ComparisonOptions {
    ComparisonOptions(
      failOnImprovement: failOnImprovement, requireTiming: requireTiming, requireAll: requireAll)
  }

  /// Prints or writes the report and ends with the verdict's code.
  func conclude(_ verdict: JobVerdict) throws {
    let text: String
    switch format {
    case .text:
      let toFile = output != nil
      text = TextReport(
        width: toFile ? Terminal.logColumns : Terminal.columns(of: STDOUT_FILENO),
        color: !toFile && Terminal.coloursOutput, passes: passes,
        slices: slices, layers: layers, changed: changed
      ).text(verdict)
    case .markdown: text = MarkdownReport().text(verdict)
    case .json:
      do {
        text = try JSONReport().text(verdict)
      } catch { throw CommandFailure.broken(error) }
    }
    if let output {
      do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
      } catch {
        throw CommandFailure.broken("\(output): not written: \(error.localizedDescription)")
      }
      Terminal.complain("\(output): \(verdict.exitCode.meaning)")
    } else {
      Terminal.print(text)
    }
    if verdict.exitCode.rawValue != 0 {
      throw ArgumentParser.ExitCode(verdict.exitCode.rawValue)
    }
  }
}
