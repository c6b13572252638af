import Graphs
import NumberFormats
import TestSupport

/// Random blocks with every code, and scales of a size that keeps results of random models small.
struct RandomBlocks {
  var generator: SeededGenerator

  /// A format whose blocks fill rows of `columns`, or `nil`.
  mutating func format(columns: Int) -> (any BlockFormat)? {
    let all: [any BlockFormat] = [
      GGUF.Q4_0(), GGUF.Q8_0(), GGMLMXFP4(), GGUF.Q4_K(), GGUF.Q6_K(),
    ]
    // The wide blocks first, for few rows fit them.
    let wide = columns.isMultiple(of: 256) && Bool.random(using: &generator)
    let fitting = all.filter { wide ? $0.blockElements == 256 : $0.blockElements == 32 }
    return columns.isMultiple(of: 32) ? fitting.randomElement(using: &generator) : nil
  }

  /// A matrix of random blocks.
  mutating func matrix(
    _ format: any BlockFormat, name: String, rows: Int, columns: Int
  ) throws -> BlockMatrix {
    var bytes: [UInt8] = []
    for _ in 0..<rows * columns / format.blockElements {
      var block = (0..<format.blockBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
      switch BlockKernel(format) {
      case .q4_0, .q8_0: half(5...7, in: &block, at: 0)
      case .q4_k:
        half(0...2, in: &block, at: 0)
        half(1...3, in: &block, at: 2)
      case .q6_k: half(0...1, in: &block, at: 208)
      case .mxfp4: block[0] = UInt8.random(in: 117...120, using: &generator)
      case .nf4, nil: break
      }
      bytes += block
    }
    return try BlockMatrix(name: name, format: format, rows: rows, columns: columns, bytes: bytes)
  }

  /// Random codes of NF4 in blocks of 64.
  mutating func codebook(
    _ format: CodebookFormat, name: String, rows: Int, columns: Int
  ) throws -> CodebookMatrix {
    let scales = (0..<rows * columns / 64).map { _ in
      Float.random(in: 0.01...0.05, using: &generator)
    }
    return try CodebookMatrix(
      name: name, format: format, rows: rows, columns: columns,
      codes: (0..<rows * columns / 2).map { _ in UInt8.random(in: 0...255, using: &generator) },
      scales: format.nestedScales ? .nested(NestedScales(encoding: scales)) : .plain(scales))
  }

  /// A bf16 matrix.
  mutating func bfloat16(rows: Int, columns: Int) -> BFloat16Matrix {
    let reach = 1 / Float(columns).squareRoot()
    return BFloat16Matrix(
      rows: rows, columns: columns,
      codes: (0..<rows * columns).map { _ in
        UInt16(Float.random(in: -reach...reach, using: &generator).bitPattern >> 16)
      })
  }

  /// Writes a half-precision number of either sign; exponent 0 makes it subnormal.
  private mutating func half(
    _ exponents: ClosedRange<UInt16>, in block: inout [UInt8], at place: Int
  ) {
    let bits =
      UInt16.random(in: exponents, using: &generator) << 10
      | UInt16.random(in: 0...1_023, using: &generator)
      | (Bool.random(using: &generator) ? 0x8000 : 0)
    block[place] = UInt8(truncatingIfNeeded: bits)
    block[place + 1] = UInt8(truncatingIfNeeded: bits >> 8)
  }
}
