import CKernels
import Graphs

/// A window over images of one shape.
struct WindowGeometry {
  let window: Window
  let operand: Shape
  let result: Shape

  var height: Int { operand.dimensions[0] }
  var width: Int { operand.dimensions[1] }
  var channels: Int { operand.dimensions[2] }
  var outHeight: Int { result.dimensions[0] }
  var outWidth: Int { result.dimensions[1] }
  var positions: Int { outHeight * outWidth }

  /// The kernels' form, over all rows.
  var arguments: qg_window {
    qg_window(
      height: height, width: width, channels: channels, kernel_height: window.height,
      kernel_width: window.width, stride_height: window.strides.rows,
      stride_width: window.strides.columns, padding_top: window.margins.top,
      padding_left: window.margins.left, dilation_height: window.dilations.rows,
      dilation_width: window.dilations.columns, out_height: outHeight, out_width: outWidth,
      row_begin: 0, row_end: outHeight)
  }

  /// The kernel's rows that lie inside the image at output row `y`.
  func rows(at y: Int) -> Range<Int> {
    inside(
      y * window.strides.rows - window.margins.top, step: window.dilations.rows,
      size: window.height, extent: height)
  }

  /// The kernel's columns that lie inside the image at output column `x`.
  func columns(at x: Int) -> Range<Int> {
    inside(
      x * window.strides.columns - window.margins.left, step: window.dilations.columns,
      size: window.width, extent: width)
  }

  private func inside(_ first: Int, step: Int, size: Int, extent: Int) -> Range<Int> {
    let begin = min(size, max(0, (step - 1 - first) / step))
    let end = first < extent ? (extent - first + step - 1) / step : 0
    return begin..<max(begin, min(size, end))
  }

  /// The offset in an image of the element under kernel position (`ky`, `kx`) at output (`y`, `x`).
  func offset(y: Int, x: Int, ky: Int, kx: Int) -> Int {
    let row = y * window.strides.rows - window.margins.top + ky * window.dilations.rows
    let column = x * window.strides.columns - window.margins.left + kx * window.dilations.columns
    return (row * width + column) * channels
  }
}
