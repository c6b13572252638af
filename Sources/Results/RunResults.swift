/// The results of one run: what `run` writes and `compare` reads.
public struct RunResults: Hashable, Sendable, VersionedDocument {
  /// The version of this layout that this build writes.
  public static let currentSchemaVersion = 1

  /// Comes first; a newer one is refused.
  public let schemaVersion: Int
  /// The tool's version.
  public let tool: String
  /// When the run started, ISO 8601, UTC.
  public let startedAt: String
  /// Whether budgets were cut by `--quick`.
  public let quick: Bool
  /// The fault that was planted on purpose, if any; such a run never becomes a baseline.
  public let fault: String?
  /// The machine.
  public let fingerprint: Fingerprint
  /// One entry per scenario, in plan order.
  public let scenarios: [ScenarioResults]

  /// Creates results.
  public init(
    schemaVersion: Int = RunResults.currentSchemaVersion, tool: String, startedAt: String,
    quick: Bool, fault: String? = nil, fingerprint: Fingerprint, scenarios: [ScenarioResults]
  ) {
    self.schemaVersion = schemaVersion
    self.tool = tool
    self.startedAt = startedAt
    self.quick = quick
    self.fault = fault
    self.fingerprint = fingerprint
    self.scenarios = scenarios
  }

  private enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case tool
    case startedAt = "started_at"
    case quick
    case fault
    case fingerprint
    case scenarios
  }
}

extension RunResults {
  /// A case id that belongs elsewhere, an answer without its label, or series that do not pair up.
  public func contradiction() -> Contradiction? {
    for (number, scenario) in scenarios.enumerated() {
      for (index, result) in scenario.cases.enumerated() {
        let place = "scenarios[\(number)].cases[\(index)]"
        if result.id.scenario != scenario.name {
          return Contradiction(
            "\(place).id.scenario", expected: scenario.name, found: result.id.scenario)
        }
        if let quality = result.quality, quality.exampleCount == nil {
          return Contradiction(
            "\(place).quality", expected: "one label, prediction and slice value per example",
            found: "columns that do not match")
        }
        if let problem = result.timing?.contradiction(at: "\(place).timing") { return problem }
      }
    }
    return nil
  }
}

/// The results of one scenario.
public struct ScenarioResults: Hashable, Sendable, Codable {
  /// The scenario's name.
  public let name: String
  /// The file it came from, relative to the repository.
  public let file: String
  /// Its rules.
  public let gates: Gates
  /// The scheme whose run the others are compared with, `fp32` by convention.
  public let floatScheme: String
  /// One entry per case, in plan order.
  public let cases: [CaseResult]

  /// Creates results.
  public init(
    name: String, file: String, gates: Gates, floatScheme: String, cases: [CaseResult]
  ) {
    self.name = name
    self.file = file
    self.gates = gates
    self.floatScheme = floatScheme
    self.cases = cases
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case file
    case gates
    case floatScheme = "float_scheme"
    case cases
  }
}

/// What timing depends on. Never the clock rate of the day.
public struct Fingerprint: Hashable, Sendable, Codable {
  /// Vendor, family, model and stepping, for example `AuthenticAMD 25/17/1`.
  public let cpu: String
  /// Instruction-set features that kernels use, sorted.
  public let features: [String]
  /// Logical cores this process may use.
  public let cores: Int
  /// Cache sizes in bytes by level name (`L1d`, `L2`, `L3`).
  public let caches: [String: Int]
  /// The hypervisor's name, or `none`.
  public let hypervisor: String
  /// The allocator and its version.
  public let allocator: String
  /// The compiler that built this tool.
  public let compiler: String

  /// Creates a fingerprint.
  public init(
    cpu: String, features: [String], cores: Int, caches: [String: Int], hypervisor: String,
    allocator: String, compiler: String
  ) {
    self.cpu = cpu
    self.features = features
    self.cores = cores
    self.caches = caches
    self.hypervisor = hypervisor
    self.allocator = allocator
    self.compiler = compiler
  }
}
