import Graphs
import NumberFormats

/// One block of a GGUF tensor as the integers and steps that products with it are made of.
struct ReferenceBlock {
  /// What an element is multiplied by in the block's integer sum: its code, times the scale of its sub-block
  /// where there is one.
  var integers: [Int] = []
  /// The minimum of each element's sub-block; only Q4_K has them.
  var minimums: [Int] = []
  /// The step of the integer sum.
  var step: Float = 0
  /// The step of the sum of minimums.
  var minimumStep: Float = 0

  /// Reads one block of GGUF; codebooks have none.
  init(_ bytes: [UInt8], _ kernel: BlockKernel) {
    switch kernel {
    case .nf4: preconditionFailure("codes of a codebook lie apart from their scales")
    case .q4_0:
      step = Self.half(bytes, at: 0)
      integers = (0..<32).map { Self.nibble(bytes, at: 2, $0) - 8 }
    case .q8_0:
      step = Self.half(bytes, at: 0)
      integers = (0..<32).map { Int(Int8(bitPattern: bytes[2 + $0])) }
    case .mxfp4:
      step = Float(sign: .plus, exponent: Int(bytes[0]) - 128, significand: 1)
      let doubled = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
      integers = (0..<32).map { doubled[Self.nibble(bytes, at: 1, $0)] }
    case .q4_k:
      step = Self.half(bytes, at: 0)
      minimumStep = Self.half(bytes, at: 2)
      for index in 0..<256 {
        let (scale, minimum) = Self.sixBits(Array(bytes[4..<16]), index / 32)
        let byte = Int(bytes[16 + index / 64 * 32 + index % 32])
        integers.append(scale * (index / 32 % 2 == 0 ? byte % 16 : byte / 16))
        minimums.append(minimum)
      }
    case .q6_k:
      step = Self.half(bytes, at: 208)
      for index in 0..<256 {
        let (part, quarter, within) = (index / 128, index / 32 % 4, index % 32)
        let low = Int(bytes[part * 64 + quarter % 2 * 32 + within]) >> (quarter / 2 * 4) & 15
        let high = Int(bytes[128 + part * 32 + within]) >> (2 * quarter) & 3
        integers.append(
          Int(Int8(bitPattern: bytes[192 + index / 16])) * (low + 16 * high - 32))
      }
    }
  }

  /// Element `index` of 32: the first 16 in low halves, the rest in high ones.
  private static func nibble(_ bytes: [UInt8], at first: Int, _ index: Int) -> Int {
    let byte = Int(bytes[first + index % 16])
    return index < 16 ? byte % 16 : byte / 16
  }

  /// Scale and minimum of one of 8 sub-blocks, 6 bits each in 12 bytes.
  private static func sixBits(_ bytes: [UInt8], _ index: Int) -> (scale: Int, minimum: Int) {
    guard index >= 4 else { return (Int(bytes[index]) % 64, Int(bytes[index + 4]) % 64) }
    let both = Int(bytes[index + 4])
    return (
      both % 16 + Int(bytes[index - 4]) / 64 * 16, both / 16 + Int(bytes[index]) / 64 * 16
    )
  }

  /// A finite half-precision number.
  private static func half(_ bytes: [UInt8], at place: Int) -> Float {
    let bits = Int(bytes[place]) + 256 * Int(bytes[place + 1])
    let exponent = bits / 1_024 % 32
    let mantissa = Float(bits % 1_024 + (exponent > 0 ? 1_024 : 0))
    let magnitude =
      mantissa * Float(sign: .plus, exponent: max(exponent, 1) - 25, significand: 1)
    return bits < 32_768 ? magnitude : -magnitude
  }
}

extension ReferenceInterpreter {
  /// The blocks of a node's weight, row by row; empty for other weights.
  func blocks(of node: Node) -> [ReferenceBlock] {
    guard case .blocks(let weight, _) = model.arithmetic[node.id],
      let kernel = BlockKernel(weight.format)
    else { return [] }
    let size = weight.format.blockBytes
    return stride(from: 0, to: weight.bytes.count, by: size).map {
      ReferenceBlock(Array(weight.bytes[$0..<$0 + size]), kernel)
    }
  }

  /// A step per block over exact integer sums; `row` is that of the output.
  func blockSum(
    _ terms: [Term], _ codes: [Int], _ affine: AffineParameters, _ row: ArraySlice<ReferenceBlock>,
    _ bias: Float?
  ) -> Float {
    var dots = [Int](repeating: 0, count: row.count)
    var sums = dots
    for term in terms {
      let x = codes[term.element] - Int(affine.zeroPoint)
      let width = row[row.startIndex].integers.count
      let (place, within) = term.column.quotientAndRemainder(dividingBy: width)
      let block = row[row.startIndex + place]
      dots[place] += x * block.integers[within]
      if !block.minimums.isEmpty { sums[place] += x * block.minimums[within] }
    }
    var sum = Float(0)
    for (place, block) in row.enumerated() {
      sum = sum.addingProduct(Float(dots[place]), block.step)
      if !block.minimums.isEmpty {
        sum = sum.addingProduct(Float(sums[place]), -block.minimumStep)
      }
    }
    return bias.map { $0.addingProduct(sum, affine.scale) } ?? sum * affine.scale
  }

  /// A step per block of 64 over chains of levels, which are no integers.
  func levelSum(
    _ terms: [Term], _ codes: [Int], _ affine: AffineParameters, _ weight: CodebookMatrix,
    _ row: Int, _ bias: Float?
  ) -> Float {
    let scales = weight.decodedScales()
    var chains = [Float](repeating: 0, count: weight.columns / 64)
    for term in terms {
      let index = row * weight.columns + term.column
      let pair = Int(weight.codes[index / 2])
      let level = Codebook.nf4.values[index % 2 == 0 ? pair / 16 : pair % 16]
      let x = Float(codes[term.element] - Int(affine.zeroPoint))
      chains[term.column / 64] = chains[term.column / 64].addingProduct(x, level)
    }
    let sum = chains.enumerated().reduce(Float(0)) {
      $0.addingProduct($1.element, scales[row * chains.count + $1.offset])
    }
    return bias.map { $0.addingProduct(sum, affine.scale) } ?? sum * affine.scale
  }
}
