import Synchronization
import Testing
import Threads

@Suite struct ThreadTeamTests {
  /// What the members of a team count.
  private final class Tally: Sendable {
    let visits: [Atomic8] = (0..<8).map { _ in Atomic8() }
    let early = Atomic<Int>(0)
    let arrived = Atomic<Int>(0)
  }

  private final class Atomic8: Sendable {
    let count = Atomic<Int>(0)
  }

  /// What one dispatch hands to the members.
  private struct Dispatch {
    let tally: Tally
    let barrier: TeamBarrier
  }

  @Test(arguments: [1, 2, 3, 5])
  func `every member runs the body once per dispatch and no member passes a barrier early`(
    members: Int
  ) throws {
    let team = try ThreadTeam(members: members, cores: nil)
    let tally = Tally()
    for _ in 0..<20 {
      tally.arrived.store(0, ordering: .sequentiallyConsistent)
      var dispatch = Dispatch(tally: tally, barrier: team.barrier)
      withUnsafeMutablePointer(to: &dispatch) { dispatch in
        team.run(
          { context, member, members in
            let dispatch = context.assumingMemoryBound(to: Dispatch.self).pointee
            dispatch.tally.visits[member].count.add(1, ordering: .relaxed)
            dispatch.tally.arrived.add(1, ordering: .sequentiallyConsistent)
            dispatch.barrier.wait()
            if dispatch.tally.arrived.load(ordering: .sequentiallyConsistent) != members {
              dispatch.tally.early.add(1, ordering: .relaxed)
            }
          }, dispatch)
      }
    }
    let visits = tally.visits.map { $0.count.load(ordering: .relaxed) }
    #expect(visits == (0..<8).map { $0 < members ? 20 : 0 })
    #expect(tally.early.load(ordering: .relaxed) == 0)
  }

  @Test func `a core that does not exist is named`() {
    #expect {
      _ = try ThreadTeam(members: 2, cores: [0, 100_000])
    } throws: { error in
      if case .core(100_000, _)? = error as? ThreadTeamError { return true }
      return false
    }
  }
}
