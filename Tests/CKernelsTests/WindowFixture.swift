import CKernels

/// Window shapes around every vector length, with and without padding.
enum Windows {
  /// Height, width, channels, kernel height and width, stride, padding; and, where directions differ, the
  /// stride and the padding of columns, and both dilations.
  private static let shapes: [[Int]] = [
    [1, 1, 5, 1, 1, 1, 0], [5, 6, 1, 3, 3, 1, 1], [7, 7, 16, 3, 3, 2, 1], [6, 5, 17, 3, 3, 1, 0],
    [4, 4, 33, 2, 2, 2, 0], [3, 9, 15, 3, 5, 1, 2], [8, 8, 32, 5, 5, 3, 2], [2, 2, 20, 3, 3, 1, 2],
    [6, 7, 8, 6, 7, 1, 0],
    [5, 9, 64, 3, 3, 1, 1], [4, 10, 32, 3, 3, 1, 1], [7, 6, 130, 3, 3, 1, 1],
    [6, 12, 24, 3, 3, 1, 1], [9, 9, 70, 5, 5, 1, 2], [7, 9, 96, 3, 3, 2, 1],
    [9, 21, 16, 3, 3, 1, 1], [5, 34, 2, 3, 3, 1, 1],
    [8, 20, 3, 6, 17, 1, 1],  // more taps than the byte kernels hold
    [3, 3, 4, 2, 2, 1, 3],  // some windows lie wholly in the padding
    [8, 20, 33, 3, 3, 2, 1, 1, 0, 1, 1], [9, 9, 16, 3, 2, 1, 0, 2, 1, 1, 1],
    [9, 24, 32, 3, 3, 1, 2, 1, 3, 2, 3], [12, 11, 19, 2, 3, 2, 1, 1, 2, 5, 2],
    [5, 30, 64, 1, 5, 1, 0, 1, 4, 1, 2],
  ]

  /// Those without dilation.
  static let undilated = all.filter { $0.dilation_height == 1 && $0.dilation_width == 1 }

  /// Every shape with all its output rows, and with all but the first.
  static let all: [qg_window] = shapes.flatMap { shape in
    let (along, left) = shape.count > 7 ? (shape[7], shape[8]) : (shape[5], shape[6])
    let (apart, aside) = shape.count > 7 ? (shape[9], shape[10]) : (1, 1)
    let height = (shape[0] + 2 * shape[6] - (shape[3] - 1) * apart - 1) / shape[5] + 1
    let width = (shape[1] + 2 * left - (shape[4] - 1) * aside - 1) / along + 1
    return [0, 1].map { begin in
      qg_window(
        height: shape[0], width: shape[1], channels: shape[2], kernel_height: shape[3],
        kernel_width: shape[4], stride_height: shape[5], stride_width: along,
        padding_top: shape[6], padding_left: left, dilation_height: apart, dilation_width: aside,
        out_height: height, out_width: width, row_begin: min(begin, height), row_end: height)
    }
  }
}

extension qg_window {
  var inputs: Int { height * width * channels }
  var outputs: Int { out_height * out_width * channels }
  var taps: Int { kernel_height * kernel_width }

  /// The output positions to compute.
  var positions: [(y: Int, x: Int)] {
    (row_begin..<row_end).flatMap { y in (0..<out_width).map { (y, $0) } }
  }

  /// The same window over `count` parts of its output rows.
  func parts(_ count: Int) -> [qg_window] {
    let rows = row_end - row_begin
    return (0..<count).map { index in
      var part = self
      part.row_begin = row_begin + rows * index / count
      part.row_end = row_begin + rows * (index + 1) / count
      return part
    }
  }

  /// The place in the image, in positions, that a tap reads, or nil outside.
  func place(_ y: Int, _ x: Int, _ ky: Int, _ kx: Int) -> Int? {
    let row = y * stride_height + ky * dilation_height - padding_top
    let column = x * stride_width + kx * dilation_width - padding_left
    guard row >= 0, row < height, column >= 0, column < width else { return nil }
    return row * width + column
  }

  /// The window whose result has the extents of this one's image, where it has any.
  var transposed: qg_window {
    var window = self
    (window.height, window.width) = (out_height, out_width)
    (window.out_height, window.out_width) = (height, width)
    (window.row_begin, window.row_end) = (min(row_begin, height), height)
    return window
  }

  /// The position that a tap of a transposed window reads: the one whose own window has (y, x) at that tap.
  func transposedPlace(_ y: Int, _ x: Int, _ ky: Int, _ kx: Int) -> Int? {
    for row in 0..<height where row * stride_height + ky * dilation_height - padding_top == y {
      for column in 0..<width where column * stride_width + kx * dilation_width - padding_left == x
      {
        return row * width + column
      }
    }
    return nil
  }

  /// The taps inside the image, row-major: which tap, and the place it reads.
  func inside(_ y: Int, _ x: Int) -> [(tap: Int, place: Int)] {
    (0..<taps).compactMap { tap in
      place(y, x, tap / kernel_width, tap % kernel_width).map { (tap, $0) }
    }
  }

  var summary: String { "\(height)x\(width)x\(channels) / \(kernel_height)x\(kernel_width)" }
}
