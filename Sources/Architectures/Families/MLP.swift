import Documents

extension ArchitectureFamily {
  /// Multi-layer perceptrons: vectors in, linear layers, no windows.
  public static let mlp = ArchitectureFamily(
    name: "mlp", summary: "Multi-layer perceptron over feature vectors.",
    description: .layers(
      .tagged(
        by: "layer",
        [
          "linear": Layer.linear, "batch_norm": Layer.batchNormalization, "relu": Layer.relu,
          "relu6": Layer.relu6, "softmax": Layer.softmax, "gelu": Layer.gelu,
          "gelu_tanh": Layer.geluTanh, "silu": Layer.silu, "sigmoid": Layer.sigmoid,
          "tanh": Layer.tanh, "elu": Layer.elu, "leaky_relu": Layer.leakyRelu,
        ]), inputRanks: 1...1))
}
