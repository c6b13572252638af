import CMath

/// A point in a glyph's own square: x to the right, y down, both in −1…1.
struct GlyphPoint {
  var x: Double
  var y: Double
}

/// The skeletons of the ten glyphs: what is drawn, before any writer's hand or any pixel.
enum GlyphShapes {
  /// The names, in the order of the labels.
  static let names = [
    "ring", "gate", "cup", "cross", "hourglass", "fork", "hook", "bolt", "wave", "flag",
  ]

  /// Per label, the usual form and the other one that some writers prefer; each is a list of
  /// polylines.
  static let forms: [[[[GlyphPoint]]]] = [
    [  // ring: round; angular
      [arc(0, 0, 0.85, 0.95, from: 0, to: 360)],
      [line((0, -1), (0.85, 0), (0, 1), (-0.85, 0), (0, -1))],
    ],
    [  // gate: round top; square top with a lintel
      [
        joined(
          line((-0.75, 1), (-0.75, -0.1)), arc(0, -0.1, 0.75, 0.85, from: 180, to: 360),
          line((0.75, -0.1), (0.75, 1)))
      ],
      [
        line((-0.65, 1), (-0.65, -0.8), (0.65, -0.8), (0.65, 1)), line((-0.95, -0.8), (0.95, -0.8)),
      ],
    ],
    [  // cup: round bottom; pointed bottom
      [
        joined(
          line((-0.75, -1), (-0.75, 0.1)), arc(0, 0.1, 0.75, 0.85, from: 180, to: 0),
          line((0.75, 0.1), (0.75, -1)))
      ],
      [line((-0.8, -1), (-0.55, 0.5), (0, 0.95), (0.55, 0.5), (0.8, -1))],
    ],
    [  // cross: even; long stem
      [line((0, -1), (0, 1)), line((-0.9, 0), (0.9, 0))],
      [line((0, -1), (0, 1)), line((-0.7, -0.4), (0.7, -0.4))],
    ],
    [  // hourglass: closed; open below
      [line((-0.75, -0.95), (0.75, -0.95), (-0.75, 0.95), (0.75, 0.95), (-0.75, -0.95))],
      [line((0.7, 0.95), (-0.75, -0.95), (0.75, -0.95), (-0.7, 0.95))],
    ],
    [  // fork: two prongs; three
      [line((-0.8, -1), (0, 0), (0.8, -1)), line((0, 0), (0, 1))],
      [line((-0.8, -0.9), (-0.6, -0.1), (0.6, -0.1), (0.8, -0.9)), line((0, -1), (0, 1))],
    ],
    [  // hook: curled; angular
      [joined(line((0.45, -1), (0.45, 0.3)), arc(-0.15, 0.3, 0.6, 0.65, from: 0, to: 180))],
      [line((0.1, -1), (0.7, -1)), line((0.4, -1), (0.4, 0.8), (-0.4, 0.8), (-0.6, 0.3))],
    ],
    [  // bolt: plain; crossed
      [line((-0.75, -0.9), (0.75, -0.9), (-0.75, 0.9), (0.75, 0.9))],
      [
        line((-0.75, -0.9), (0.75, -0.9), (-0.75, 0.9), (0.75, 0.9)),
        line((-0.45, 0), (0.45, 0)),
      ],
    ],
    [  // wave: round; angular
      [
        joined(
          arc(0, -0.45, 0.65, 0.5, from: -30, to: -270),
          arc(0, 0.45, 0.65, 0.45, from: -90, to: 150))
      ],
      [line((0.7, -0.9), (-0.6, -0.8), (-0.6, -0.1), (0.6, 0.1), (0.6, 0.8), (-0.7, 0.9))],
    ],
    [  // flag: round; pennant
      [
        joined(
          line((-0.5, 1), (-0.5, -0.95), (0.1, -0.95)),
          arc(0.1, -0.45, 0.55, 0.5, from: -90, to: 90),
          line((0.1, 0.05), (-0.5, 0.05)))
      ],
      [line((-0.5, 1), (-0.5, -1), (0.8, -0.5), (-0.5, 0))],
    ],
  ]

  private static func line(_ points: (Double, Double)...) -> [GlyphPoint] {
    points.map { GlyphPoint(x: $0.0, y: $0.1) }
  }

  private static func joined(_ parts: [GlyphPoint]...) -> [GlyphPoint] { parts.flatMap(\.self) }

  /// An ellipse's arc as a polyline with a vertex every 45° or less; 0° is to the right, 90° down.
  private static func arc(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, from start: Double, to end: Double
  ) -> [GlyphPoint] {
    let steps = Int(((end - start).magnitude / 36).rounded(.up))
    return (0...steps).map { step in
      let angle = (start + (end - start) * Double(step) / Double(steps)) * (Double.pi / 180)
      return GlyphPoint(x: x + width * cm_cos(angle), y: y + height * cm_sin(angle))
    }
  }
}
