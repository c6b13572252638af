/// A superblock in 16 groups of 16 with a signed scale each: what Q3_K and Q6_K have in common.
struct SignedGroups {
  /// Codes run from −half to half − 1, and are stored with half added.
  let half: Int
  /// `[256]`, codes as stored; 0 in a group taken for zero.
  private(set) var codes: [UInt8]
  /// `[16]`, the scales as the search found them.
  let scales: [Float]

  /// Fits every group.
  init(_ values: Span<Float>, half: Int, search: (Span<Float>, Int) -> ScaleSearch.Fit?) {
    self.half = half
    var codes = [UInt8](repeating: 0, count: values.count)
    var scales = [Float](repeating: 0, count: 16)
    for group in 0..<16 {
      guard let fit = search(values.extracting(16 * group..<16 * group + 16), half) else {
        continue
      }
      scales[group] = fit.scale
      for index in 0..<16 {
        codes[16 * group + index] = UInt8(fit.codes[index] + half)
      }
    }
    self.codes = codes
    self.scales = scales
  }

  /// The first scale of largest magnitude, with its sign.
  var extreme: Float { GGUF.extreme(scales.span) }

  /// Rounds the elements again, to the scales as they are stored. A group whose scale is stored as zero
  /// keeps the codes of the search.
  mutating func round(_ values: Span<Float>, steps: [Float]) {
    for index in values.indices where steps[index / 16] != 0 {
      let code = GGUF.nearest(values[index] / steps[index / 16], in: -half...half - 1)
      codes[index] = UInt8(code + half)
    }
  }
}
