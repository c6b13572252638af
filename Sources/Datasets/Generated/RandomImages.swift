/// Blurred random images: work for a model whose weights mean nothing either. There is no right answer.
///
/// A channel is a coarse grid of normal numbers, eight cells along the longer side, interpolated linearly,
/// plus finer normal noise of a quarter of its deviation: neighbouring pixels resemble each other and
/// images differ, as pictures do.
public struct RandomImages: Dataset {
  /// The number of this dataset in a ``CounterGenerator``'s stream.
  static let streamNumber: UInt32 = 6

  /// The name scenarios use.
  public let name: String
  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int
  /// Numbers of a pixel.
  public let channels: Int
  /// Equal seeds give equal images.
  public let seed: UInt64

  /// Creates the dataset; all extents are at least 1.
  public init(name: String, height: Int, width: Int, channels: Int, seed: UInt64 = 1) {
    self.name = name
    self.height = height
    self.width = width
    self.channels = channels
    self.seed = seed
  }

  /// `[height, width, channels]`.
  public var inputShape: [Int] { [height, width, channels] }
  /// No answer is right.
  public var target: Target { .none(vocabulary: nil) }
  /// None.
  public var classNames: [String] { [] }
  /// None.
  public var sliceKeys: [String] { [] }
  /// Unknown.
  public var accuracyBound: Double? { nil }

  /// Ten million of each.
  public func available(_ split: Split) -> Int { 10_000_000 }

  /// Draws the first `count` images of a split.
  public func load(_ split: Split, count: Int) throws(DatasetError) -> ExampleSet {
    try checkCount(count, of: split)
    var builder = ExampleBuilder(inputShape: inputShape, sliceKeys: [], capacity: count)
    for index in 0..<count {
      var lots = CounterGenerator(
        seed: seed, stream: Self.streamNumber << 8 | split.streamNumber, index: UInt64(index))
      builder.append(input: image(&lots), label: 0, slices: [])
    }
    return builder.finish(target: target)
  }

  private func image(_ lots: inout CounterGenerator) -> [Float] {
    let cell = Double(max(height, width, 8)) / 8
    let rows = Int(Double(height) / cell) + 2
    let columns = Int(Double(width) / cell) + 2
    let coarse = (0..<rows * columns * channels).map { _ in lots.normal() }
    func corner(_ row: Int, _ column: Int, _ channel: Int) -> Double {
      coarse[(row * columns + column) * channels + channel]
    }
    var pixels: [Float] = []
    pixels.reserveCapacity(height * width * channels)
    for y in 0..<height {
      let (row, down) = Self.place(y, cell)
      for x in 0..<width {
        let (column, right) = Self.place(x, cell)
        for channel in 0..<channels {
          let above =
            corner(row, column, channel) * (1 - right) + corner(row, column + 1, channel) * right
          let below =
            corner(row + 1, column, channel) * (1 - right)
            + corner(row + 1, column + 1, channel) * right
          pixels.append(Float(above * (1 - down) + below * down + 0.25 * lots.normal()))
        }
      }
    }
    return pixels
  }

  /// The cell that a pixel lies in, and how far.
  private static func place(_ pixel: Int, _ cell: Double) -> (Int, Double) {
    let place = Double(pixel) / cell
    return (Int(place), place - place.rounded(.down))
  }
}
