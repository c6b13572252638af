import Documents
import Graphs

/// Layers that slide a window. Steps and margins are one number, or one per direction.
extension Layer {
  /// `{ layer: conv, name: stem, channels: 16, kernel: 3, stride: 1, padding: 1, bias: false }`
  static let convolution = Reader<Layer>.record("conv", "A dense convolution.") { fields in
    let channels = channels(fields)
    let window = window(fields)
    let bias = bias(fields)
    return single(
      fields,
      channels.flatMap { count in
        window.map { .convolution(outChannels: count, window: $0, hasBias: bias) }
      })
  }

  /// `{ layer: conv1d, name: stem, channels: 16, kernel: 9, padding: [8, 0], dilation: 1 }`
  static let convolution1D = Reader<Layer>.record(
    "conv1d", "A dense convolution along the length of an image of width 1."
  ) { fields in
    let channels = channels(fields)
    let window = lineWindow(fields)
    let bias = bias(fields)
    return single(
      fields,
      channels.flatMap { count in
        window.map { .convolution(outChannels: count, window: $0, hasBias: bias) }
      })
  }

  /// `{ layer: transposed_conv, name: up, channels: 16, kernel: 4, stride: 2, padding: 1, extra: 0 }`
  static let transposedConvolution = Reader<Layer>.record(
    "transposed_conv", "A convolution's gradient as a layer: the image grows by the stride."
  ) { fields in
    let channels = channels(fields)
    let window = window(fields)
    let extra = fields.optional(
      "extra", spacing(in: 0...254), "Rows and columns added at the bottom and on the right.",
      default: Spacing(0))
    let bias = bias(fields)
    guard let channels, let window else { return single(fields, nil) }
    return single(
      fields,
      .transposedConvolution(
        outChannels: channels, window: window, extra: extra, hasBias: bias))
  }

  /// `{ layer: depthwise, name: dw1, kernel: 3, stride: 2, padding: 1, bias: false }`
  static let depthwise = Reader<Layer>.record("depthwise", "One filter per channel.") { fields in
    let window = window(fields)
    let bias = bias(fields)
    return single(fields, window.map { .depthwiseConvolution(window: $0, hasBias: bias) })
  }

  /// `{ layer: max_pool, name: pool1, kernel: 2, stride: 2 }`
  static let maxPooling = Reader<Layer>.record("max_pool", "The largest in a window.") { fields in
    single(fields, window(fields).map { .maxPooling($0) })
  }

  /// `{ layer: average_pool, name: pool1, kernel: 2, stride: 2 }`
  static let averagePooling = Reader<Layer>.record(
    "average_pool", "The mean over the part of a window that lies inside the image."
  ) { fields in
    single(fields, window(fields).map { .averagePooling($0) })
  }

  private static func channels(_ fields: Fields) -> Int? {
    fields.required("channels", .int(in: 1...65_535), "Channels of the result.")
  }

  /// One number for both directions, or [rows, columns].
  private static func spacing(in range: ClosedRange<Int>) -> Reader<Spacing> {
    .scalar(
      Reader<Int>.int(in: range).map { Spacing($0) },
      orList: Reader<[Int]>.list(of: .int(in: range), count: 2...2).map {
        Spacing(rows: $0[0], columns: $0[1])
      })
  }

  /// One number for all sides, [rows, columns], or [top, left, bottom, right].
  private static let margins = Reader<Margins>.scalar(
    Reader<Int>.int(in: 0...254).map { Margins($0) },
    orList: Reader<[Int]>.list(of: .int(in: 0...254), count: 2...4).map { sides in
      sides.count == 4
        ? Margins(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
        : Margins(top: sides[0], left: sides[1], bottom: sides[0], right: sides[1])
    })

  private static func window(_ fields: Fields) -> Window? {
    let kernel = fields.required(
      "kernel", spacing(in: 1...255), "Side of the window, or [height, width].")
    let strides = fields.optional(
      "stride", spacing(in: 1...255), "Step in both directions, or [rows, columns].",
      default: Spacing(1))
    let margins = fields.optional(
      "padding", margins,
      "Rows and columns added on every side, or [rows, columns], or [top, left, bottom, right].",
      default: Margins(0))
    let dilations = fields.optional(
      "dilation", spacing(in: 1...255),
      "Step between taps of the window, in both directions, or [rows, columns].",
      default: Spacing(1))
    guard let kernel else { return nil }
    return checked(
      Window(
        height: kernel.rows, width: kernel.columns, strides: strides, margins: margins,
        dilations: dilations), fields)
  }

  private static func lineWindow(_ fields: Fields) -> Window? {
    let kernel = fields.required("kernel", .int(in: 1...255), "Length of the window.")
    let stride = fields.optional("stride", .int(in: 1...255), "Step along the length.", default: 1)
    let padding = fields.optional(
      "padding",
      .scalar(
        Reader<Int>.int(in: 0...65_535).map { [$0, $0] },
        orList: .list(of: .int(in: 0...65_535), count: 2...2)),
      "What is added at both ends, or [before, after].", default: [0, 0])
    let dilation = fields.optional(
      "dilation", .int(in: 1...255), "Step between taps of the window.", default: 1)
    guard let kernel else { return nil }
    return checked(
      Window(
        height: kernel, width: 1, strides: Spacing(rows: stride, columns: 1),
        margins: Margins(top: padding[0], left: 0, bottom: padding[1], right: 0),
        dilations: Spacing(rows: dilation, columns: 1)), fields)
  }

  private static func checked(_ window: Window, _ fields: Fields) -> Window? {
    let margins = window.margins
    let widest = max(max(margins.top, margins.bottom), max(margins.left, margins.right))
    guard widest < max(window.reachedRows, window.reachedColumns) else {
      fields.report(
        "expected less padding than the kernel is wide, found \(widest)", at: "padding")
      return nil
    }
    return window
  }
}
