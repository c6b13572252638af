/// Tabular applications for credit: 16 features, a yes-or-no label, and a demographic attribute whose
/// groups have unequal sizes.
///
/// The process, for each example on its own: a group, a region that depends on it, the numeric features,
/// whose distributions depend on the group, and a label that is `approve` with probability p. p is a
/// logistic model with nonlinear terms of the very features that the input shows
/// (``ApplicantRecord/logit``). So the best possible classifier answers `approve` where p > ½, and
/// its accuracy is E[max(p, 1 − p)] in expectation: ``bayesAccuracy``.
///
/// The 16 features: age, income, debt, years employed, credit lines, late payments, savings and hours
/// worked, each shifted and scaled to about mean 0 and variance 1 by fixed numbers; then group and
/// region, one feature for each value.
public struct Applicants: Dataset {
  /// The number of this dataset in a ``CounterGenerator``'s stream.
  static let streamNumber: UInt32 = 2
  /// The stream of the sample that ``bayesAccuracy`` is computed on; no split has it.
  private static let integrationStream: UInt32 = streamNumber << 8 | 255

  /// The name scenarios use.
  public let name: String
  /// Equal seeds give equal examples.
  public let seed: UInt64

  /// Creates the dataset.
  public init(name: String = "applicants", seed: UInt64 = 1) {
    self.name = name
    self.seed = seed
  }

  /// One row of 16 features.
  public var inputShape: [Int] { [ApplicantRecord.featureCount] }
  /// 0 is `decline`, 1 is `approve`.
  public var classNames: [String] { ["decline", "approve"] }
  /// `group` (`amber` 70 %, `birch` 20 %, `cedar` 8 %, `dune` 2 %), `region` (`north`, `east`,
  /// `south`, `west`), `age` (`18-29`, `30-44`, `45-59`, `60-75`).
  public var sliceKeys: [String] { ["group", "region", "age"] }
  /// ``bayesAccuracy`` plus its tolerance.
  public var accuracyBound: Double? { Applicants.bayesAccuracy + Applicants.bayesTolerance }

  /// E[max(p, 1 − p)], the mean over the fixed sample that ``integratedAccuracy(samples:)`` draws with
  /// 2^18 examples, rounded to 5 decimals. A test computes it again.
  public static let bayesAccuracy = 0.83731
  /// Four standard errors of that mean.
  public static let bayesTolerance = 0.0012

  /// Ten million of each.
  public func available(_ split: Split) -> Int { 10_000_000 }

  /// Draws the first `count` examples of a split.
  public func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    var builder = ExampleBuilder(inputShape: inputShape, sliceKeys: sliceKeys, capacity: count)
    for index in 0..<count {
      var lots = CounterGenerator(
        seed: seed, stream: Applicants.streamNumber << 8 | split.streamNumber,
        index: UInt64(index))
      let record = ApplicantRecord(from: &lots)
      let label = lots.uniform() < record.approval ? 1 : 0
      builder.append(
        input: record.features, label: label,
        slices: [record.group.name, record.region.rawValue, record.ageBand])
    }
    return builder.finish()
  }

  /// The mean of max(p, 1 − p) over fresh records, and the standard error of that mean. Summed in
  /// ascending order of index.
  package static func integratedAccuracy(samples: Int) -> (mean: Double, standardError: Double) {
    var (sum, squares) = (0.0, 0.0)
    for index in 0..<samples {
      var lots = CounterGenerator(seed: 0, stream: integrationStream, index: UInt64(index))
      let approval = ApplicantRecord(from: &lots).approval
      let best = max(approval, 1 - approval)
      sum += best
      squares += best * best
    }
    let mean = sum / Double(samples)
    let variance = squares / Double(samples) - mean * mean
    return (mean, (variance / Double(samples)).squareRoot())
  }
}
