public import Checkpoints
public import Execution
public import Quantization

/// Why an engine cannot run a model.
public enum EngineError: Error, Sendable, CustomStringConvertible {
  /// The weights cannot be read.
  case checkpoint(CheckpointError)
  /// The scheme cannot be applied.
  case quantization(QuantizationError)
  /// The model cannot be compiled or run.
  case execution(ExecutionError)
  /// The scheme observes ranges and there is nothing to observe.
  case noCalibration(scheme: String)

  /// One sentence that names the file, tensor or node.
  public var description: String {
    switch self {
    case .checkpoint(let error): error.description
    case .quantization(let error): error.description
    case .execution(let error): error.description
    case .noCalibration(let scheme):
      "\(scheme): expected calibration examples for its static activations, found none"
    }
  }
}
