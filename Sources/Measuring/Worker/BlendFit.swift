package import Results

/// Blends the two controls so that one control iteration lasts as long as a subject iteration and
/// touches as much memory.
package enum BlendFit {
  /// How far the control's duration may be from the subject's.
  package static let tolerance = 0.05
  /// The fit aims closer than it must, because it is judged by medians that wander.
  private static let aim = 0.02
  private static let rounds = 10
  /// Share of the duration that streaming may take.
  private static let streamShare = 0.7

  /// Median durations of subject and control, measured in turns.
  package struct Observation: Sendable {
    /// Nanoseconds of the subject.
    package let subject: Double
    /// Nanoseconds of the control.
    package let control: Double

    /// Creates an observation.
    package init(subject: Double, control: Double) {
      self.subject = subject
      self.control = control
    }
  }

  /// Finds the units.
  ///
  /// - Parameters:
  ///   - controls: The identity of the controls.
  ///   - workingSet: Bytes the subject reads.
  ///   - unitBytes: Bytes of one streaming unit.
  ///   - measure: Times a blend of (compute, stream) units beside the subject.
  /// - Returns: The blend that came closest, and how close: control over subject.
  package static func fit<Failure: Error>(
    controls: String, workingSet: Int, unitBytes: Int,
    measure: (_ compute: Int, _ stream: Int) throws(Failure) -> Observation
  ) throws(Failure) -> (blend: ControlBlend, ratio: Double) {
    let probe = 64
    let compute = try measure(probe, 0)
    let computeUnit = max(compute.control / Double(probe), 0.1)
    // One pass over the working set, unless that alone would take too long.
    var stream = max(1, workingSet / unitBytes)
    let pass = try measure(0, stream)
    if pass.control > pass.subject * streamShare {
      stream = max(0, Int(Double(stream) * pass.subject * streamShare / pass.control))
    }
    let streaming = pass.control * Double(stream) / Double(max(1, workingSet / unitBytes))
    var units = max(0, Int(((pass.subject - streaming) / computeUnit).rounded()))
    var best = (units: units, stream: stream, ratio: Double.infinity)
    for _ in 0..<rounds {
      if units == 0 && stream == 0 { units = 1 }
      let seen = try measure(units, stream)
      let ratio = seen.control / seen.subject
      if abs(ratio - 1) < abs(best.ratio - 1) { best = (units, stream, ratio) }
      if abs(ratio - 1) <= aim { break }
      let change = Int(((seen.subject - seen.control) / computeUnit).rounded())
      if units + change >= 0 {
        units += change == 0 ? (ratio < 1 ? 1 : -min(1, units)) : change
      } else {
        units = 0
        stream = Int(Double(stream) / ratio)
      }
    }
    return (
      ControlBlend(
        controls: controls, computeUnits: best.units, streamUnits: best.stream,
        workingSet: workingSet),
      best.ratio
    )
  }
}
