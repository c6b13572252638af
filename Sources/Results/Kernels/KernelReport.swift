/// How fast every kernel ran, and how fast the machine can do at most what bounds it.
public struct KernelReport: VersionedDocument, Hashable {
  /// The layout that this build writes.
  public static let currentSchemaVersion = 1

  /// The layout the report was written with.
  public let schemaVersion: Int
  /// The version of the tool.
  public let tool: String
  /// The machine.
  public let fingerprint: Fingerprint
  /// The instruction set of kernels and probes, as scenario files name it.
  public let instructionSet: String
  /// One core per thread.
  public let cores: [Int]
  /// The machine's limits, all threads together.
  public let limits: [MachineLimit]
  /// What was measured, in the order of the table.
  public let kernels: [KernelMeasurement]

  /// Creates a report of the current version.
  public init(
    tool: String, fingerprint: Fingerprint, instructionSet: String, cores: [Int],
    limits: [MachineLimit], kernels: [KernelMeasurement]
  ) {
    schemaVersion = Self.currentSchemaVersion
    self.tool = tool
    self.fingerprint = fingerprint
    self.instructionSet = instructionSet
    self.cores = cores
    self.limits = limits
    self.kernels = kernels
  }

  /// A kernel whose limit is not among the limits.
  public func contradiction() -> Contradiction? {
    for (index, kernel) in kernels.enumerated()
    where !limits.contains(where: { $0.name == kernel.limit }) {
      return Contradiction(
        "kernels[\(index)].limit", expected: "the name of one of the limits", found: kernel.limit)
    }
    return nil
  }

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case tool
    case fingerprint
    case instructionSet = "instruction_set"
    case cores
    case limits
    case kernels
  }
}

/// The most that a machine was seen to do of one kind.
public struct MachineLimit: Hashable, Sendable, Codable {
  /// For example `int8 multiply-add` or `read DRAM`.
  public let name: String
  /// `GOPS` or `GB/s`, in units of 1e9.
  public let unit: String
  /// Rate of all threads together, in `unit`.
  public let rate: MedianEstimate

  /// Creates a limit.
  public init(name: String, unit: String, rate: MedianEstimate) {
    self.name = name
    self.unit = unit
    self.rate = rate
  }
}

/// One kernel on one shape.
public struct KernelMeasurement: Hashable, Sendable, Codable {
  /// The kernels it belongs with, for example `products`.
  public let family: String
  /// The kernel's name, for example `gemm_u8s8`; after a space its form, where it has several.
  public let name: String
  /// What it ran on, for example `128×5632×2048`.
  public let shape: String
  /// Operations of one pass; a multiply-add is two.
  public let operations: Int
  /// Bytes one pass has to read and write at least; of encoders, what they read.
  public let bytes: Int
  /// Seconds of one pass, if no thread were ever interrupted.
  public let seconds: MedianEstimate
  /// Rate of all threads together, in `unit`.
  public let rate: MedianEstimate
  /// The limit's unit, `GOPS` or `GB/s`.
  public let unit: String
  /// The name of the limit that bounds the kernel.
  public let limit: String
  /// The kernel's rate over the limit's, each pair of adjacent slices on its own.
  public let share: MedianEstimate

  /// Creates a measurement.
  public init(
    family: String, name: String, shape: String, operations: Int, bytes: Int,
    seconds: MedianEstimate, rate: MedianEstimate, unit: String, limit: String,
    share: MedianEstimate
  ) {
    self.family = family
    self.name = name
    self.shape = shape
    self.operations = operations
    self.bytes = bytes
    self.seconds = seconds
    self.rate = rate
    self.unit = unit
    self.limit = limit
    self.share = share
  }
}

/// A median with an interval that holds whatever the distribution is.
public struct MedianEstimate: Hashable, Sendable, Codable {
  /// The sample's median.
  public let median: Double
  /// Lower end of the interval.
  public let lower: Double
  /// Upper end of the interval.
  public let upper: Double
  /// The probability that the interval holds the true median; at least what was asked for.
  public let confidence: Double
  /// Values in the sample.
  public let samples: Int

  /// Creates an estimate.
  public init(median: Double, lower: Double, upper: Double, confidence: Double, samples: Int) {
    self.median = median
    self.lower = lower
    self.upper = upper
    self.confidence = confidence
    self.samples = samples
  }
}
