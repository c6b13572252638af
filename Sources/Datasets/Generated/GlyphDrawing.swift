import CMath

/// A person's hand: what the writers of ``Glyphs`` do differently.
struct GlyphWriter: Sendable {
  /// The slice value.
  let name: String
  /// Share of all examples.
  let share: Double
  /// How far the top leans to the right, as a share of the height.
  let slant: Double
  /// Stroke width in pixels.
  let strokeWidth: Double
  /// Height and width, as a factor.
  let size: Double
  /// How often the other form of a glyph is drawn.
  let otherForm: Double
  /// How unsteady the hand is: standard deviation of the bending, in glyph units.
  let tremor: Double

  /// The four writers, most frequent first.
  static let all = [
    GlyphWriter(
      name: "upright", share: 0.55, slant: 0, strokeWidth: 1.5, size: 1, otherForm: 0.1,
      tremor: 0.06),
    GlyphWriter(
      name: "slanted", share: 0.25, slant: 0.35, strokeWidth: 1.3, size: 0.95, otherForm: 0.3,
      tremor: 0.08),
    GlyphWriter(
      name: "heavy", share: 0.15, slant: -0.1, strokeWidth: 2.6, size: 1.05, otherForm: 0.5,
      tremor: 0.06),
    GlyphWriter(
      name: "shaky", share: 0.05, slant: -0.3, strokeWidth: 1.0, size: 0.85, otherForm: 0.8,
      tremor: 0.14),
  ]
}

/// Everything that is drawn by lot for one glyph image. None of it depends on the label.
struct GlyphDrawing {
  let writer: GlyphWriter
  let otherForm: Bool
  /// Degrees, clockwise.
  let rotation: Double
  let size: Double
  let shear: Double
  let strokeWidth: Double
  /// Pixels.
  let offset: GlyphPoint
  /// Coefficients of y², xy, x², xy in the hand's bending of the strokes.
  let bend: SIMD4<Double>
  /// The paper's grey, 0…1.
  let background: Double
  /// The share of the way from the paper's grey to white that the ink takes.
  let contrast: Double
  /// Standard deviation of each pixel's noise.
  let noise: Double
  /// A rectangle that hides the ink.
  let patch: GlyphPatch?
  /// Nothing is drawn: what is left is paper and noise.
  let isBlank: Bool

  /// Draws the lots, in the order of the members.
  init(from lots: inout CounterGenerator) {
    let writer = GlyphWriter.all[lots.part(of: GlyphWriter.all.map(\.share))]
    self.writer = writer
    otherForm = lots.uniform() < writer.otherForm
    rotation = lots.uniform(-Glyphs.largestRotation, Glyphs.largestRotation)
    size = writer.size * lots.uniform(0.88, 1.08)
    shear = writer.slant + 0.08 * lots.normal()
    strokeWidth = writer.strokeWidth * lots.uniform(0.85, 1.2)
    offset = GlyphPoint(x: lots.uniform(-1.3, 1.3), y: lots.uniform(-1.3, 1.3))
    bend =
      writer.tremor * SIMD4(lots.normal(), lots.normal(), lots.normal(), lots.normal())
    background = lots.uniform(0.02, 0.2)
    contrast = lots.uniform(0.25, 1)
    noise = lots.uniform(0.02, 0.14)
    isBlank = lots.chance(Glyphs.blankChance)
    // A blank image also counts as occluded; it gets no patch of its own.
    let isPatched = lots.chance(Glyphs.patchChance) && !isBlank
    patch = isPatched ? GlyphPatch(from: &lots) : nil
  }
}

/// The rectangle of an occlusion, in pixels, ends excluded.
struct GlyphPatch {
  let columns: Range<Int>
  let rows: Range<Int>

  init(from lots: inout CounterGenerator) {
    let (left, top) = (2 + lots.below(8), 2 + lots.below(8))
    columns = left..<left + 3 + lots.below(3)
    rows = top..<top + 3 + lots.below(3)
  }
}
