import CKernels
import Comparison
package import Host
package import Results
import Threads

/// Why nothing can be measured.
package enum BenchmarkError: Error, Sendable, CustomStringConvertible {
  /// The machine cannot do what measuring needs.
  case host(HostError)
  /// A thread did not start on a core.
  case thread(core: Int?, code: Int32)

  package var description: String {
    switch self {
    case .host(let error): error.description
    case .thread(let core, let code):
      "no thread started\(core.map { " on core \($0)" } ?? "") (error \(code))"
    }
  }
}

/// A pinned team that runs kernels and probes in turn.
package struct BenchmarkSession: ~Copyable {
  /// Seconds a slice should last: longer than any start-up, shorter than most disturbances.
  static let sliceSeconds = 0.003

  private let set: KernelSet
  private let caches: CacheSizes
  private let cores: [Int]
  private let pinned: PinnedThread
  private let team: ThreadTeam
  private let done: UnsafeMutablePointer<WorkDone>

  /// Pins the calling thread to the first core and starts a thread on each of the others.
  package init(
    _ set: KernelSet, caches: CacheSizes, cores: [Int]
  ) throws(BenchmarkError) {
    precondition(!cores.isEmpty, "a team needs a core")
    let pinned: PinnedThread
    do throws(HostError) { pinned = try PinnedThread(to: [cores[0]]) } catch { throw .host(error) }
    let team: ThreadTeam
    do throws(ThreadTeamError) {
      team = try ThreadTeam(members: cores.count, cores: cores)
    } catch {
      switch error {
      case .core(let core, let code): throw .thread(core: core, code: code)
      case .thread(let code): throw .thread(core: nil, code: code)
      }
    }
    self.set = set
    self.caches = caches
    self.cores = cores
    self.pinned = pinned
    self.team = team
    done = .allocate(capacity: cores.count)
    done.initialize(repeating: WorkDone(), count: cores.count)
  }

  deinit { done.deallocate() }

  /// Runs `row` and its probe in turn for about `seconds`.
  package func measure(_ row: any Benchmark, seconds: Double) -> KernelMeasurement {
    let kernel = row.prepare(set)
    let amount = Double(row.amount)
    let plan = plan(kernel, row.bound)
    let probe = probe(row.bound, kernel.stream)
    let start = MonotonicClock.seconds()
    var slices = InterleavedSlices(probe: rate(of: probe, 0))
    while true {
      let turn = slices.kernels.count
      let units = Slice.part(of: 0..<kernel.units, turn % plan.parts, plan.parts)
      let rate = time(.kernel(kernel, units), plan.repetitions).rate
      slices.append(
        kernel: amount * rate / Double(kernel.units), probe: self.rate(of: probe, turn + 1))
      guard MonotonicClock.seconds() - start >= seconds else { continue }
      if let measurement = slices.measurement(of: row, amount: amount) { return measurement }
    }
  }

  /// Measures a limit on its own for about `seconds`, reads over memory that fits the level.
  package func limit(_ bound: Bound, seconds: Double) -> MachineLimit {
    let memory = OperandMemory()
    let bytes =
      switch bound {
      case .byteProducts, .floatProducts: 256
      case .readL2: caches.l2 / 2 * cores.count
      case .readL3: caches.l3 * 3 / 8
      case .readDRAM: caches.beyondL3
      }
    let stream = UnsafeRawBufferPointer(start: memory.zeros(bytes, of: UInt8.self), count: bytes)
    let probe = probe(bound, stream)
    let start = MonotonicClock.seconds()
    var rates: [Double] = []
    while true {
      rates.append(rate(of: probe, rates.count) / 1e9)
      guard MonotonicClock.seconds() - start >= seconds else { continue }
      if rates.count >= InterleavedSlices.fewestPairs, let rate = MedianEstimate(of: rates) {
        return MachineLimit(name: bound.rawValue, unit: bound.unit, rate: rate)
      }
    }
  }

  /// Runs something on the team.
  ///
  /// - Returns: The seconds that the busiest member computed; and the rate of all of them, the sum of what
  ///   each did in a second of its own.
  private func time(_ work: Slice.Work, _ repetitions: Int) -> (seconds: Double, rate: Double) {
    var slice = Slice(work: work, repetitions: repetitions, done: done)
    withUnsafeMutablePointer(to: &slice) { team.run(Slice.body, $0) }
    let members = UnsafeBufferPointer(start: done, count: cores.count)
    return (members.map(\.seconds).max() ?? 0, WorkDone.rate(of: members))
  }
}

extension BenchmarkSession {
  /// How a kernel's pass is cut or repeated so that a slice lasts about `sliceSeconds`.
  private struct Plan {
    /// Slices that one pass falls into; 1 when a slice is whole passes.
    let parts: Int
    let repetitions: Int
  }

  /// A probe and the parts of memory it visits in turn.
  private struct Probe {
    let parts: [Slice.Work]
    let repetitions: Int
  }

  private func plan(_ kernel: any PreparedKernel, _ bound: Bound) -> Plan {
    // The first run touches what no run has touched before.
    let some = 0..<min(kernel.units, cores.count)
    _ = time(.kernel(kernel, some), 1)
    let unit = time(.kernel(kernel, some), 1).seconds / Double(some.count)
    let pass = unit * Double(kernel.units)
    let most = max(1, kernel.units / cores.count)
    if bound == .readDRAM, pass < 4 * Double(Self.memoryParts) * Self.sliceSeconds {
      return Plan(parts: min(most, Self.memoryParts), repetitions: 1)
    }
    if pass > Self.sliceSeconds {
      return Plan(parts: min(most, Int((pass / Self.sliceSeconds).rounded())), repetitions: 1)
    }
    let whole = min(pass, time(.kernel(kernel, 0..<kernel.units), 1).seconds)
    return Plan(parts: 1, repetitions: max(1, Int(Self.sliceSeconds / whole)))
  }

  /// Parts that memory of four times the largest cache is read in. Kernel and probe visit them in turn,
  /// two parts apart, so that three cachefuls are read before either comes back to a part.
  private static var memoryParts: Int { 4 }

  private func probe(_ bound: Bound, _ stream: UnsafeRawBufferPointer) -> Probe {
    let works: [Slice.Work]
    switch bound {
    case .byteProducts: works = [.bytes(set.limits.multiply_bytes, rounds: 1000)]
    case .floatProducts: works = [.floats(set.limits.multiply_floats, rounds: 1000)]
    case .readL2, .readL3: works = [.read(set.limits.read, stream)]
    case .readDRAM:
      let blocks = stream.count / 256
      works = (0..<Self.memoryParts).map { part in
        let range = Slice.part(of: 0..<blocks, part, Self.memoryParts)
        return .read(
          set.limits.read,
          UnsafeRawBufferPointer(rebasing: stream[256 * range.lowerBound..<256 * range.upperBound]))
      }
    }
    _ = time(works[0], 1)
    let once = time(works[0], 1).seconds
    return Probe(
      parts: works,
      repetitions: bound == .readDRAM ? 1 : max(1, Int(Self.sliceSeconds / once)))
  }

  /// One slice of the probe, the `turn`-th.
  private func rate(of probe: Probe, _ turn: Int) -> Double {
    let place = (turn + probe.parts.count / 2) % probe.parts.count
    return time(probe.parts[place], probe.repetitions).rate
  }
}
