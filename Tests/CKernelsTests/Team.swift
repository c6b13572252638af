import Testing
import Threads

/// Whether parts run on threads. Most sizes are left to one, since waking threads takes longer than they do.
enum Together {
  @TaskLocal static var isOn = false
}

/// Runs `body` for each part; where `isOn` all parts at the same time on threads of their own: a kernel that writes
/// outside of its part, or keeps something where another call finds it, gives other bits.
///
/// The threads begin every one of the `rounds` together, since a part may take less time than a thread
/// to wake up. A kernel that overwrites what it reads has one round.
func together<Parts: RandomAccessCollection>(
  _ parts: Parts, isOn: Bool = Together.isOn, rounds: Int = 8, _ body: (Parts.Element) -> Void
) {
  guard isOn, parts.count > 1 else { return parts.forEach(body) }
  do throws(ThreadTeamError) {
    let team = try ThreadTeam(members: parts.count, cores: nil)
    withoutActuallyEscaping({ body(parts[parts.index(parts.startIndex, offsetBy: $0)]) }) { run in
      var work = Work(barrier: team.barrier, rounds: rounds, run: run)
      withUnsafeMutablePointer(to: &work) { team.run(Work.body, $0) }
    }
  } catch {
    Issue.record("no team of \(parts.count): \(error)")
  }
}

private struct Work {
  let barrier: TeamBarrier
  let rounds: Int
  let run: (Int) -> Void

  static let body: TeamBody = { context, member, _ in
    let work = context.assumingMemoryBound(to: Work.self).pointee
    for _ in 0..<work.rounds {
      work.barrier.wait()
      work.run(member)
    }
  }
}
