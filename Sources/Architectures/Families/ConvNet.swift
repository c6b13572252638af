import Documents

extension ArchitectureFamily {
  /// Convolutional networks over images `[height, width, channels]`; `[length, channels]` is an
  /// image of width 1.
  public static let convnet = ArchitectureFamily(
    name: "convnet", summary: "Convolutional network over images.",
    description: .layers(layers, inputRanks: 2...3))

  /// Every layer there is.
  static let layers = Reader<Layer>.tagged(
    by: "layer",
    [
      "conv": Layer.convolution, "depthwise": Layer.depthwise,
      "batch_norm": Layer.batchNormalization, "relu": Layer.relu, "relu6": Layer.relu6,
      "add": Layer.add, "max_pool": Layer.maxPooling, "average_pool": Layer.averagePooling,
      "global_average_pool": Layer.globalAveragePooling, "flatten": Layer.flatten,
      "linear": Layer.linear, "softmax": Layer.softmax, "conv1d": Layer.convolution1D,
      "transposed_conv": Layer.transposedConvolution, "multiply": Layer.multiply,
      "gelu": Layer.gelu, "gelu_tanh": Layer.geluTanh, "silu": Layer.silu,
      "sigmoid": Layer.sigmoid, "tanh": Layer.tanh, "hard_sigmoid": Layer.hardSigmoid,
      "hard_swish": Layer.hardSwish, "elu": Layer.elu, "leaky_relu": Layer.leakyRelu,
    ])
}
