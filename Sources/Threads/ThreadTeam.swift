import CThreads
import Glibc
import Synchronization

/// What a team runs: `(context, member, members)`; called once per member and dispatch.
package typealias TeamBody = @convention(c) (UnsafeMutableRawPointer, Int, Int) -> Void

/// Why a team did not start.
package enum ThreadTeamError: Error, Equatable, Sendable {
  /// A thread could not be started on a core.
  case core(Int, code: Int32)
  /// A thread could not be started.
  case thread(code: Int32)
}

/// Threads that wait, spinning for a moment and then asleep, to run one body together.
///
/// The caller is member 0. A dispatch and a barrier allocate nothing. Releasing the team joins its
/// threads.
package struct ThreadTeam: ~Copyable {
  private let state: UnsafeMutablePointer<TeamState>
  private var threads: [pthread_t] = []
  private var seats: [UnsafeMutablePointer<Seat>] = []

  /// Stack of a started thread; kernels keep a few KiB of accumulators.
  private static let stackBytes = 1 << 20

  /// Starts `members - 1` threads.
  ///
  /// - Parameters:
  ///   - members: The team's size, the caller included; 1 starts no thread.
  ///   - cores: One core per member, or `nil`; the caller's own entry is not used.
  /// - Throws: `.core` or `.thread` when a thread does not start.
  package init(members: Int, cores: [Int]?) throws(ThreadTeamError) {
    let state = UnsafeMutablePointer<TeamState>.allocate(capacity: 1)
    state.initialize(to: TeamState(members: members))
    self.state = state
    for member in 1..<members {
      let seat = UnsafeMutablePointer<Seat>.allocate(capacity: 1)
      seat.initialize(to: Seat(team: state, member: member))
      seats.append(seat)
      threads.append(try Self.start(seat, core: cores?[member]))
    }
  }

  /// Runs `body` on every member and returns when all have finished.
  package func run(_ body: TeamBody, _ context: UnsafeMutableRawPointer) {
    state.pointee.body = body
    state.pointee.context = context
    state.pointee.dispatches.add(1, ordering: .sequentiallyConsistent)
    state.pointee.wakeSleepers()
    body(context, 0, state.pointee.members)
    state.pointee.barrier()
  }

  /// Waits until every member has arrived; called by every member from within the body.
  package var barrier: TeamBarrier { TeamBarrier(state: state) }

  private static func start(
    _ seat: UnsafeMutablePointer<Seat>, core: Int?
  ) throws(ThreadTeamError) -> pthread_t {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    if let core {
      let code = qg_thread_attributes_pin(&attributes, core)
      guard code == 0 else { throw .core(core, code: code) }
    }
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, { Seat.serve($0) }, seat)
    guard code == 0 else {
      throw core.map { .core($0, code: code) } ?? .thread(code: code)
    }
    return thread
  }

  deinit {
    state.pointee.isStopping.store(true, ordering: .sequentiallyConsistent)
    state.pointee.dispatches.add(1, ordering: .sequentiallyConsistent)
    state.pointee.wakeSleepers()
    for thread in threads { pthread_join(thread, nil) }
    for seat in seats { seat.deallocate() }
    state.pointee.release()
    state.deinitialize(count: 1)
    state.deallocate()
  }
}

/// A barrier among the members of a team that is running.
package struct TeamBarrier: BitwiseCopyable {
  fileprivate let state: UnsafeMutablePointer<TeamState>

  /// Returns when every member has called it.
  package func wait() { state.pointee.barrier() }
}

/// One started thread's place in its team.
private struct Seat {
  let team: UnsafeMutablePointer<TeamState>
  let member: Int

  /// The life of a started thread.
  static func serve(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let seat = argument?.assumingMemoryBound(to: Seat.self).pointee else { return nil }
    let team = seat.team
    var seen = 0
    while true {
      seen = team.pointee.wait(for: .dispatch, after: seen)
      if team.pointee.isStopping.load(ordering: .sequentiallyConsistent) { return nil }
      if let body = team.pointee.body, let context = team.pointee.context {
        body(context, seat.member, team.pointee.members)
      }
      team.pointee.barrier()
    }
  }
}

/// What the members of a team share.
private struct TeamState: ~Copyable {
  /// Pauses before a waiting thread sleeps: some hundred microseconds. Waking a thread costs tens of
  /// them, so a shorter bound makes a small model slower on two cores than on one whenever its caller
  /// does something else between two inferences.
  static let pauses = 8_000
  /// Pauses before a waiting thread lets others run on its core.
  static let pausesAlone = 400

  let members: Int
  var body: TeamBody?
  var context: UnsafeMutableRawPointer?
  let dispatches = Atomic<Int>(0)
  let isStopping = Atomic<Bool>(false)
  private let phase = Atomic<Int>(0)
  private let arrived = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// What a member waits for.
  enum Event { case dispatch, phase }

  init(members: Int) {
    self.members = members
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  /// Frees what the members slept on, after the last of them has gone.
  func release() {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Returns when every member has arrived.
  func barrier() {
    let current = phase.load(ordering: .sequentiallyConsistent)
    if arrived.add(1, ordering: .sequentiallyConsistent).newValue == members {
      arrived.store(0, ordering: .sequentiallyConsistent)
      phase.store(current + 1, ordering: .sequentiallyConsistent)
      wakeSleepers()
    } else {
      _ = wait(for: .phase, after: current)
    }
  }

  /// Wakes the members that fell asleep before the event they wait for.
  ///
  /// A sleeper announces itself before it looks at the event a last time, and the waker changes the
  /// event before it looks for sleepers; in a sequentially consistent order one sees the other.
  func wakeSleepers() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Waits until the event's count differs from `seen`, and returns it.
  func wait(for event: Event, after seen: Int) -> Int {
    for pause in 0..<Self.pauses {
      let now = count(of: event)
      if now != seen { return now }
      qg_thread_pause()
      // Whoever is waited for may be waiting for this core.
      if pause >= Self.pausesAlone, pause.isMultiple(of: 64) { sched_yield() }
    }
    pthread_mutex_lock(mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    var now = count(of: event)
    while now == seen {
      pthread_cond_wait(condition, mutex)
      now = count(of: event)
    }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
    return now
  }

  private func count(of event: Event) -> Int {
    switch event {
    case .dispatch: dispatches.load(ordering: .sequentiallyConsistent)
    case .phase: phase.load(ordering: .sequentiallyConsistent)
    }
  }
}
