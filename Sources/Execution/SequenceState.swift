import CKernels
import Graphs

/// What a run over tokens shares with every step: which tokens, where they stand, which of them go on.
struct SequenceState {
  /// Token ids, `[tokens]`.
  let ids: UnsafeMutablePointer<Int32>
  /// Positions in their sequences, `[tokens]`.
  let positions: UnsafeMutablePointer<Int32>
  /// The call's parts, `[partCount]`.
  let parts: UnsafeMutablePointer<SequencePart>
  /// Scores of one attention, per member of the team.
  let scratch: UnsafeMutablePointer<Float>
  /// Elements of `scratch` per member.
  let scratchStride: Int
  /// Embeddings whose rows are decoded on the way.
  let sources: UnsafeMutablePointer<any TensorSource>
  /// Whether each token gives an output; else the last one of each part.
  let everyToken: Bool
  var partCount = 0
}

/// Memory of sequences; outlives the program's steps, which point into it.
struct SequenceMemory: ~Copyable {
  /// Entered by each run; `nil` where rows are independent examples.
  let state: UnsafeMutablePointer<SequenceState>?
  private let sourceCount: Int
  private let memory: OwnedMemory

  /// Room for the runs of a program.
  ///
  /// - Parameters:
  ///   - options: How many tokens and parts; `nil` for none.
  ///   - members: The team's size.
  ///   - sources: Embeddings that decode rows themselves.
  init(_ options: SequenceOptions?, members: Int, sources: [any TensorSource]) {
    var memory = OwnedMemory()
    sourceCount = sources.count
    guard let options else {
      state = nil
      self.memory = memory
      return
    }
    // Members do not share a cache line.
    let stride = ArenaPlan.aligned(4 * qg_attention_scratch(options.context)) / 4
    let decoders = UnsafeMutablePointer<any TensorSource>.allocate(
      capacity: max(sources.count, 1))
    for (index, source) in sources.enumerated() { (decoders + index).initialize(to: source) }
    let state = UnsafeMutablePointer<SequenceState>.allocate(capacity: 1)
    state.initialize(
      to: SequenceState(
        ids: memory.allocate(options.tokens), positions: memory.allocate(options.tokens),
        parts: memory.allocate(options.count), scratch: memory.allocate(members * stride),
        scratchStride: stride, sources: decoders, everyToken: options.outputs == .every))
    self.state = state
    self.memory = memory
  }

  deinit {
    guard let state else { return }
    state.pointee.sources.deinitialize(count: sourceCount)
    state.pointee.sources.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }
}
