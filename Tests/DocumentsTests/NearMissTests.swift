import Documents
import Testing

@Suite struct NearMissTests {
  @Test(
    arguments: [
      ("int4-g23", "int4-g32"), ("int8", "int4"), ("fp23", "fp32"), ("FP32", "fp32"),
      ("int4_g32", "int4-g32"), ("int4g32", "int4-g32"), ("int4-g32-gtpq", "int4-g32-gptq"),
    ])
  func `swapped, wrong, missing and superfluous letters are found`(_ word: String, _ name: String) {
    #expect(
      NearMiss.find(word, among: ["fp32", "int4", "int4-g32", "int4-g32-gptq"]) == name)
  }

  @Test(arguments: ["", "bf16", "int8-per-channel", "x", "zzzz"])
  func `what is not close is not suggested`(_ word: String) {
    #expect(NearMiss.find(word, among: ["fp32", "int4-g32"]) == nil)
  }

  @Test func `equally close names are decided by the alphabet`() {
    #expect(NearMiss.find("int6", among: ["int8", "int4"]) == "int4")
  }

  @Test func `an endless word costs nothing`() {
    #expect(NearMiss.find(String(repeating: "a", count: 1_000_000), among: ["a"]) == nil)
  }
}
