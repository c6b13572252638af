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

  @Test func `a row is a stream of bits, lowest first, of two's complement codes`() throws {
    let seed: UInt64 = 4
    var random = SeededGenerator(seed: seed)
    for bits in 2...8 {
      for columns in [1, 3, 8, 11] {
        let end = 1 << (bits - 1)
        let codes = (0..<2 * columns).map { _ in
          Int8.random(in: Int8(-end)...Int8(end - 1), using: &random)
        }
        let packed = Self.matrix(codes, rows: 2, columns: columns, bits: bits).packedCodes()
        let rowBytes = packed.count / 2
        for row in 0..<2 {
          let stream = (0..<8 * rowBytes).map {
            packed[row * rowBytes + $0 / 8] >> UInt8($0 % 8) & 1
          }
          for column in 0..<columns {
            var code = 0
            for bit in 0..<bits { code += Int(stream[column * bits + bit]) << bit }
            if code >= end { code -= 2 * end }
            #expect(code == Int(codes[row * columns + column]), "seed \(seed), \(bits) bits")
          }
          #expect(stream[(columns * bits)...].allSatisfy { $0 == 0 }, "seed \(seed), \(bits) bits")
        }
      }
    }
  }

  @Test func `codes of 3 bits cross from byte to byte`() {
    // 1, −4, 3, −1, 2: 001 100 011 111 010, lowest bits first.
    let matrix = Self.matrix([1, -4, 3, -1, 2], rows: 1, columns: 5, bits: 3)
    #expect(matrix.packedCodes() == [0b1110_0001, 0b0010_1110])
  }

  @Test func `packing and unpacking give the codes back, and as many bytes as are counted`() throws
  {
    let seed: UInt64 = 3
    var random = SeededGenerator(seed: seed)
    for bits in 2...8 {
      for columns in 0...9 {
        let end = 1 << (bits - 1)
        let range = Int8(-end)...Int8(end - 1)
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

  @Test(arguments: [(Int.max, 3), (3, Int.max), (1 << 40, 1 << 40), (-2, -2), (-1, 4)])
  func `sizes beyond what can be counted are refused`(_ rows: Int, _ columns: Int) {
    for bits in 2...8 {
      #expect(throws: FormatError.self) {
        try QuantizedMatrix.unpackCodes(
          [1, 2, 3, 4], rows: rows, columns: columns, bits: bits, tensor: "w")
      }
    }
  }

  @Test func `a wrong length is refused`() {
    #expect(throws: FormatError.packedBytes(tensor: "w", expected: 4, found: 3)) {
      try QuantizedMatrix.unpackCodes([1, 2, 3], rows: 2, columns: 3, bits: 4, tensor: "w")
    }
  }

  @Test func `padding bits that are not zero are refused`() {
    let error = #expect(throws: FormatError.padding(tensor: "w", byte: 3)) {
      try QuantizedMatrix.unpackCodes(
        [0x81, 0x07, 0x0F, 0x15], rows: 2, columns: 3, bits: 4, tensor: "w")
    }
    #expect(
      error?.description == "w: byte 3: expected zero in the unused bits, found something else")
    #expect(throws: FormatError.padding(tensor: "w", byte: 1)) {
      try QuantizedMatrix.unpackCodes(
        [0xFF, 0x80], rows: 1, columns: 5, bits: 3, tensor: "w")
    }
  }
}
