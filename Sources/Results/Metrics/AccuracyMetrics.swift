/// Metrics of the predicted classes.
enum AccuracyMetrics {
  static let all = [top1, worstSlice, worstSliceGap, worstSliceFall, flips]

  static let top1 = MetricDeclaration(
    Metric("accuracy.top1", unit: .share, direction: .higherIsBetter, repeatability: .exact),
    meaning: "share of evaluation examples whose predicted class is their label",
    limits: [.againstFloat, .againstBaseline], home: .model,
    reading: .quality(value: { $0.top1 }, float: { $0.floatTop1 }))

  static let worstSlice = MetricDeclaration(
    Metric("accuracy.worst_slice", unit: .share, direction: .higherIsBetter, repeatability: .exact),
    meaning: "accuracy of the slice value with the lowest accuracy",
    limits: [.againstFloat, .againstBaseline], home: .model,
    reading: .quality(
      value: { $0.worstSlice?.accuracy }, float: { $0.worstFloatSlice?.floatAccuracy }))

  static let worstSliceGap = MetricDeclaration(
    Metric(
      "accuracy.worst_slice_gap", unit: .share, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "how far the worst slice's accuracy lies below the accuracy over all examples",
    limits: [.atMost, .more, .againstFloat, .againstBaseline], home: .model,
    reading: .quality(
      value: { record in
        guard let top1 = record.top1, let worst = record.worstSlice else { return nil }
        return top1 - worst.accuracy
      },
      float: { record in
        guard let top1 = record.floatTop1, let worst = record.worstFloatSlice else { return nil }
        return top1 - worst.floatAccuracy
      }))

  static let worstSliceFall = MetricDeclaration(
    Metric(
      "accuracy.worst_slice_fall", unit: .share, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "the largest fall of one slice's accuracy from the float run's on the same slice",
    limits: [.atMost, .more, .againstBaseline], home: .model,
    reading: .quality(value: { $0.mostFallenSlice?.fall }, float: { _ in 0 }))

  static let flips = MetricDeclaration(
    Metric("accuracy.flips", unit: .share, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "share of evaluation examples that are classified differently than by the float run",
    limits: [.atMost, .more, .againstBaseline], home: .model,
    reading: .quality(value: { $0.flips }, float: { _ in 0 }))
}

/// Metrics of the output elements.
enum OutputMetrics {
  static let all = [nonFinite, cosine, worstCosine, saturation]

  static let nonFinite = MetricDeclaration(
    Metric("outputs.non_finite", unit: .count, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "output elements that are NaN or infinite",
    limits: [.atMost, .more], home: .model, defaultRule: GateRule(atMost: 0),
    reading: .quality(value: { Double($0.nonFiniteOutputs) }, float: { _ in nil }))

  static let cosine = MetricDeclaration(
    Metric("outputs.cosine", unit: .number, direction: .higherIsBetter, repeatability: .exact),
    meaning: "mean cosine between an output vector and the float run's",
    limits: [.againstFloat, .againstBaseline], home: .model,
    reading: .quality(value: { $0.outputCosine?.mean }, float: { $0.outputCosine.map { _ in 1 } }))

  static let worstCosine = MetricDeclaration(
    Metric(
      "outputs.worst_cosine", unit: .number, direction: .higherIsBetter, repeatability: .exact),
    meaning: "the smallest cosine between an output vector and the float run's",
    limits: [.againstFloat, .againstBaseline], home: .model,
    reading: .quality(
      value: { $0.outputCosine?.smallest }, float: { $0.outputCosine.map { _ in 1 } }))

  static let saturation = MetricDeclaration(
    Metric("outputs.saturation", unit: .share, direction: .lowerIsBetter, repeatability: .exact),
    meaning: "largest share of a layer's results whose float value its codes cannot hold",
    limits: [.atMost], home: .nowhere,
    reading: .quality(value: { $0.layers?.map(\.saturation).max() }, float: { _ in nil }))
}
