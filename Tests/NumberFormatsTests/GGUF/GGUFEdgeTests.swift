import NumberFormats
import TestSupport
import Testing

@Suite struct GGUFEdgeTests {
  @Test(arguments: GGUFFormats.all) func `zeros of either sign come back as zeros`(
    format: GGUFFormat
  ) throws {
    for zero in [Float(0), -0.0] {
      let decoded = try format.encode([Float](repeating: zero, count: 512)).decoded()
      #expect(decoded.count == 512)
      #expect(decoded.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: GGUFFormats.all) func `errors stay within the bound at every magnitude`(
    format: GGUFFormat
  ) throws {
    let seed: UInt64 = 61
    var random = SeededGenerator(seed: seed)
    for exponent in -150...8 {
      for shape in 0..<4 {
        let unit = Float(sign: .plus, exponent: exponent, significand: 1)
        let constant = Float.random(in: -1...1, using: &random)
        let values = (0..<256).map { index in
          let value = Float.random(in: -1...1, using: &random)
          switch shape {
          case 0: return unit * value
          case 1: return unit * (3 + value)
          case 2: return index.isMultiple(of: 9) ? unit * value : unit * value / 512
          default: return unit * constant
          }
        }
        let decoded = try format.encode(values).decoded()
        for first in stride(from: 0, to: 256, by: format.value.blockElements) {
          let block = first..<first + format.value.blockElements
          let bound = format.errorBound(values[block])
          let worst = block.map { abs(values[$0] - decoded[$0]) }.max()
          #expect(
            worst.map { $0 <= bound } == true,
            "seed \(seed), 2^\(exponent), shape \(shape), block at \(first): \(String(describing: worst)) > \(bound)"
          )
        }
      }
    }
  }

  @Test(arguments: GGUFFormats.all) func `subnormal values are encoded without a trap`(
    format: GGUFFormat
  ) throws {
    let least = Float.leastNonzeroMagnitude
    for pattern in [[least], [least, -least], [Float.leastNormalMagnitude, -least, 0]] {
      let values = (0..<256).map { pattern[$0 % pattern.count] }
      let decoded = try format.encode(values).decoded()
      #expect(decoded.allSatisfy { abs($0) <= Float.leastNormalMagnitude })
    }
  }

  @Test(arguments: GGUFFormats.all.filter { $0.value.name != "q8_k" })
  func `a scale beyond half precision is refused with the tensor and the block`(
    format: GGUFFormat
  ) throws {
    var accepted = 0
    for exponent in 0...127 {
      var values = [Float](repeating: 0.5, count: 768)
      values[600] = Float(sign: .minus, exponent: exponent, significand: 1.5)
      let matrix: BlockMatrix
      do throws(FormatError) {
        matrix = try format.encode(values, name: "layer.weight")
      } catch {
        let first = 600 / format.value.blockElements * format.value.blockElements
        Self.expectOverflow(error, index: first, format: format.value.name)
        continue
      }
      #expect(matrix.decoded().allSatisfy { $0.isFinite }, "2^\(exponent)")
      #expect(accepted == exponent, "2^\(exponent) follows a refused magnitude")
      accepted += 1
    }
    // From TQ's largest magnitude itself to Q6_K's, 4,096 times as large.
    #expect((16...28).contains(accepted))
  }

  static func expectOverflow(_ error: FormatError, index: Int, format: String) {
    guard case .block("layer.weight", index, format, .scaleOverflow(let scale, 65_504)) = error
    else {
      Issue.record("\(format): \(error)")
      return
    }
    #expect(!(scale.magnitude < 65_520), "\(format): \(scale)")
  }

  @Test func `Q8_K takes all of fp32 but what would decode to infinity`() throws {
    let format = GGUFFormat(value: GGUF.Q8_K())
    let largest = Float.greatestFiniteMagnitude
    let values = (0..<256).map { ($0.isMultiple(of: 2) ? 0.999 : -0.999) * largest }
    let decoded = try format.encode(values).decoded()
    #expect(zip(values, decoded).allSatisfy { abs($0 / largest - $1 / largest) < 0x1p-20 })
    let error = #expect(throws: FormatError.self) {
      try format.encode([Float](repeating: largest, count: 256))
    }
    #expect(error?.description.contains("w[0]: q8_k cannot store the scale 2.67") == true)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity], GGUFFormats.all)
  func `what is not finite is refused with tensor and index`(value: Float, format: GGUFFormat) {
    var values = [Float](repeating: 1, count: 512)
    values[300] = value
    #expect(throws: FormatError.notFinite(tensor: "w", index: 300, value: value)) {
      try format.encode(values)
    }
  }

  @Test(arguments: GGUFFormats.all) func `any bytes decode without a trap`(
    format: GGUFFormat
  ) throws {
    let seed: UInt64 = 62
    var random = SeededGenerator(seed: seed)
    for pattern in 0..<40 {
      let bytes = (0..<format.value.blockBytes).map { _ in
        pattern == 0 ? 0 : pattern == 1 ? 255 : UInt8.random(in: 0...255, using: &random)
      }
      let matrix = try BlockMatrix(
        name: "w", format: format.value, rows: 1, columns: format.value.blockElements, bytes: bytes)
      let decoded = matrix.decoded()
      #expect(decoded.count == format.value.blockElements)
      // A scale of all ones is NaN, and nothing hides it.
      #expect(pattern != 1 || decoded.allSatisfy { $0.isNaN })
      #expect(pattern != 0 || decoded.allSatisfy { $0 == 0 })
    }
  }
}
