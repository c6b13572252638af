/// Small greyscale drawn characters: ten glyphs by four writers of unequal frequency, `[16, 16, 1]`
/// with greys in 0…1.
///
/// The process, for each example on its own: a label from ten with equal probability; a writer; then
/// rotation, size, shear, stroke width, position, bending, paper, contrast, noise and occlusion, none of
/// which depends on the label (``GlyphDrawing``); then the strokes are drawn (``GlyphRenderer``).
///
/// With probability 1/64 nothing is drawn. Such an image holds no information on its label, so any
/// classifier is right on one in ten of them: no accuracy exceeds 1 − 1/64 · 9/10 in expectation.
public struct Glyphs: Dataset {
  /// Largest rotation to either side, in degrees.
  static let largestRotation = 30.0
  /// Probability of a blank image, in units of 2^-32: 1/64.
  static let blankChance: UInt32 = 1 << 26
  /// Probability of a patch on an image that is not blank, in units of 2^-32: 1/8.
  static let patchChance: UInt32 = 1 << 29
  /// The number of this dataset in a ``CounterGenerator``'s stream.
  static let streamNumber: UInt32 = 1

  /// Pixels of one image.
  package static let pixelCount = GlyphRenderer.side * GlyphRenderer.side

  /// The name scenarios use.
  public let name: String
  /// Equal seeds give equal examples.
  public let seed: UInt64

  /// Creates the dataset.
  public init(name: String = "glyphs", seed: UInt64 = 1) {
    self.name = name
    self.seed = seed
  }

  /// Rows, columns, one channel.
  public var inputShape: [Int] { [GlyphRenderer.side, GlyphRenderer.side, 1] }
  /// The glyphs' names.
  public var classNames: [String] { GlyphShapes.names }
  /// `writer` (`upright` 55 %, `slanted` 25 %, `heavy` 15 %, `shaky` 5 %); `rotation` (`low` below 10°
  /// to either side, `medium` below 20°, `high` up to 30°); `contrast` (`low` below 0.5, `medium` below
  /// 0.75, `high`); `occlusion` (`none`, or `part` where ink is hidden or missing); `noise` (`low`
  /// below a standard deviation of 0.08, `high`).
  public var sliceKeys: [String] { ["writer", "rotation", "contrast", "occlusion", "noise"] }
  /// 1 − 1/64 · 9/10.
  public var accuracyBound: Double? {
    let blank = Double(Glyphs.blankChance) / 0x1p32
    return 1 - blank * (1 - 1 / Double(classNames.count))
  }

  /// Ten million of each.
  public func available(_ split: Split) -> Int { 10_000_000 }

  /// Draws the first `count` examples of a split.
  public func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    var builder = ExampleBuilder(inputShape: inputShape, sliceKeys: sliceKeys, capacity: count)
    var pixels = [Float](repeating: 0, count: Glyphs.pixelCount)
    for index in 0..<count {
      let example = draw(split, index, into: &pixels)
      builder.append(input: pixels, label: example.label, slices: example.slices)
    }
    return builder.finish()
  }

  /// Draws one example.
  ///
  /// - Parameter other: Draws this label instead of the one that was drawn by lot, all else equal.
  package func draw(
    _ split: Split, _ index: Int, instead other: Int? = nil, into pixels: inout [Float]
  ) -> (label: Int, slices: [String], isBlank: Bool) {
    var lots = CounterGenerator(
      seed: seed, stream: Glyphs.streamNumber << 8 | split.streamNumber, index: UInt64(index))
    let drawn = lots.below(UInt32(classNames.count))
    let label = other ?? drawn
    let drawing = GlyphDrawing(from: &lots)
    GlyphRenderer.render(label: label, drawing, lots: &lots, into: &pixels)
    return (label, Glyphs.slices(of: drawing), drawing.isBlank)
  }

  private static func slices(of drawing: GlyphDrawing) -> [String] {
    let rotation = drawing.rotation.magnitude
    return [
      drawing.writer.name,
      rotation < 10 ? "low" : rotation < 20 ? "medium" : "high",
      drawing.contrast < 0.5 ? "low" : drawing.contrast < 0.75 ? "medium" : "high",
      drawing.isBlank || drawing.patch != nil ? "part" : "none",
      drawing.noise < 0.08 ? "low" : "high",
    ]
  }
}

extension Dataset {
  /// Refuses a load of nothing and one of more than there is.
  func checkCount(_ count: Int, of split: Split) throws(DatasetError) {
    guard count > 0 else { throw .empty(dataset: name, split: split) }
    let available = available(split)
    guard count <= available else {
      throw .tooFew(dataset: name, split: split, expected: count, found: available)
    }
  }
}
