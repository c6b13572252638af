/// A number of rows and a number of columns.
public struct Spacing: Hashable, Sendable {
  /// Of rows.
  public let rows: Int
  /// Of columns.
  public let columns: Int

  /// Creates a spacing.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The same in both directions.
  public init(_ both: Int) { self.init(rows: both, columns: both) }
}

/// Rows and columns around an image.
public struct Margins: Hashable, Sendable {
  /// Rows above.
  public let top: Int
  /// Columns before.
  public let left: Int
  /// Rows below.
  public let bottom: Int
  /// Columns after.
  public let right: Int

  /// Creates margins.
  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// The same on every side.
  public init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }
}

/// The geometry of a sliding window.
public struct Window: Hashable, Sendable {
  /// Extent in rows.
  public let height: Int
  /// Extent in columns.
  public let width: Int
  /// Steps between positions of the window.
  public let strides: Spacing
  /// What is added around the image.
  public let margins: Margins
  /// Steps between taps of the window.
  public let dilations: Spacing

  /// Creates a window.
  public init(
    height: Int, width: Int, strides: Spacing, margins: Margins, dilations: Spacing = Spacing(1)
  ) {
    self.height = height
    self.width = width
    self.strides = strides
    self.margins = margins
    self.dilations = dilations
  }

  /// Creates a window that is moved and padded alike in both directions.
  public init(height: Int, width: Int, stride: Int = 1, padding: Int = 0) {
    self.init(
      height: height, width: width, strides: Spacing(stride), margins: Margins(padding))
  }

  /// Number of positions in one window.
  public var taps: Int { height * width }

  /// Rows from the first tap to the last, both included.
  public var reachedRows: Int { (height - 1) * dilations.rows + 1 }
  /// Columns from the first tap to the last, both included.
  public var reachedColumns: Int { (width - 1) * dilations.columns + 1 }

  /// Whether every position of the image is a window of its own.
  public var isPixelwise: Bool {
    taps == 1 && strides == Spacing(1) && margins == Margins(0)
  }

  /// Rows of the result over an image of `height` rows:
  /// `⌊(height + top + bottom − reach) / stride⌋ + 1`; 0 where the window does not fit.
  public func outputHeight(_ height: Int) -> Int {
    Self.extent(height + margins.top + margins.bottom, reach: reachedRows, stride: strides.rows)
  }

  /// Columns of the result over an image of `width` columns, as `outputHeight`.
  public func outputWidth(_ width: Int) -> Int {
    Self.extent(
      width + margins.left + margins.right, reach: reachedColumns, stride: strides.columns)
  }

  private static func extent(_ padded: Int, reach: Int, stride: Int) -> Int {
    padded < reach ? 0 : (padded - reach) / stride + 1
  }

  /// Whether the extents are positive and no window lies wholly in a margin.
  var isUsable: Bool {
    let numbers = [height, width, strides.rows, strides.columns, dilations.rows, dilations.columns]
    let margins = [margins.top, margins.bottom, margins.left, margins.right]
    return numbers.allSatisfy { (1...Self.largestExtent).contains($0) }
      && margins.allSatisfy { (0...Self.largestExtent).contains($0) }
      && margins.allSatisfy { $0 < max(reachedRows, reachedColumns) }
  }

  /// No side, step or margin is larger, so that products of two never overflow.
  static let largestExtent = 1 << 20
}
