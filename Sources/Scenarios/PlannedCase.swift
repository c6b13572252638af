public import Architectures
public import Digests
public import Quantization
public import Results

/// One case that will run, with everything its workers need to know.
public struct PlannedCase: Sendable {
  /// `scenario/architecture/scheme/hardware`.
  public let id: CaseID
  /// The network.
  public let architecture: Architecture
  /// How it is quantized.
  public let scheme: Scheme
  /// Where and how it runs.
  public let hardware: HardwareProfile
  /// Data, measurement and gates.
  public let scenario: Scenario
  /// Over the content of every file that defines the case, in canonical form: comments and layout do not
  /// change it, everything else does. Weights and examples have digests of their own.
  public let digest: Digest
}
