import CHost
import Testing

@Suite struct ControlTests {
  @Test func `equal starts give equal results`() {
    var first = qg_compute_state()
    var second = qg_compute_state()
    qg_compute_prepare(&first)
    qg_compute_prepare(&second)
    #expect(qg_compute(&first, 100) == qg_compute(&second, 100))
    #expect(qg_compute(&first, 1) == qg_compute(&second, 1))
    #expect(first.floats.0 == second.floats.0)
  }

  @Test func `the streaming control reads its working set in order and wraps around`() {
    let unit = Int(QG_STREAM_UNIT_WORDS)
    // Unit u holds the value 10^u in every word.
    let words = [1, 10, 100].flatMap { [UInt64](repeating: $0, count: unit) }
    var cursor = 0
    #expect(qg_stream(words, words.count, &cursor, 2) == 11 * UInt64(unit))
    #expect(cursor == 2 * unit)
    #expect(qg_stream(words, words.count, &cursor, 2) == 101 * UInt64(unit))
    #expect(cursor == unit)
  }

  @Test func `the identity contains the source`() {
    let source = String(cString: qg_controls_source())
    #expect(source.contains("qg_stream"))
    #expect(source.contains("6364136223846793005u"))
    #expect(!String(cString: qg_controls_compiler()).isEmpty)
  }
}
