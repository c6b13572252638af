import CMath
import Testing

@Suite struct ExponentialTests {
  @Test func `exp of the special values is exact`() {
    #expect(cm_exp(0) == 1)
    #expect(cm_exp(-.infinity) == 0)
    #expect(cm_exp(.infinity) == .infinity)
    #expect(cm_exp(.nan).bitPattern == 0x7FF8_0000_0000_0000)
  }
}
