import CMath
import Foundation
import Testing

@Suite struct GoldenTableTests {
  private struct Row {
    let name: String
    let arguments: [UInt64]
    let expected: UInt64
  }

  private static func rows() throws -> [Row] {
    let url = try #require(
      Bundle.module.url(
        forResource: "functions", withExtension: "txt", subdirectory: "Goldens"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
      let fields = line.split(separator: " ")
      let bits = try fields.dropFirst().map { try #require(UInt64($0, radix: 16)) }
      return Row(
        name: String(fields[0]), arguments: Array(bits.dropLast()),
        expected: try #require(bits.last))
    }
  }

  @Test func `every function is within its tolerance of the correctly rounded result`() throws {
    let rows = try Self.rows()
    for function in ElementaryFunction.all {
      let own = rows.filter { $0.name == function.name }
      #expect(own.count >= 70, "\(function.name)")
      for row in own {
        let found = function.apply(row.arguments)
        let distance = function.distance(found, row.expected)
        let place = row.arguments.map { String($0, radix: 16) }
        #expect(
          distance.map { $0 <= function.tolerance } == true,
          "\(function.name)(\(place)): \(String(found, radix: 16))")
      }
    }
    #expect(Set(rows.map(\.name)) == Set(ElementaryFunction.all.map(\.name)))
  }

  @Test func `two numbers apart is a distance of two, and a sign or a NaN is none`() throws {
    let exp = try #require(ElementaryFunction.all.first)
    #expect(exp.distance(1.0.bitPattern, 1.0.bitPattern + 2) == 2)
    #expect(exp.distance(1.0.bitPattern, (-1.0).bitPattern) == nil)
    #expect(exp.distance(Double.nan.bitPattern, 1.0.bitPattern) == nil)
  }

  /// The same on every machine: a change of these numbers is a change of every result that depends
  /// on the function.
  @Test func `the bits over the golden inputs are the recorded ones`() throws {
    let recorded: [String: UInt64] = [
      "exp": 0xC3A2_1181_F791_6776, "log": 0x95DE_36E6_64E1_9752, "sin": 0x0B59_A78C_2711_345B,
      "cos": 0xEF35_2617_9372_3837, "tanh": 0xC023_893C_F9C9_1C1F, "erf": 0xBFD0_1AEF_6794_F213,
      "pow": 0x0B29_10F7_B4F1_E702, "expf": 0x8CCC_5077_C187_0201,
      "logf": 0xC277_1D6A_6F03_DA35, "tanhf": 0x2F09_8E76_ADCF_6827,
      "erff": 0xF9FD_247B_2673_768C, "rsqrtf": 0x3B5B_628E_45D2_BD08,
    ]
    let rows = try Self.rows()
    for function in ElementaryFunction.all {
      var digest: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a over 64-bit words
      for row in rows where row.name == function.name {
        digest = (digest ^ function.apply(row.arguments)) &* 0x0000_0100_0000_01B3
      }
      #expect(
        digest == recorded[function.name], "\"\(function.name)\": 0x\(String(digest, radix: 16))")
    }
  }
}
