import NumberFormats
import Testing

@Suite struct GGUFRoundingTests {
  /// What the first values of a block come back as, the rest being zero.
  static func decoded(_ values: [Float], as format: some BlockFormat) throws -> [Float] {
    let rest = [Float](repeating: 0, count: format.blockElements - values.count)
    return Array(
      try GGUFFormat(value: format).encode(values + rest).decoded().prefix(values.count))
  }

  @Test func `ties go up, counted in codes`() throws {
    // The step is 1, then −1.
    #expect(
      try Self.decoded([-8, 0.5, -0.5, 1.5, -2.5], as: GGUF.Q4_0()) == [-8, 1, 0, 2, -2])
    #expect(try Self.decoded([8, 0.5, -0.5, 1.5], as: GGUF.Q4_0()) == [8, 0, -1, 1])
    #expect(
      try Self.decoded([-16, 0.5, -0.5, 14.5], as: GGUF.Q5_0()) == [-16, 1, 0, 15])
    #expect(try Self.decoded([0, 15, 0.5, 1.5, 2.5], as: GGUF.Q4_1()) == [0, 15, 1, 2, 3])
    #expect(try Self.decoded([-1, 30, 0.5, 1.5], as: GGUF.Q5_1()) == [-1, 30, 1, 2])
    #expect(GGUF.Q4_0().rounding == .halfUp && GGUF.Q5_1().rounding == .halfUp)
  }

  @Test func `ties go away from zero`() throws {
    let values: [Float] = [127, 0.5, -0.5, 1.5, -2.5]
    #expect(try Self.decoded(values, as: GGUF.Q8_0()) == [127, 1, -1, 2, -3])
    #expect(try Self.decoded(values, as: GGUF.Q8_1()) == [127, 1, -1, 2, -3])
    #expect(try Self.decoded([1, 0.5, -0.5, 0.25], as: GGUF.TQ1_0()) == [1, 1, -1, 0])
    #expect(try Self.decoded([1, 0.5, -0.5, 0.25], as: GGUF.TQ2_0()) == [1, 1, -1, 0])
    #expect(GGUF.Q8_0().rounding == .halfAwayFromZero)
  }

  @Test func `ties go to even`() throws {
    #expect(
      try Self.decoded([-127, 0.5, -0.5, 1.5, -2.5], as: GGUF.Q8_K()) == [-127, 0, 0, 2, -2])
    #expect(GGUF.Q8_K().rounding == .halfToEven)
  }

  @Test func `one value of either sign and the same magnitude is cut by a step`() throws {
    #expect(try Self.decoded([-8, 8], as: GGUF.Q4_0()) == [-8, 7])
    #expect(try Self.decoded([16, -16], as: GGUF.Q5_0()) == [16, -15])
  }
}
