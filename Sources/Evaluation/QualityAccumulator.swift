public import Digests
public import Results

/// Builds a ``QualityRecord`` from batches of outputs, in the order of the examples, without keeping
/// them. The result depends on the outputs alone, not on how they were batched.
public struct QualityAccumulator: Sendable {
  /// Elements of one output.
  public let classCount: Int

  private var hasher = Hasher256()
  private var predictions: [Int] = []
  private var floatPredictions: [Int] = []
  private var nonFinite = 0
  private var fidelity = OutputFidelity()
  private var cosines = CosineAccumulator()
  private var targetErrors: [Double] = []
  private var floatTargetErrors: [Double] = []

  /// Creates an accumulator that has seen nothing.
  ///
  /// - Parameters:
  ///   - classCount: Elements of one output, at least 1.
  ///   - expected: How many examples will come; only saves growing.
  public init(classCount: Int, expected: Int = 0) {
    precondition(classCount > 0, "an output has elements")
    self.classCount = classCount
    predictions.reserveCapacity(expected)
    floatPredictions.reserveCapacity(expected)
  }

  /// Examples so far.
  public var count: Int { predictions.count }

  /// Adds the next batch.
  ///
  /// - Parameters:
  ///   - outputs: `[examples, classCount]`, row-major.
  ///   - floatOutputs: The float run's outputs for the same examples, of the same shape. For the float
  ///     run itself the same outputs.
  ///   - firstIndex: The index of the batch's first example; it must be ``count``, so that no batch is lost
  ///     or added twice.
  public mutating func add(
    outputs: Span<Float>, floatOutputs: Span<Float>, firstIndex: Int
  ) {
    precondition(firstIndex == count, "batches come in order, each once")
    precondition(outputs.count == floatOutputs.count, "both runs have the same shape")
    precondition(outputs.count.isMultiple(of: classCount), "a batch holds whole outputs")
    for start in stride(from: 0, to: outputs.count, by: classCount) {
      predictions.append(Prediction.argmax(outputs, from: start, count: classCount))
      floatPredictions.append(Prediction.argmax(floatOutputs, from: start, count: classCount))
      cosines.add(outputs, float: floatOutputs, from: start, count: classCount)
    }
    for index in 0..<outputs.count {
      let value = outputs[index]
      if !value.isFinite { nonFinite += 1 }
      fidelity.add(value, float: floatOutputs[index])
    }
    outputs.withUnsafeBytes { hasher.update($0) }
  }

  /// Adds the errors of the next batch, where examples have numbers to come near to.
  ///
  /// - Parameters:
  ///   - outputs: `[examples, classCount]`, row-major.
  ///   - floatOutputs: The float run's.
  ///   - targets: The numbers, of the same shape.
  public mutating func add(
    outputs: Span<Float>, floatOutputs: Span<Float>, targets: Span<Float>
  ) {
    precondition(outputs.count == targets.count && floatOutputs.count == targets.count)
    func error(_ outputs: Span<Float>, from start: Int, _ count: Int) -> Double {
      var sum = 0.0
      for index in start..<start + count {
        let distance = Double(outputs[index]) - Double(targets[index])
        sum = sum.addingProduct(distance, distance)
      }
      return sum / Double(count)
    }
    for start in stride(from: 0, to: outputs.count, by: classCount) {
      targetErrors.append(error(outputs, from: start, classCount))
      floatTargetErrors.append(error(floatOutputs, from: start, classCount))
    }
  }

  /// SHA-256 of the bit patterns of all outputs so far, in order, little-endian. Unlike comparing
  /// numbers it tells +0 from −0 and one NaN from another.
  public var outputDigest: Digest {
    let hasher = hasher
    return hasher.finalize()
  }

  /// What describes a run beside its outputs.
  public struct Context: Sendable {
    /// SHA-256 of the trained weights.
    public var model: Digest
    /// SHA-256 of the evaluation examples, in order.
    public var data: Digest
    /// SHA-256 of the calibration examples; `nil` for schemes that need none.
    public var calibration: Digest?
    /// Bytes of the parameters as a checkpoint stores them.
    public var modelBytes: Int
    /// Layers that were decoded to fp32 and computed there.
    public var referenceLayers: Int
    /// Calibration examples per slice key and value.
    public var calibrationCoverage: [String: [String: Int]]

    /// Creates a context.
    public init(
      model: Digest, data: Digest, calibration: Digest?, modelBytes: Int,
      referenceLayers: Int = 0, calibrationCoverage: [String: [String: Int]]
    ) {
      self.model = model
      self.data = data
      self.calibration = calibration
      self.modelBytes = modelBytes
      self.referenceLayers = referenceLayers
      self.calibrationCoverage = calibrationCoverage
    }
  }

  /// The record of everything added.
  ///
  /// - Parameters:
  ///   - labels: Class index per example; as many as examples were added. `nil` where no answer is right:
  ///     then the float run's serve.
  ///   - slices: Slice value per example, by key.
  ///   - scores: What the scores of classes say, where examples have classes.
  ///   - layers: What a comparison of layers found.
  public consuming func finish(
    labels: [Int]?, slices: [String: [String]], context: Context, scores: ScoreRecord? = nil,
    layers: [LayerFidelity]? = nil
  ) -> QualityRecord {
    let labels = labels ?? floatPredictions
    precondition(labels.count == count, "every example has outputs and a label")
    precondition(targetErrors.isEmpty || targetErrors.count == count, "every example has targets")
    return QualityRecord(
      modelDigest: context.model.description, dataDigest: context.data.description,
      calibrationDigest: context.calibration?.description,
      outputDigest: outputDigest.description, modelBytes: context.modelBytes,
      referenceLayers: context.referenceLayers == 0 ? nil : context.referenceLayers,
      labels: PackedIntegers(labels), predictions: PackedIntegers(predictions),
      floatPredictions: PackedIntegers(floatPredictions),
      slices: slices.mapValues(SliceColumn.init(examples:)), nonFiniteOutputs: nonFinite,
      outputSQNR: fidelity.decibel, outputCosine: cosines.summary,
      calibrationCoverage: context.calibrationCoverage, scores: scores,
      targets: targetErrors.isEmpty
        ? nil : TargetRecord(errors: targetErrors, floatErrors: floatTargetErrors),
      layers: layers)
  }
}

extension SliceColumn {
  /// Packs one value per example; the distinct values are sorted by their Unicode scalars.
  public init(examples: [String]) {
    let values = Set(examples).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    let positions = Dictionary(uniqueKeysWithValues: zip(values, values.indices))
    self.init(values: values, members: PackedIntegers(examples.compactMap { positions[$0] }))
  }
}
