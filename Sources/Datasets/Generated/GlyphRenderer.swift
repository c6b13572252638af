import CMath

/// Turns strokes into pixels.
struct GlyphRenderer {
  /// Pixels of a side.
  static let side = 16
  private static let columns = SIMD16<Float>(
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

  private struct Segment {
    var startX: Float
    var startY: Float
    var alongX: Float
    var alongY: Float
    /// 1 / length², or 0 for a point.
    var inverse: Float
  }

  /// One image, row by row, in greys of 0, 1/255 … 1.
  ///
  /// Ink covers a pixel by how far its centre is inside the stroke: ½ + width / 2 − distance to the
  /// nearest stroke, clamped to 0…1.
  static func render(
    label: Int, _ drawing: GlyphDrawing, lots: inout CounterGenerator, into pixels: inout [Float]
  ) {
    let segments = drawing.isBlank ? [] : segments(label: label, drawing)
    let reach = Float(drawing.strokeWidth / 2 + 0.5)
    let paper = Float(drawing.background)
    let ink = Float((1 - drawing.background) * drawing.contrast)
    let noise = Float(drawing.noise)
    let (zero, one) = (SIMD16<Float>(repeating: 0), SIMD16<Float>(repeating: 1))
    for row in 0..<side {
      var nearest = SIMD16<Float>(repeating: 1e9)
      for segment in segments {
        let x = columns - segment.startX
        let y = Float(row) - segment.startY
        let along = (x * segment.alongX + y * segment.alongY) * segment.inverse
        let place = along.clamped(lowerBound: zero, upperBound: one)
        let (dx, dy) = (x - place * segment.alongX, y - place * segment.alongY)
        nearest = pointwiseMin(nearest, dx * dx + dy * dy)
      }
      let cover = (reach - nearest.squareRoot()).clamped(lowerBound: zero, upperBound: one)
      for column in 0..<side {
        let isHidden =
          drawing.patch.map { $0.rows.contains(row) && $0.columns.contains(column) } ?? false
        let grey =
          paper + (isHidden ? 0 : ink * cover[column]) + noise * lots.softNoise()
        pixels[row * side + column] = (min(max(grey, 0), 1) * 255).rounded() / 255
      }
    }
  }

  private static func segments(label: Int, _ drawing: GlyphDrawing) -> [Segment] {
    let angle = drawing.rotation * (Double.pi / 180)
    let (cosine, sine) = (cm_cos(angle), cm_sin(angle))
    let radius = 5.2 * drawing.size
    let centre = Double(side - 1) / 2
    func placed(_ point: GlyphPoint) -> GlyphPoint {
      let (x, y) = (point.x, point.y)
      let bentX = x + drawing.bend[0] * y * y + drawing.bend[1] * x * y
      let bentY = y + drawing.bend[2] * x * x + drawing.bend[3] * x * y
      let leaning = 0.85 * bentX - drawing.shear * bentY
      return GlyphPoint(
        x: centre + drawing.offset.x + radius * (cosine * leaning - sine * bentY),
        y: centre + drawing.offset.y + radius * (sine * leaning + cosine * bentY))
    }
    var segments: [Segment] = []
    for stroke in GlyphShapes.forms[label][drawing.otherForm ? 1 : 0] {
      let points = stroke.map(placed)
      for (start, end) in zip(points, points.dropFirst()) {
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        let squared = dx * dx + dy * dy
        segments.append(
          Segment(
            startX: Float(start.x), startY: Float(start.y), alongX: Float(dx), alongY: Float(dy),
            inverse: squared > 1e-9 ? Float(1 / squared) : 0))
      }
    }
    return segments
  }
}
