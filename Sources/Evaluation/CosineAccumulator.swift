public import Results

/// Cosines of the angles between a scheme's output vectors and the float run's.
///
/// Products are summed in Double, each sum a single chain of fused multiply-adds in the order of the elements.
public struct CosineAccumulator: Equatable, Sendable {
  private var sum = 0.0
  private var smallest = 1.0
  private var vectors = 0

  /// Creates one that has seen nothing.
  public init() {}

  /// Adds one vector of `count` elements from `start` on. Two vectors of zeros have the cosine 1, one of zeros
  /// and one that is not 0; where an element is not finite it is 0 too.
  public mutating func add(_ outputs: Span<Float>, float: Span<Float>, from start: Int, count: Int)
  {
    var (product, square, floatSquare) = (0.0, 0.0, 0.0)
    for index in start..<start + count {
      let (own, exact) = (Double(outputs[index]), Double(float[index]))
      product = product.addingProduct(own, exact)
      square = square.addingProduct(own, own)
      floatSquare = floatSquare.addingProduct(exact, exact)
    }
    let cosine: Double
    if square == 0, floatSquare == 0 {
      cosine = 1
    } else {
      let quotient = product / (square.squareRoot() * floatSquare.squareRoot())
      // Rounding can carry a quotient past 1.
      cosine = quotient.isFinite ? min(max(quotient, -1), 1) : 0
    }
    sum += cosine
    smallest = vectors == 0 ? cosine : min(smallest, cosine)
    vectors += 1
  }

  /// Mean and smallest; `nil` when nothing was added.
  public var summary: CosineSummary? {
    vectors == 0 ? nil : CosineSummary(mean: sum / Double(vectors), smallest: smallest)
  }
}
