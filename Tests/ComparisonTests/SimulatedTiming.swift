import Foundation
import Results
import TestSupport

/// Durations of identical work on a machine at its worst: two clock rates that last for a while, drift,
/// and bursts of heavy-tailed interruptions. `planted` iterations take longer in every process.
struct SimulatedTiming {
  var processes = 6
  var iterations = 2000
  var pairs = 400
  var planted: Set<Int> = []
  var plantedFactor = 1.2
  /// Multiplies the interleaved subject: a subject that became slower than its control.
  var slowdown = 1.0
  /// Added to the share of interleaved subject iterations that are interrupted.
  var randomSpikes = 0.0
  /// Share of control iterations that a neighbour interrupts.
  var controlSpikes = 0.0
  var cores = [0]
  var floatFactor = 2.0
  /// Whether the machine is noisy at all.
  var noisy = true
  var switches = 0
  var steal: Double? = 0
  var batch = 1
  var outputs: [String] = ["sha256:pass"]
  var inputShift = 0

  static let blend = ControlBlend(
    controls: "sha256:controls", computeUnits: 10, streamUnits: 3, workingSet: 65536)

  func record(seed: UInt64) -> TimingRecord {
    var generator = SeededGenerator(seed: seed)
    let all = (0..<processes).map { process(number: $0, &generator) }
    return TimingRecord(processes: all, blend: Self.blend, batchedInferences: batch)
  }

  private func process(number: Int, _ generator: inout SeededGenerator) -> TimingProcess {
    let level = 50_000 * (noisy ? Double.random(in: 0.9...1.1, using: &generator) : 1)
    var solo = noise(iterations, &generator)
    for index in planted where index < iterations { solo[index] *= plantedFactor }
    let machine = noise(pairs * 3, &generator)
    func series(_ offset: Int, _ factor: Double) -> [Double] {
      (0..<pairs).map { machine[3 * $0 + offset] * factor }
    }
    var subject = series(0, slowdown)
    var control = series(1, 1)
    for index in subject.indices
    where Double.random(in: 0..<1, using: &generator) < randomSpikes {
      subject[index] *= 1.5
    }
    if controlSpikes > 0 {
      for index in control.indices
      where Double.random(in: 0..<1, using: &generator) < controlSpikes { control[index] *= 1.5 }
    }
    return TimingProcess(
      solo: packed(solo, level), subject: packed(subject, level),
      control: packed(control, level),
      float: floatFactor > 0 ? packed(series(2, floatFactor), level) : PackedIntegers([Int]()),
      blockLength: 100,
      inputs: PackedIntegers((0..<iterations).map { ($0 + number * inputShift) % 500 }),
      warmUpIterations: 50, warmUpStable: true, phaseSeconds: ["load": 0.1], pageFaults: 0,
      involuntarySwitches: switches, stealShare: steal,
      outputDigest: outputs[number % outputs.count], isa: "avx2", cores: cores)
  }

  private func packed(_ factors: [Double], _ level: Double) -> PackedIntegers {
    PackedIntegers(factors.map { Int($0 * level) })
  }

  private func noise(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
    guard noisy else { return [Double](repeating: 1, count: count) }
    func uniform(_ range: ClosedRange<Double>) -> Double {
      Double.random(in: range, using: &generator)
    }
    let switching = uniform(0.0005...0.01)
    let slowClock = uniform(1.05...1.35)
    let burstShare = uniform(0.01...0.15)
    let burstEnd = uniform(0.02...0.3)
    let burstStart = burstEnd * burstShare / (1 - burstShare)
    var slow = uniform(0...1) < 0.5
    var burst = false
    var drift = 0.0
    return (0..<count).map { _ in
      if uniform(0...1) < switching { slow.toggle() }
      burst = burst ? uniform(0...1) > burstEnd : uniform(0...1) < burstStart
      drift = 0.98 * drift + 0.003 * (uniform(-1...1) + uniform(-1...1) + uniform(-1...1))
      var factor = (slow ? slowClock : 1) * (1 + drift) * (1 + abs(uniform(-0.02...0.02)))
      if burst { factor *= 1 + 0.3 * (pow(uniform(1e-6...1), -1 / 1.5) - 1) }
      return factor
    }
  }
}
