/// One cell of a scenario's matrix. Prints as `scenario/architecture/scheme/hardware`.
public struct CaseID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The scenario's name.
  public let scenario: String
  /// The architecture's name.
  public let architecture: String
  /// The quantization scheme's name.
  public let scheme: String
  /// The hardware profile's name.
  public let hardware: String

  /// Creates an id from its four names.
  public init(scenario: String, architecture: String, scheme: String, hardware: String) {
    self.scenario = scenario
    self.architecture = architecture
    self.scheme = scheme
    self.hardware = hardware
  }

  /// `scenario/architecture/scheme/hardware`.
  public var description: String { "\(scenario)/\(architecture)/\(scheme)/\(hardware)" }

  /// `architecture/scheme`: the key of what does not depend on hardware.
  public var model: String { "\(architecture)/\(scheme)" }

  /// Orders by the printed form.
  public static func < (left: CaseID, right: CaseID) -> Bool {
    left.description < right.description
  }
}
