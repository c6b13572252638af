public import Graphs

/// The tensors of a checkpoint, whatever its format: nothing is read before it is asked for.
public protocol TensorCollection: Sendable {
  /// What errors call the checkpoint.
  var file: String { get }
  /// The names of its tensors, in ascending order.
  var names: [String] { get }

  /// The tensor called `name`, its values left in the file; `nil` where there is none.
  ///
  /// - Throws: `CheckpointError.tensor` when its elements are of a type that is not decoded.
  func tensor(_ name: String) throws(CheckpointError) -> Tensor?
}
