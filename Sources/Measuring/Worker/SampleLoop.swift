package import Engines
package import Host

/// The loops around the clock. Between two time stamps runs the workload and nothing else; nothing
/// allocates. Durations are nanoseconds, at most 4.29 s.
package enum SampleLoop {
  /// Runs the workload once per entry of `sequence` and notes how long each took.
  ///
  /// - Parameters:
  ///   - workload: The subject.
  ///   - inputs: Example after example.
  ///   - sequence: Example index per iteration.
  ///   - batch: Inferences per time stamp, all of the same example.
  ///   - output: Room for one output.
  ///   - durations: One per entry of `sequence`.
  package static func solo<W: Workload>(
    _ workload: W, inputs: UnsafeBufferPointer<Float>, sequence: UnsafeBufferPointer<Int32>,
    batch: Int, output: UnsafeMutableBufferPointer<Float>,
    durations: UnsafeMutableBufferPointer<UInt32>
  ) throws(EngineError) {
    let size = workload.inputSize
    for index in sequence.indices {
      let start = Int(sequence[index]) * size
      let input = UnsafeBufferPointer(rebasing: inputs[start..<start + size])
      let before = MonotonicClock.nanoseconds()
      for _ in 0..<batch { try workload.run(input, examples: 1, into: output) }
      let after = MonotonicClock.nanoseconds()
      durations[index] = UInt32(clamping: after - before)
    }
  }

  /// Runs subject, control and float twin in the given order, on the same core, each with its own
  /// durations. `order` has an equal number of entries of each participant.
  ///
  /// With a team of threads the control still runs on the calling thread alone: it measures that core.
  package static func interleaved<W: Workload, F: Workload>(
    _ subject: W, float: F, control: inout ControlWorkload,
    units: (compute: Int, stream: Int), order: UnsafeBufferPointer<Participant>, participants: Int,
    inputs: UnsafeBufferPointer<Float>, sequence: UnsafeBufferPointer<Int32>, batch: Int,
    output: UnsafeMutableBufferPointer<Float>, durations: borrowing InterleavedDurations
  ) throws(EngineError) {
    let size = subject.inputSize
    for pair in sequence.indices {
      let start = Int(sequence[pair]) * size
      let input = UnsafeBufferPointer(rebasing: inputs[start..<start + size])
      for place in pair * participants..<(pair + 1) * participants {
        switch order[place] {
        case .subject:
          let before = MonotonicClock.nanoseconds()
          for _ in 0..<batch { try subject.run(input, examples: 1, into: output) }
          let after = MonotonicClock.nanoseconds()
          durations.subject.elements[pair] = UInt32(clamping: after - before)
        case .control:
          let before = MonotonicClock.nanoseconds()
          control.run(computeUnits: units.compute, streamUnits: units.stream)
          let after = MonotonicClock.nanoseconds()
          durations.control.elements[pair] = UInt32(clamping: after - before)
        case .float:
          let before = MonotonicClock.nanoseconds()
          for _ in 0..<batch { try float.run(input, examples: 1, into: output) }
          let after = MonotonicClock.nanoseconds()
          durations.float.elements[pair] = UInt32(clamping: after - before)
        }
      }
    }
  }
}

/// Room for the interleaved part's time stamps.
package struct InterleavedDurations: ~Copyable {
  /// Of the subject.
  package let subject: FixedMemory<UInt32>
  /// Of the control.
  package let control: FixedMemory<UInt32>
  /// Of the float twin; unused when there is none.
  package let float: FixedMemory<UInt32>

  /// Room for so many pairs.
  package init(pairs: Int) {
    subject = FixedMemory(repeating: 0, count: pairs)
    control = FixedMemory(repeating: 0, count: pairs)
    float = FixedMemory(repeating: 0, count: pairs)
  }
}
