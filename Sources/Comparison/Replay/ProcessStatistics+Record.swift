import RealModule
package import Results

extension ProcessStatistics {
  /// The statistics of one process; `nil` when it has no solo iterations.
  init?(_ process: TimingProcess, perInference: Double) {
    let solo = process.solo.values.map { Double($0) * perInference }.sorted()
    guard let p50 = Quantiles.ofSorted(0.5, solo), let p99 = Quantiles.ofSorted(0.99, solo),
      p50 > 0
    else { return nil }
    let subject = process.subject.values
    let length = process.blockLength
    self.init(
      p50: p50, p99: p99,
      ratioToControl: Self.ratio(subject, process.control.values, blockLength: length),
      ratioToFloat: Self.ratio(subject, process.float.values, blockLength: length))
  }

  /// The geometric mean over blocks of one series' median over the other's. A last block that is not
  /// full counts only when it is the only one.
  private static func ratio(_ left: [UInt32], _ right: [UInt32], blockLength: Int) -> Double? {
    guard left.count == right.count, !left.isEmpty, blockLength > 0 else { return nil }
    let blocks = max(1, left.count / blockLength)
    var sum = 0.0
    for block in 0..<blocks {
      let range = block * blockLength..<min((block + 1) * blockLength, left.count)
      guard let over = Quantiles.median(left[range].map { Double($0) }),
        let under = Quantiles.median(right[range].map { Double($0) }), over > 0, under > 0
      else { return nil }
      sum += .log(over / under)
    }
    return .exp(sum / Double(blocks))
  }
}

extension TimingSession {
  /// What a timing baseline keeps of a record.
  package init(_ record: TimingRecord, when: String, largestCache: Int?) {
    let analysis = TimingAnalysis(record, largestCache: largestCache)
    var metrics: [String: Double] = [:]
    for id in MetricCatalog.required(in: .timing) { metrics[id] = analysis.value(id) }
    let batch = UInt32(clamping: record.batchedInferences)
    self.init(
      when: when, processes: analysis.processes, metrics: metrics,
      subject: StoredHistogram(
        durations: record.processes.lazy.flatMap(\.solo.values).map { $0 / batch }),
      control: StoredHistogram(durations: record.processes.lazy.flatMap(\.control.values)))
  }
}
