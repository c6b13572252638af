/// Scales stored in 8 bits: the mean of all is taken off, and what is left is a code of `Codebook.dynamic8` times
/// the largest magnitude of 256 consecutive ones.
public struct NestedScales: Hashable, Sendable {
  /// Scales that share an fp32 one.
  public static let blockElements = 256

  /// One code for every scale.
  public let codes: [UInt8]
  /// One number for every 256 scales; the last may have fewer.
  public let absmax: [Float]
  /// What is added to every scale.
  public let offset: Float

  /// Scales as a checkpoint holds them; `CodebookMatrix` checks that they fit.
  public init(codes: [UInt8], absmax: [Float], offset: Float) {
    self.codes = codes
    self.absmax = absmax
    self.offset = offset
  }

  /// Encodes finite scales.
  ///
  /// - Parameters:
  ///   - scales: Finite numbers.
  ///   - offset: `nil` for their mean: summed in double precision in ascending order, divided, rounded to fp32.
  ///     bitsandbytes leaves the order to torch and may differ in the last place.
  public init(encoding scales: [Float], offset: Float? = nil) {
    let mean =
      scales.isEmpty ? 0 : Float(scales.reduce(0.0) { $0 + Double($1) } / Double(scales.count))
    let offset = offset ?? mean
    let (codes, absmax) = Codebook.dynamic8.encode(
      scales.map { $0 - offset }, blockElements: Self.blockElements)
    self.init(codes: codes, absmax: absmax, offset: offset)
  }

  /// The scales that the codes stand for: code · absmax, rounded, + offset.
  public func decoded() -> [Float] {
    codes.enumerated().map { index, code in
      Codebook.dynamic8.values[Int(code)] * absmax[index / Self.blockElements] + offset
    }
  }
}

extension Codebook {
  /// Codes of finite numbers, one each, and the largest magnitude of each block.
  ///
  /// Numbers are multiplied by the rounded reciprocal of that magnitude, as bitsandbytes does; divided by it where the
  /// reciprocal overflows (magnitudes below 2.94e-39). A block of zeros has codes of zero.
  func encode(_ values: [Float], blockElements: Int) -> (codes: [UInt8], absmax: [Float]) {
    var codes: [UInt8] = []
    codes.reserveCapacity(values.count)
    var absmax: [Float] = []
    for start in stride(from: 0, to: values.count, by: blockElements) {
      let block = values[start..<min(start + blockElements, values.count)]
      let largest = block.reduce(0) { max($0, abs($1)) }
      absmax.append(largest)
      let inverse = 1 / largest
      for value in block {
        let relative = inverse.isFinite ? value * inverse : value / largest
        codes.append(code(of: largest == 0 ? 0 : relative))
      }
    }
    return (codes, absmax)
  }
}
