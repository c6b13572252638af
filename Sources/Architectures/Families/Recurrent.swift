import Documents
import Graphs

extension ArchitectureFamily {
  /// Recurrent networks over windows `[steps, features]`.
  public static let recurrent = ArchitectureFamily(
    name: "recurrent", summary: "Recurrent network over windows of steps.",
    description: .layers(
      .tagged(
        by: "layer",
        [
          "lstm": Layer.lstm, "gru": Layer.gru, "conv1d": Layer.convolution1D,
          "batch_norm": Layer.batchNormalization, "relu": Layer.relu, "relu6": Layer.relu6,
          "gelu": Layer.gelu, "silu": Layer.silu, "sigmoid": Layer.sigmoid, "tanh": Layer.tanh,
          "elu": Layer.elu, "leaky_relu": Layer.leakyRelu, "add": Layer.add,
          "multiply": Layer.multiply, "global_average_pool": Layer.globalAveragePooling,
          "flatten": Layer.flatten, "linear": Layer.linear, "softmax": Layer.softmax,
        ]), inputRanks: 2...2))
}

extension Layer {
  /// `{ layer: lstm, name: rnn1, features: 64, result: every }`
  static let lstm = recurrent(
    .lstm, "Long short-term memory over the steps, from a state of zeros.")

  /// `{ layer: gru, name: rnn1, features: 64, result: last }`
  static let gru = recurrent(.gru, "A gated recurrent unit over the steps, from a state of zeros.")

  private static func recurrent(_ kind: Recurrence.Kind, _ meaning: String) -> Reader<Layer> {
    .record(kind.rawValue, meaning) { fields in
      let features = fields.required(
        "features", .int(in: 1...16_383), "Elements of the state.")
      let result = fields.optional(
        "result", .choice(Recurrence.Result.allCases.map(\.rawValue)),
        "The state after the last step, or after every one.",
        default: Recurrence.Result.last.rawValue)
      guard let features else { return single(fields, nil) }
      let recurrence = Recurrence(
        kind, features: features, result: Recurrence.Result(rawValue: result) ?? .last)
      return single(
        fields, .recurrence(recurrence),
        after: .convolution(
          outChannels: recurrence.products, window: Window(height: 1, width: 1), hasBias: true))
    }
  }
}
