import NumberFormats
import TestSupport
import Testing

@Suite struct PackedCodesTests {
  static func matrix(_ codes: [Int8], rows: Int, columns: Int, bits: Int) -> QuantizedMatrix {
    QuantizedMatrix(
      rows: rows, columns: columns, bits: bits, granularity: .tensor, codes: codes,
      parameters: [AffineParameters(scale: 1, zeroPoint: 0)])
  }

  @Test func `the even column lies in the low half and rows begin on a byte`() {
    let matrix = Self.matrix([1, -8, 7, -1, 0, 5], rows: 2, columns: 3, bits: 4)
    #expect(matrix.packedCodes() == [0x81, 0x07, 0x0F, 0x05])
    #expect(
      Self.matrix([-128, 127], rows: 1, columns: 2, bits: 8).packedCodes() == [0x80, 0x7F])
  }

  @Test func `packing and unpacking give the codes back, and as many bytes as are counted`() throws
  {
    let seed: UInt64 = 3
    var random = SeededGenerator(seed: seed)
    for bits in [4, 8] {
      for columns in 0...9 {
        let range: ClosedRange<Int8> = bits == 4 ? -8...7 : -128...127
        let codes = (0..<3 * columns).map { _ in Int8.random(in: range, using: &random) }
        let matrix = Self.matrix(codes, rows: 3, columns: columns, bits: bits)
        let packed = matrix.packedCodes()
        // storedBytes adds the one scale.
        #expect(packed.count + 4 == matrix.storedBytes)
        let unpacked = try QuantizedMatrix.unpackCodes(
          packed, rows: 3, columns: columns, bits: bits, tensor: "w")
        #expect(unpacked == codes, "seed \(seed), \(bits) bits, \(columns) columns")
      }
    }
  }

  @Test func `a wrong length is refused`() {
    #expect(throws: FormatError.packedBytes(tensor: "w", expected: 4, found: 3)) {
      try QuantizedMatrix.unpackCodes([1, 2, 3], rows: 2, columns: 3, bits: 4, tensor: "w")
    }
  }

  @Test func `a padding half that is not zero is refused`() {
    let error = #expect(throws: FormatError.padding(tensor: "w", byte: 3)) {
      try QuantizedMatrix.unpackCodes(
        [0x81, 0x07, 0x0F, 0x15], rows: 2, columns: 3, bits: 4, tensor: "w")
    }
    #expect(
      error?.description == "w: byte 3: expected zero in the unused half, found something else")
  }
}
