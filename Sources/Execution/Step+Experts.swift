import CKernels

/// The choice of experts by their scores.
struct RoutingStep: BitwiseCopyable {
  let scores: BufferID
  /// What softmax makes of the scores.
  let probabilities: BufferID
  /// `[2 · chosen]` per token.
  let result: BufferID
  let experts: Int
  let chosen: Int
  let isNormalized: Bool
}

/// Which expert reads which row. A row is a choice: number token · chosen + place in the token's routing.
struct ExpertGroups: BitwiseCopyable {
  let routing: BufferID
  /// Int32 numbers of choices: those of expert 0 in ascending order, then of expert 1, and so on.
  let order: BufferID
  /// Int32: where the choices of each expert begin in `order`, and after the last one where they end.
  let offsets: BufferID
  let experts: Int
  let chosen: Int
}

/// Rows of an operand in the order of experts.
struct RowGathering: BitwiseCopyable {
  let groups: ExpertGroups
  let source: BufferID
  let result: BufferID
  let rowBytes: Int
  /// Choices that read the same row: all of a token, or one.
  let choicesPerRow: Int
  /// The rows' affine parameters and theirs in the order of experts; `nil` where rows have none of their own.
  let affines: Affines?

  struct Affines: BitwiseCopyable {
    let source: BufferID
    let result: BufferID
  }
}

/// The products of gathered rows with the weight of their expert.
struct ExpertProduct: BitwiseCopyable {
  let groups: ExpertGroups
  /// Operand and result are in the order of experts; the matrix is that of expert 0.
  let product: Product
  /// One per expert.
  let matrices: UnsafePointer<PackedMatrix>
  /// The results in the order of tokens.
  let result: BufferID
}

/// The sum of the chosen experts' vectors by their weights.
struct MixtureStep: BitwiseCopyable {
  let source: BufferID
  let routing: BufferID
  let result: BufferID
  let chosen: Int
  /// Elements of a vector.
  let count: Int
}
