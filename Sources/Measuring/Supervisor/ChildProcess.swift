import CHost
package import Foundation
import Host

/// A program that was started in a process group of its own, with pipes for its standard streams.
/// Releasing it kills the group.
package struct ChildProcess: ~Copyable {
  /// How a child ended.
  package enum End: Hashable, Sendable {
    /// By itself.
    case exited(code: Int32)
    /// By a signal that nobody here sent.
    case killed(signal: Int32)
    /// By us, because its time was over.
    case timedOut
  }

  private let process: pid_t
  private var input: Int32
  private let output: Int32
  private let errors: Int32
  private var isReaped = false
  /// The last of what it wrote to its standard error.
  package private(set) var errorTail = Data()

  /// Bytes of standard error that are kept.
  private static let tailBytes = 4096

  /// Starts a program.
  ///
  /// - Throws: `MeasuringError.spawn` with the reason.
  package init(
    executable: String, arguments: [String], environment: [String: String]
  ) throws(MeasuringError) {
    func failure(_ code: Int32) -> MeasuringError {
      .spawn(executable: executable, reason: String(cString: strerror(code)))
    }
    var ends: [Int32] = []
    for _ in 0..<3 {
      var pair: [Int32] = [0, 0]
      // Close-on-exec: a worker must not keep another one's pipe open.
      let code = qg_pipe(&pair)
      guard code == 0 else {
        for end in ends { close(end) }
        throw failure(-code)
      }
      ends += pair
    }
    let theirs = [ends[0], ends[3], ends[5]]
    var child: pid_t = 0
    let code = Self.spawn(
      &child, executable, arguments, environment, standardStreams: theirs)
    for end in theirs { close(end) }
    guard code == 0 else {
      for end in [ends[1], ends[2], ends[4]] { close(end) }
      throw failure(code)
    }
    process = child
    input = ends[1]
    output = ends[2]
    errors = ends[4]
  }

  private static func spawn(
    _ child: inout pid_t, _ executable: String, _ arguments: [String],
    _ environment: [String: String], standardStreams: [Int32]
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, end) in zip(Int32(0)..., standardStreams) {
      posix_spawn_file_actions_adddup2(&actions, end, target)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Its own group, so that it can be killed with everything it started; default signals, whatever
    // the supervisor ignores.
    var all = sigset_t()
    sigfillset(&all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var argv = ([executable] + arguments).map { strdup($0) } + [nil]
    var envp =
      environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    return posix_spawn(&child, executable, &actions, &attributes, &argv, &envp)
  }

  deinit {
    if !isReaped {
      kill(-process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    if input >= 0 { close(input) }
    close(output)
    close(errors)
  }

  /// Writes everything to the child's standard input and closes it. A child that does not listen is no
  /// error here: it will end without a result.
  package mutating func send(_ data: Data) {
    // A closed pipe must give an error, not end the supervisor.
    var ignore = sigaction()
    ignore.__sigaction_handler.sa_handler = SIG_IGN
    var before = sigaction()
    sigaction(SIGPIPE, &ignore, &before)
    data.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let written = write(input, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { break }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
    sigaction(SIGPIPE, &before, nil)
    close(input)
    input = -1
  }

  /// Reads until the child has ended, and kills its group when that takes longer than `seconds`.
  ///
  /// - Parameter receive: Is given what the child writes to its standard output, in pieces.
  package mutating func wait(
    seconds: Double, receive: (UnsafeRawBufferPointer) -> Void
  ) -> End {
    let deadline = MonotonicClock.seconds() + seconds
    var streams = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var tail = Data()
    var isTimedOut = false
    while streams.contains(where: { $0.fd >= 0 }) {
      let left = deadline - MonotonicClock.seconds()
      guard left > 0 else {
        isTimedOut = true
        break
      }
      // Asked before the pipes are: whatever a child wrote before it ended is still read.
      let isOver = hasEnded
      let patience = isOver ? 0 : Int32(min(left * 1000, 1000)) + 1
      let ready = poll(&streams, nfds_t(streams.count), patience)
      if ready == 0 && isOver {
        // What the child leaves behind may hold the pipes open; the child itself is what counts.
        break
      }
      guard ready > 0 else { continue }
      for index in streams.indices where streams[index].revents != 0 {
        let count = read(streams[index].fd, &buffer, buffer.count)
        if count > 0 {
          if index == 0 {
            buffer.withUnsafeBytes { receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
          } else {
            tail = (tail + buffer[..<count]).suffix(Self.tailBytes)
          }
        } else if count == 0 || errno != EINTR {
          streams[index].fd = -1
        }
      }
    }
    errorTail = tail
    return reap(isTimedOut: isTimedOut, deadline: deadline)
  }

  /// Whether there is nothing left to wait for; also when the child cannot be asked.
  private var hasEnded: Bool { qg_child_has_ended(process) != 0 }

  /// Waits for the process itself, which may have closed its streams long before it ends.
  private mutating func reap(isTimedOut: Bool, deadline: Double) -> End {
    var isTimedOut = isTimedOut
    while !isTimedOut && !hasEnded {
      if MonotonicClock.seconds() > deadline { isTimedOut = true }
      usleep(1000)
    }
    // Also after an orderly end: nothing it started may outlive it.
    kill(-process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    isReaped = true
    if isTimedOut { return .timedOut }
    let signal = status & 0x7F
    return signal == 0 ? .exited(code: status >> 8 & 0xFF) : .killed(signal: signal)
  }
}
