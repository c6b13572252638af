import Datasets
import Digests
import Testing

@Suite struct RandomImagesTests {
  @Test func `the bits are the same on every machine`() throws {
    let set = try RandomImages(name: "noise", height: 20, width: 12, channels: 3).load(
      .evaluate, count: 50)
    #expect(set.inputShape == [20, 12, 3])
    #expect(set.target == .none(vocabulary: nil))
    #expect(
      set.digest.description
        == "sha256:a9ae29c015c10a1e354abf3b992b757377c8c870bfa5fa233e209b464d88c12e")
  }

  @Test(arguments: [1, 7, 8, 33]) func `neighbouring pixels resemble each other`(side: Int) throws {
    let set = try RandomImages(name: "noise", height: side, width: 16, channels: 2, seed: 3).load(
      .calibrate, count: 200)
    var spread = 0.0
    var steps = 0.0
    var count = 0.0
    for row in 0..<200 * side {
      for column in 0..<15 {
        let here = Double(set.inputs[(row * 16 + column) * 2])
        let next = Double(set.inputs[(row * 16 + column + 1) * 2])
        spread += here * here
        steps += (here - next) * (here - next)
        count += 1
      }
    }
    // Interpolated halfway between four normal numbers the variance is 1/4, on one of them 1; the
    // noise adds 1/16. Two independent pixels would differ by twice the variance.
    #expect(0.3...1.1 ~= spread / count, "variance \(spread / count) at side \(side)")
    #expect(steps < spread, "side \(side)")
    #expect(Set(set.exampleDigests).count == 200)
  }
}
