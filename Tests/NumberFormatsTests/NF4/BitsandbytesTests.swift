import Foundation
import NumberFormats
import TestSupport
import Testing

/// What bitsandbytes itself stored for the inputs of ggml's vectors and some exact midpoints.
@Suite struct BitsandbytesTests {
  static func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

  static func load() throws -> (input: FloatMatrix, golden: GoldenTensors) {
    let folder = try #require(RealData.folder("formats"))
    let ggml = try GoldenTensors(folder.appendingPathComponent("ggml/golden.safetensors"))
    let golden = try GoldenTensors(folder.appendingPathComponent("nf4/golden.safetensors"))
    let values = try ggml.floats("input") + golden.floats("input_tail")
    return (FloatMatrix(name: "w", rows: 1, columns: values.count, values: values), golden)
  }

  @Test(
    .enabled(
      if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))))
  func `NF4 and FP4 equal bitsandbytes', bit for bit`() throws {
    let (input, golden) = try Self.load()
    for (name, format) in [("nf4", CodebookFormat.nf4), ("fp4", .bitsandbytesFP4)] {
      #expect(try Self.bits(format.codebook.values) == Self.bits(golden.floats("\(name).code")))
      let matrix = try CodebookMatrix(encoding: input, as: format)
      let absmax = try golden.floats("\(name).absmax")
      #expect(matrix.scales == .plain(absmax), "\(name)")
      #expect(try matrix.codes == golden.bytes("\(name).packed"), "\(name)")
      let values = try golden.floats("\(name).dequantized")
      #expect(Self.bits(matrix.decoded()) == Self.bits(values), "\(name)")
    }
    let values = try golden.floats("nf4.partial_input")
    let partial = try CodebookMatrix(
      encoding: FloatMatrix(name: "w", rows: 10, columns: 100, values: values), as: .nf4)
    #expect(try partial.codes == golden.bytes("nf4.partial_packed"))
    #expect(try partial.scales == .plain(golden.floats("nf4.partial_absmax")))
    let decoded = try golden.floats("nf4.partial_dequantized")
    #expect(Self.bits(partial.decoded()) == Self.bits(decoded))
  }

  @Test(
    .enabled(
      if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))))
  func `double quantization equals bitsandbytes', but for the order of its mean`() throws {
    let (input, golden) = try Self.load()
    let code = try golden.floats("nf4.double.nested_code")
    #expect(Self.bits(Codebook.dynamic8.values) == Self.bits(code))
    let offset = try golden.floats("nf4.double.offset")[0]
    let stored = try NestedScales(
      codes: golden.bytes("nf4.double.absmax_u8"),
      absmax: golden.floats("nf4.double.nested_absmax"), offset: offset)
    let matrix = try CodebookMatrix(
      name: "w", format: .nf4Nested, rows: 1, columns: input.columns,
      codes: golden.bytes("nf4.double.packed"), scales: .nested(stored))
    let values = try golden.floats("nf4.double.dequantized")
    #expect(Self.bits(matrix.decoded()) == Self.bits(values))

    let absmax = try golden.floats("nf4.absmax")
    #expect(NestedScales(encoding: absmax, offset: offset) == stored)
    let own = try CodebookMatrix(encoding: input, as: .nf4Nested)
    #expect(own.codes == matrix.codes)
    guard case .nested(let scales) = own.scales else {
      Issue.record("the scales are not nested")
      return
    }
    #expect(scales.codes == stored.codes)
    #expect(abs(scales.offset - offset) <= offset.ulp)
  }
}
