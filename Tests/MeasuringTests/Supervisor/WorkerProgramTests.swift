import Measuring
import Testing

@Suite struct WorkerProgramTests {
  private let program = WorkerProgram(
    executable: "worker", arguments: [], inherited: ["LD_LIBRARY_PATH": "lib", "TZ": "Mars"])

  @Test func `the environment is fixed but for what is inherited`() {
    #expect(
      program.environment(hardware: WorkerHardware(), padding: 0) == [
        "LD_LIBRARY_PATH": "lib", "LC_ALL": "C", "TZ": "UTC",
        "SWIFT_DETERMINISTIC_HASHING": "1", "SWIFT_BACKTRACE": "enable=no",
        "MALLOC_CONF": "retain:false,background_thread:false",
      ])
  }

  @Test(arguments: [1, 17, 4095])
  func `padding changes nothing but its own variable`(bytes: Int) {
    let hardware = WorkerHardware(threads: 2, arenas: 1)
    var padded = program.environment(hardware: hardware, padding: bytes)
    #expect(padded.removeValue(forKey: "QUANTGATE_PADDING")?.utf8.count == bytes)
    #expect(padded == program.environment(hardware: hardware, padding: 0))
  }

  @Test(
    arguments: [
      (1, nil, "narenas:1"), (nil, 0, "dirty_decay_ms:0,muzzy_decay_ms:0"),
      (4, -1, "narenas:4,dirty_decay_ms:-1,muzzy_decay_ms:-1"),
    ] as [(Int?, Int?, String)])
  func `the allocator is configured by the profile`(arenas: Int?, decay: Int?, options: String) {
    let hardware = WorkerHardware(arenas: arenas, dirtyDecayMilliseconds: decay)
    #expect(
      program.environment(hardware: hardware, padding: 0)["MALLOC_CONF"]
        == "retain:false,background_thread:false," + options)
  }
}
