public import Comparison
import Foundation
public import Results

/// A verdict for programs.
public struct JSONReport: Sendable {
  /// The version of the layout.
  public static let schemaVersion = 1

  /// Creates a report.
  public init() {}

  /// Sorted keys, one leaf a line, newline last.
  ///
  /// - Throws: `ResultsError.notRepresentable` when a figure is not finite.
  public func text(_ verdict: JobVerdict) throws(ResultsError) -> String {
    let report = Report(
      schemaVersion: Self.schemaVersion, exitCode: verdict.exitCode,
      meaning: verdict.exitCode.meaning, summary: verdict.lastLine,
      counts: Dictionary(
        uniqueKeysWithValues: Verdict.Ruling.allCases.map { ($0.rawValue, verdict.count($0)) }),
      verdicts: verdict.verdicts, table: verdict.table, notes: verdict.notes,
      accept: verdict.acceptance)
    return String(decoding: try DocumentFile.encode(report, file: "the report"), as: UTF8.self)
  }

  private struct Report: Encodable {
    let schemaVersion: Int
    let exitCode: ExitCode
    let meaning: String
    let summary: String
    let counts: [String: Int]
    let verdicts: [Verdict]
    let table: [TableRow]
    let notes: [String]
    let accept: [String]

    enum CodingKeys: String, CodingKey {
      case schemaVersion = "schema_version"
      case exitCode = "exit_code"
      case meaning
      case summary
      case counts
      case verdicts
      case table
      case notes
      case accept
    }
  }
}
