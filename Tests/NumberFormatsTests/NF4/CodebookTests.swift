import NumberFormats
import TestSupport
import Testing

@Suite struct CodebookTests {
  static let all: [Codebook] = [.nf4, .bitsandbytesFP4, .dynamic8]

  @Test(arguments: all)
  func `every value has its code, and midpoints go to the lower value`(book: Codebook) {
    let sorted = book.values.indices.sorted { (book.values[$0], $0) < (book.values[$1], $1) }
    for index in sorted.indices {
      let value = book.values[sorted[index]]
      #expect(book.values[Int(book.code(of: value))] == value)
      guard index + 1 < sorted.count, book.values[sorted[index + 1]] > value else { continue }
      let middle = (value + book.values[sorted[index + 1]]) * 0.5
      #expect(book.code(of: middle) == UInt8(sorted[index]), "\(middle)")
      #expect(book.code(of: middle.nextDown) == UInt8(sorted[index]), "\(middle)")
      #expect(book.code(of: middle.nextUp) == UInt8(sorted[index + 1]), "\(middle)")
    }
    #expect(book.values[Int(book.code(of: 2))] == 1)
    #expect(book.values[Int(book.code(of: -2))] == book.values.min())
  }

  @Test(arguments: all)
  func `the widest half gap bounds every error in −1…1`(book: Codebook) {
    let seed: UInt64 = 51
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let value = Float.random(in: -1...1, using: &random)
      let error = abs(book.values[Int(book.code(of: value))] - value)
      #expect(error <= book.widestHalfGap * (1 + 0x1p-20), "seed \(seed): \(value)")
    }
  }

  @Test func `the 8-bit numbers are distinct, signed and reach 1`() {
    let values = Codebook.dynamic8.values
    #expect(values.count == 256 && Set(values).count == 256)
    #expect(values.filter { $0 > 0 }.count == 128 && values.max() == 1)
    #expect(values.contains(0) && values.min() == -values.sorted()[254])
  }
}
