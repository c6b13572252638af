public import Architectures
public import Quantization
public import Results

/// A scenario with every name resolved.
public struct Scenario: Sendable {
  /// Its name, which is the file's without `.yaml`.
  public let name: String
  /// The file, relative to the repository.
  public let file: String
  /// A sentence for people.
  public let summary: String
  /// First axis of the matrix.
  public let architectures: [Architecture]
  /// Second axis of the matrix.
  public let schemes: [Scheme]
  /// Third axis of the matrix.
  public let hardware: [HardwareProfile]
  /// What is calibrated on and scored.
  public let data: DataSelection
  /// What one inference of a transformer is; `nil` where the scenario does not say.
  public let workload: SequenceWork?
  /// How long a case may be measured.
  public let measure: MeasureSettings
  /// What fails a case.
  public let gates: Gates
  /// `default`, `large` or another name.
  public let suite: String
  /// Whom to ask.
  public let owners: [String]

  /// What one inference of an architecture is: as the scenario says, else all tokens at once; `nil` where
  /// inputs are no tokens.
  public func work(of architecture: Architecture) -> SequenceWork? {
    architecture.transformer == nil ? nil : workload ?? SequenceWork(.prefill)
  }

  /// The scheme that leaves weights as they are: the reference of the others. Where the scenario has none,
  /// `fp32`, which the quality worker computes without a case of its own.
  public var floatScheme: Scheme {
    schemes.first { $0.weights == .float32 } ?? .float32
  }
}
