/// 4-bit codes of a codebook and one scale, the largest magnitude, for so many consecutive elements of the whole
/// tensor, as bitsandbytes stores them. Rows do not matter: a block may end in the next row, the last may be short.
public struct CodebookFormat: NumberFormat, Hashable {
  /// Sizes of a block.
  public static let blockSizes = 32...4096

  /// What the codes stand for, relative to the scale.
  public let codebook: Codebook
  /// Elements that share a scale.
  public let blockElements: Int
  /// Whether the scales are stored in 8 bits themselves.
  public let nestedScales: Bool
  private let base: String

  private init(base: String, codebook: Codebook, blockElements: Int, nestedScales: Bool) {
    self.base = base
    self.codebook = codebook
    self.blockElements = blockElements
    self.nestedScales = nestedScales
  }

  /// NF4 with blocks of 64 and fp32 scales.
  public static let nf4 = CodebookFormat(
    base: "nf4", codebook: .nf4, blockElements: 64, nestedScales: false)
  /// NF4 with blocks of 64 and double quantization.
  public static let nf4Nested = CodebookFormat(
    base: "nf4", codebook: .nf4, blockElements: 64, nestedScales: true)
  /// bitsandbytes' FP4 with blocks of 64 and fp32 scales.
  public static let bitsandbytesFP4 = CodebookFormat(
    base: "fp4-bnb", codebook: .bitsandbytesFP4, blockElements: 64, nestedScales: false)

  /// The same codebook with other blocks.
  ///
  /// - Throws: `FormatError.blockSize` outside `blockSizes`.
  public func with(blockElements: Int, nestedScales: Bool) throws(FormatError) -> CodebookFormat {
    guard Self.blockSizes.contains(blockElements) else {
      throw .blockSize(format: base, allowed: Self.blockSizes, found: blockElements)
    }
    return CodebookFormat(
      base: base, codebook: codebook, blockElements: blockElements, nestedScales: nestedScales)
  }

  /// For example `nf4`, `nf4-dq` with nested scales, `nf4-b128` with blocks of 128.
  public var name: String {
    base + (blockElements == 64 ? "" : "-b\(blockElements)") + (nestedScales ? "-dq" : "")
  }
  /// 4.
  public var bits: Int { 4 }
  /// To the nearest code; in the middle, to the lower value.
  public var rounding: Rounding { .halfToLowerIndex }
  /// The library that defines it.
  public var source: String { "bitsandbytes 0.50, quantize_4bit; Dettmers et al. 2023, QLoRA" }

  /// 4 and the share of the scales; with nested scales 8 bits of each, 32 of every 256 and 32 of the tensor.
  public func bitsPerWeight(rows: Int, columns: Int, grouping: Grouping) -> Double {
    let blocks = Self.blocks(rows * columns, of: blockElements)
    let nested = 8 * blocks + 32 * Self.blocks(blocks, of: NestedScales.blockElements) + 32
    return 4 + Double(nestedScales ? nested : 32 * blocks) / Double(rows * columns)
  }

  /// The bound for a tensor whose largest magnitude is 7 · `scale`; blocks of smaller magnitude do better, unless scales
  /// are nested. 2⁻²⁰ covers the roundings of the reciprocal and the products.
  public func errorBound(scale: Float) -> Float {
    let scales = nestedScales ? Codebook.dynamic8.widestHalfGap : 0
    return 7 * scale * (codebook.widestHalfGap + scales + 0x1p-20)
  }

  /// decode(encode(matrix)), row-major; `grouping` does not apply.
  ///
  /// - Throws: What `CodebookMatrix(encoding:as:)` throws.
  public func approximation(
    of matrix: FloatMatrix, grouping: Grouping
  ) throws(FormatError) -> [Float] {
    try CodebookMatrix(encoding: matrix, as: self).decoded()
  }

  /// How many blocks hold so many elements.
  static func blocks(_ elements: Int, of size: Int) -> Int {
    elements / size + (elements.isMultiple(of: size) ? 0 : 1)
  }
}
