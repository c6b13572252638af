import Architectures
package import Documents
import Quantization
import Results

/// A scenario file as written, its names not yet resolved.
package struct ScenarioEntry: Sendable {
  let name: Located<String>
  let summary: String
  let architectures: [Reference<Architecture>]
  let schemes: [Reference<Scheme>]
  let hardware: [Reference<HardwareEntry>]
  let exclusions: [Exclusion]
  let data: DataEntry
  let workload: Located<SequenceWork>?
  let measure: MeasureSettings
  let gates: GateEntry
  let suite: String
  let owners: [String]

  package static let reader = Reader<ScenarioEntry>.record(
    "scenario", "Architectures × schemes × hardware profiles, with data, measurement and gates.",
    keepsGoing: true
  ) { fields in
    let name = fields.required(
      "scenario", Reader<String>.name.located, "The file's name without `.yaml`.")
    let summary = fields.optional("description", .string, "For people.", default: "")
    let architectures = fields.required(
      "architectures", axis(of: Architecture.reader), "Files of Scenarios/architectures.")
    let schemes = fields.required("schemes", axis(of: Scheme.reader), "Files of Scenarios/schemes.")
    let hardware = fields.required(
      "hardware", axis(of: HardwareEntry.reader), "Files of Scenarios/hardware.")
    let exclusions = fields.optional(
      "exclude", .list(of: Exclusion.reader), "Cases that are left out.", default: [])
    let data = fields.required("data", DataEntry.reader, "What is calibrated on and scored.")
    let workload = fields.optional(
      "workload", SequenceWork.reader.located,
      "What one inference of a transformer is (default: prefill).")
    let measure = fields.optional(
      "measure", MeasureSettings.reader, "How long a case may be measured.",
      default: MeasureSettings())
    let gates = fields.optional(
      "gates", GateEntry.reader, "What fails a case.", default: .none)
    let isCritical = fields.optional(
      "safety_critical", .bool, "true demands a fallback and a monitor in every scheme.",
      default: false)
    if isCritical {
      fields.report("needs fallback and monitor, not available yet", at: "safety_critical")
    }
    let suite = fields.optional(
      "suite", suiteReader, "default, large or a name of your own (`--suite`).",
      default: "default")
    let owners = fields.optional("owners", .list(of: .string), "Whom to ask.", default: [])
    guard let name, let architectures, let schemes, let hardware, let data else { return nil }
    return ScenarioEntry(
      name: name, summary: summary, architectures: architectures, schemes: schemes,
      hardware: hardware, exclusions: exclusions, data: data, workload: workload, measure: measure,
      gates: gates,
      suite: suite, owners: owners)
  }

  private static let suiteReader = Reader<String>.name.only("a suite other than 'all'") {
    $0 != PlanSelection.allSuites
  }

  private static func axis<Definition>(
    of definition: Reader<Definition>
  ) -> Reader<[Reference<Definition>]> {
    .oneOrMany(of: .nameOrInline(definition))
  }
}

extension SequenceWork {
  /// `{ phase: decode, batch: 1 }`
  fileprivate static let reader = Reader<SequenceWork>.record(
    "workload", "What one inference of a transformer is."
  ) { fields in
    let phase = fields.required(
      "phase", .choice(of: Phase.self),
      "score: every token of an example gets an output; prefill: the last one does, the time to the first "
        + "token; decode: the last token alone, behind those before it, the time per output token.")
    let batch = fields.optional(
      "batch", .int(in: 1...1_024), "Sequences side by side (default 1).", default: 1)
    return phase.map { SequenceWork($0, batch: batch) }
  }
}

extension Scenario {
  /// The JSON Schema of scenario files, for editors.
  public static var jsonSchema: String {
    ScenarioEntry.reader.jsonSchema(title: "QuantGate scenario")
  }
}

extension HardwareProfile {
  /// The JSON Schema of hardware profiles, for editors.
  public static var jsonSchema: String {
    HardwareEntry.reader.jsonSchema(title: "QuantGate hardware profile")
  }
}
