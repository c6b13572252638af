import Architectures
import Datasets
import Documents
import Foundation
import Quantization
import Results
import Scenarios

extension InputFormat {
  /// A file of `Scenarios/`, taken as one of each kind in turn.
  static let yaml = InputFormat("yaml") { bytes, _ in
    let document: Document
    do throws(InvalidDocument) {
      document = try Document(bytes: bytes, file: "Scenarios/architectures/\(stem(bytes)).yaml")
    } catch {
      return .refused("\(error)")
    }
    let refusals = [
      refusal(document, ScenarioEntry.reader), refusal(document, Architecture.reader),
      refusal(document, Scheme.reader), refusal(document, DatasetDefinition.reader),
      refusal(document, HardwareEntry.reader),
    ]
    // Every file is refused as four of the five kinds.
    return refusals.contains(nil) ? .accepted : .refused(refusals.compactMap(\.self)[0])
  }

  /// A file of `Baselines/`, taken as one of each kind in turn.
  static let baseline = InputFormat("baseline") { bytes, _ in
    let quality = decoded(Baseline.self, bytes)
    let timing = decoded(TimingBaseline.self, bytes)
    if case .success(let baseline) = quality { _ = baseline.isApproved }
    if case .success(let baseline) = timing {
      for session in baseline.cases.values.flatMap(\.sessions) {
        _ = session.subject.histogram
        _ = session.control.histogram
      }
      _ = baseline.fingerprint.key
    }
    return outcome(quality.map { _ in }, timing.map { _ in })
  }

  /// A file of `results/`, taken as one of each kind in turn.
  static let results = InputFormat("results") { bytes, _ in
    let run = decoded(RunResults.self, bytes)
    if case .success(let run) = run {
      for result in run.scenarios.flatMap(\.cases) {
        for metric in MetricCatalog.all {
          _ = metric.value(of: result)
          _ = metric.floatValue(of: result)
        }
        _ = result.quality?.sliceAccuracies
        _ = result.quality?.mostFallenSlice
      }
    }
    return outcome(run.map { _ in }, decoded(KernelReport.self, bytes).map { _ in })
  }

  /// What the file has to be called: the name in its first line.
  private static func stem(_ bytes: [UInt8]) -> String {
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let name = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
    return String(decoding: name.prefix(64), as: UTF8.self)
  }

  private static func refusal<Value>(_ document: Document, _ reader: Reader<Value>) -> String? {
    do throws(InvalidDocument) {
      _ = try document.decode(reader)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private static func decoded<Document: VersionedDocument>(
    _ type: Document.Type, _ bytes: [UInt8]
  ) -> Result<Document, ResultsError> {
    Result { () throws(ResultsError) in
      try DocumentFile.decode(type, from: Data(bytes), file: "x.json")
    }
  }

  private static func outcome(
    _ first: Result<Void, ResultsError>, _ second: Result<Void, ResultsError>
  ) -> Outcome {
    guard case .failure(let error) = first, case .failure = second else { return .accepted }
    return .refused(error.description)
  }
}
