import CKernels
import Graphs

/// All steps of a recurrent layer.
struct RecurrentSteps: BitwiseCopyable {
  /// The input's products, `[examples, steps, gates · features]`.
  let source: BufferID
  let result: BufferID
  let kind: Recurrence.Kind
  let selection: Recurrence.Result
  /// Steps of an example.
  let count: Int
  /// Elements of the state.
  let features: Int
  /// The state's product with the weight, of all examples at once.
  let product: Product
  /// `[examples, features]`.
  let state: BufferID
  /// What LSTM cells hold, as the state; unused otherwise.
  let cells: BufferID
  /// How the state is rounded before it is multiplied; `nil` where it is not.
  let rounding: StateRounding?
}

/// The state as codes with one range per example and step.
struct StateRounding: BitwiseCopyable {
  let codes: BufferID
  /// One `qg_affine` per example.
  let affines: BufferID
  let isSymmetric: Bool
  /// The numbers that the codes stand for, where those are multiplied.
  let decoded: BufferID?
}
