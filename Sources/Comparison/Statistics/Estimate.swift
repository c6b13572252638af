import RealModule

/// Where a quantity lies, with a confidence.
public struct Interval: Hashable, Sendable, Codable {
  /// Lower end.
  public let lower: Double
  /// Upper end.
  public let upper: Double
  /// One-sided confidence of each end: 0.99 means that the truth lies above `lower` with 99 %
  /// confidence, and below `upper` likewise.
  public let confidence: Double

  /// Creates an interval.
  public init(lower: Double, upper: Double, confidence: Double) {
    self.lower = lower
    self.upper = upper
    self.confidence = confidence
  }
}

/// A mean over processes. The process is the unit of evidence: what differs between processes
/// (addresses, page placement, the moment) never averages out within one, so the interval is Student's
/// t on the process means with one degree of freedom less than there are processes. The variance
/// between blocks of a process is part of the variance of its mean and needs no term of its own
/// (Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013).
package struct Estimate: Hashable, Sendable {
  /// The mean.
  package let mean: Double
  /// Standard error of the mean.
  package let standardError: Double
  /// Processes less one.
  package let degreesOfFreedom: Int

  /// `nil` with fewer than two values.
  package init?(processMeans values: [Double]) {
    guard values.count > 1 else { return nil }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = (squares / (count - 1) / count).squareRoot()
    degreesOfFreedom = values.count - 1
  }

  /// An estimate whose error is known from elsewhere.
  package init(mean: Double, standardError: Double, degreesOfFreedom: Int) {
    self.mean = mean
    self.standardError = standardError
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// Half the width of the interval whose ends each hold with `confidence`.
  package func halfWidth(_ confidence: Double) -> Double {
    StudentT.quantile(confidence, degreesOfFreedom: degreesOfFreedom) * standardError
  }

  /// The interval whose ends each hold with `confidence`.
  package func interval(_ confidence: Double) -> Interval {
    let half = halfWidth(confidence)
    return Interval(lower: mean - half, upper: mean + half, confidence: confidence)
  }

  /// The smallest true change that a one-sided test at `confidence` finds with probability 0.95.
  package func smallestDetectable(_ confidence: Double) -> Double {
    halfWidth(confidence) + halfWidth(0.95)
  }
}
