import Foundation
import NumberFormats
import TestSupport
import Testing

/// The casts of `ml_dtypes` and numpy over ten thousand inputs.
@Suite struct MinifloatCastTests {
  static func words(_ bytes: [UInt8]) -> [UInt16] {
    stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
  }

  static func same(_ left: Float, _ right: Float) -> Bool {
    left.isNaN && right.isNaN || left.bitPattern == right.bitPattern
  }

  static func golden() throws -> GoldenTensors {
    try GoldenTensors(
      #require(RealData.folder("formats")).appendingPathComponent("casts/golden.safetensors"))
  }

  @Test(
    .enabled(
      if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))))
  func `tables equal those of ml_dtypes`() throws {
    let golden = try Self.golden()
    for type in Minifloat.all where type.bits <= 8 {
      let name = type == .e8m0 ? "f8_e8m0fnu" : "f\(type.bits)_\(type.name)"
      let table = try golden.floats("\(name).decode_table")
      #expect(table.count == type.codeCount)
      #expect(zip(table, type.table).allSatisfy(Self.same), "\(name)")
    }
  }

  @Test(
    .enabled(
      if: RealData.folder("formats") != nil, Comment(rawValue: RealData.absence("formats"))))
  func `codes equal those of ml_dtypes, numpy and saturating casts`() throws {
    let golden = try Self.golden()
    let inputs = try golden.floats("input_bits")
    for type in Minifloat.all {
      let name =
        type == .e8m0 ? "f8_e8m0fnu" : type.bits == 16 ? type.name : "f\(type.bits)_\(type.name)"
      for (suffix, overflow) in [("", Minifloat.Overflow.special), ("_saturating", .saturate)] {
        // Only the two FP8 types have saturating casts there; the plain ones are all there.
        guard suffix.isEmpty || ["f8_e4m3fn", "f8_e5m2"].contains(name) else { continue }
        let bytes = try golden.bytes("\(name).encoded\(suffix)")
        let codes = type.bits == 16 ? Self.words(bytes) : bytes.map(UInt16.init)
        #expect(codes.count == inputs.count)
        for (input, code) in zip(inputs, codes) {
          let found = type.encode(input, overflow: overflow)
          let bothNaN = type.decode(found).isNaN && type.decode(code).isNaN
          if found != code && !bothNaN && !(input.isNaN && type.specials == .none) {
            Issue.record("\(name)\(suffix): \(input) → \(found), not \(code)")
          }
        }
      }
      if type.bits == 16 {
        let decoded = try golden.floats("\(name).decoded")
        #expect(zip(inputs, decoded).allSatisfy { Self.same(type.decode(type.encode($0)), $1) })
      }
    }
  }
}
