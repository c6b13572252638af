import Evaluation
import Testing

@Suite struct OutputFidelityTests {
  private func decibel(_ outputs: [Float], _ floats: [Float]) -> Double? {
    var fidelity = OutputFidelity()
    for (output, float) in zip(outputs, floats) { fidelity.add(output, float: float) }
    return fidelity.decibel
  }

  @Test func `noise of a hundredth of the signal's energy is 20 dB`() throws {
    let value = try #require(decibel([11, 0], [10, 0]))
    #expect((value - 20).magnitude < 1e-12)
  }

  @Test func `noise above the signal is negative`() throws {
    let value = try #require(decibel([11], [1]))
    #expect((value + 20).magnitude < 1e-12)
  }

  @Test func `the ratio agrees with numpy`() throws {
    // import numpy as np
    // k = np.arange(1, 101); f = np.float32(k * 37 % 101 - 50) / np.float32(8)
    // q = np.round(f * np.float32(3)) / np.float32(3); d = q.astype('f8') - f
    // 10 * np.log10((f.astype('f8') ** 2).sum() / (d ** 2).sum())
    let floats = (1...100).map { Float($0 * 37 % 101 - 50) / 8 }
    let outputs = floats.map { ($0 * 3).rounded(.toNearestOrEven) / 3 }
    let value = try #require(decibel(outputs, floats))
    #expect((value - 31.347854369105864).magnitude < 1e-10)
  }

  @Test func `identical outputs and a float run without signal have no ratio`() {
    #expect(decibel([1, 2], [1, 2]) == nil)
    #expect(decibel([1, 2], [0, 0]) == nil)
    #expect(decibel([], []) == nil)
  }

  @Test func `pairs that are not finite are counted and left out`() throws {
    var fidelity = OutputFidelity()
    for (output, float) in [(Float.nan, 1 as Float), (11, 10), (1, .infinity), (-.infinity, 2)] {
      fidelity.add(output, float: float)
    }
    #expect(fidelity.skippedPairs == 3)
    #expect((try #require(fidelity.decibel) - 20).magnitude < 1e-12)
  }
}
