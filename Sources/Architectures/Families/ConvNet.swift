import Documents

extension ArchitectureFamily {
  /// Convolutional networks over images `[height, width, channels]`.
  public static let convnet = ArchitectureFamily(
    name: "convnet", summary: "Convolutional network over images.",
    description: .layers(layers, inputRank: 3))

  /// Every layer there is.
  static let layers = Reader<Layer>.tagged(
    by: "layer",
    [
      "conv": Layer.convolution, "depthwise": Layer.depthwise,
      "batch_norm": Layer.batchNormalization, "relu": Layer.relu, "relu6": Layer.relu6,
      "add": Layer.add, "max_pool": Layer.maxPooling, "average_pool": Layer.averagePooling,
      "global_average_pool": Layer.globalAveragePooling, "flatten": Layer.flatten,
      "linear": Layer.linear, "softmax": Layer.softmax,
    ])
}
