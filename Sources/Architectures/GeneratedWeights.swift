public import Graphs
import NumberFormats

/// Weights drawn from a stated distribution, so that the latency and memory of a shape can be profiled
/// without a checkpoint. Accuracy is then fidelity to the model's own float run.
///
/// A value follows from the seed, the parameter's name and its place alone, and is rounded to bf16, as large
/// checkpoints are stored:
///
/// - a weight matrix: normal with mean 0 and standard deviation `spread / √fan-in`, where the fan-in is the
///   number of products in a sum; columns of a share of input channels are multiplied by a factor (the
///   outlier channels of large language models: Dettmers et al., LLM.int8(), arXiv 2208.07339);
/// - an embedding: normal with standard deviation `spread`;
/// - scales of normalizations: 1 + normal / 16; variances: the same; biases, shifts and means: normal / 16.
///
/// "Normal" is the sum of four uniform 16-bit numbers, centred and brought to variance 1 (Irwin–Hall; no value
/// beyond 3.5 deviations).
public struct GeneratedWeights: Hashable, Sendable {
  /// Equal seeds give equal weights.
  public let seed: UInt64
  /// Factor of the standard deviations of weights and embeddings.
  public let spread: Double
  /// Share of input channels whose weights are larger.
  public let outlierShare: Double
  /// How much larger.
  public let outlierFactor: Double

  /// Creates a distribution.
  public init(
    seed: UInt64 = 1, spread: Double = 1, outlierShare: Double = 0, outlierFactor: Double = 1
  ) {
    self.seed = seed
    self.spread = spread
    self.outlierShare = outlierShare
    self.outlierFactor = outlierFactor
  }

  /// The parameters of a graph. Nothing is generated before it is read.
  ///
  /// - Parameter tied: Parameters that take another one's values, by name.
  public func weights(of graph: Graph, tied: [String: String] = [:]) -> Weights {
    var weights = Weights()
    for parameter in graph.parameters {
      let name = tied[parameter.name] ?? parameter.name
      let node = graph.nodes[parameter.node]
      weights[parameter.name] = Tensor(
        shape: parameter.shape,
        source: GeneratedTensor(
          identity: "\(self) \(name) \(parameter.shape)", elementCount: parameter.elementCount,
          stream: Self.stream(of: name, seed: seed), law: law(of: parameter, node, graph)))
    }
    return weights
  }

  private func law(
    of parameter: ParameterSpecification, _ node: Node, _ graph: Graph
  ) -> GeneratedTensor.Law {
    switch (parameter.role, node.operation) {
    case (.weight, .embedding), (.weight, .positionEmbedding):
      return GeneratedTensor.Law(centre: 0, deviation: Float(spread))
    case (.weight, _) where node.operation.hasWeight:
      let fanIn = Double(max(graph.summationLength(of: node), 1))
      return GeneratedTensor.Law(
        centre: 0, deviation: Float(spread / fanIn.squareRoot()),
        channels: max(parameter.shape.last ?? 1, 1), outlierShare: outlierShare,
        outlierFactor: Float(outlierFactor))
    case (.weight, _), (.scale, _), (.variance, _):
      return GeneratedTensor.Law(centre: 1, deviation: 0.0625)
    case (.bias, _), (.shift, _), (.mean, _):
      return GeneratedTensor.Law(centre: 0, deviation: 0.0625)
    }
  }

  /// FNV-1a over the name, mixed with the seed.
  private static func stream(of name: String, seed: UInt64) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return GeneratedTensor.mix(hash ^ GeneratedTensor.mix(seed))
  }
}

extension GeneratedWeights: CustomStringConvertible {
  /// What decides every value, in one line.
  public var description: String {
    "generated v1 seed \(seed) spread \(spread) outliers \(outlierShare) × \(outlierFactor)"
  }
}

/// The values of one generated parameter.
struct GeneratedTensor: TensorSource {
  /// Where values lie.
  struct Law: Hashable {
    let centre: Float
    let deviation: Float
    /// Extent of the innermost dimension, whose places are input channels.
    var channels = 1
    var outlierShare = 0.0
    var outlierFactor: Float = 1
  }

  let identity: String?
  let elementCount: Int
  let stream: UInt64
  let law: Law

  var isKnownFinite: Bool { true }

  func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
    precondition(values.count == range.count, "room for every value")
    values.withUnsafeMutableBufferPointer { values in
      draw(range, into: values)
      enlargeOutliers(range, values)
      for index in values.indices { values[index] = values[index].roundedToBFloat16 }
    }
  }

  private func draw(_ range: Range<Int>, into values: UnsafeMutableBufferPointer<Float>) {
    // 1 / √(4 · (2³² − 1) / 12) brings the sum of four 16-bit numbers to variance 1.
    let unit = law.deviation * 2.642_899_8e-5
    var counter = stream &+ UInt64(range.lowerBound) &* Self.step
    for index in values.indices {
      let bits = Self.mix(counter)
      counter &+= Self.step
      // Two pairs of 16-bit numbers are added side by side.
      let pairs = (bits & 0x0000_FFFF_0000_FFFF) &+ (bits >> 16 & 0x0000_FFFF_0000_FFFF)
      let sum = Int32(truncatingIfNeeded: pairs) &+ Int32(truncatingIfNeeded: pairs >> 32)
      values[index] = Float(sum &- 131_070) * unit + law.centre
    }
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  private func enlargeOutliers(
    _ range: Range<Int>, _ values: UnsafeMutableBufferPointer<Float>
  ) {
    guard law.outlierShare > 0, law.channels > 1 else { return }
    let limit = UInt64(law.outlierShare * 0x1p32)
    for channel in 0..<law.channels {
      let bits = Self.mix(stream ^ 0x6F75_746C_6965_7273 &+ UInt64(channel))
      guard bits >> 32 < limit else { continue }
      let first =
        ((channel - range.lowerBound) % law.channels + law.channels) % law.channels
      for index in stride(from: first, to: values.count, by: law.channels) {
        values[index] *= law.outlierFactor
      }
    }
  }

  /// SplitMix64's output function.
  static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
