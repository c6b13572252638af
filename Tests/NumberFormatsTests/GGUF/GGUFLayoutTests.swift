import NumberFormats
import Testing

@Suite struct GGUFLayoutTests {
  @Test func `blocks have ggml's sizes and numbers, and their fields fill them`() {
    for (format, elements, bytes, type) in GGUFFormats.facts {
      #expect(format.blockElements == elements, "\(format.name)")
      #expect(format.blockBytes == bytes, "\(format.name)")
      #expect(format.ggufType == type, "\(format.name)")
      #expect(format.layout.reduce(0) { $0 + $1.bytes } == bytes, "\(format.name)")
      #expect(Set(format.layout.map(\.name)).count == format.layout.count, "\(format.name)")
      let registered = FormatRegistry.format(named: format.name) as? any BlockFormat
      #expect(registered?.ggufType == type, "\(format.name)")
      #expect(format.source.contains("ggml"))
    }
    #expect(Set(GGUFFormats.facts.map(\.type)).count == 16)
  }

  @Test func `scales are part of the bits per weight`() {
    func bits(_ format: some BlockFormat) -> Double {
      format.bitsPerWeight(rows: 2, columns: 256, grouping: Grouping(.channel, symmetric: true))
    }
    #expect(bits(GGUF.Q4_0()) == 4.5 && bits(GGUF.Q4_1()) == 5)
    #expect(bits(GGUF.Q2_K()) == 2.625 && bits(GGUF.Q3_K()) == 3.4375)
    #expect(bits(GGUF.Q6_K()) == 6.5625 && bits(GGUF.IQ4_XS()) == 4.25)
    #expect(bits(GGUF.TQ1_0()) == 1.6875 && bits(GGUF.TQ2_0()) == 2.0625)
  }

  @Test(arguments: GGUFFormats.all) func `a row must be a whole number of blocks`(
    format: GGUFFormat
  ) throws {
    let elements = format.value.blockElements
    for columns in [1, elements - 1, elements + 1] {
      #expect(
        throws: FormatError.blockColumns(
          tensor: "w", format: format.value.name, multipleOf: elements, found: columns)
      ) { try format.encode([Float](repeating: 1, count: columns)) }
    }
    #expect(try format.encode([]).bytes == [])
    let short = format.value.blockBytes - 1
    #expect(
      throws: FormatError.packedBytes(tensor: "w", expected: short + 1, found: short)
    ) {
      try BlockMatrix(
        name: "w", format: format.value, rows: 1, columns: elements,
        bytes: [UInt8](repeating: 0, count: short))
    }
  }

  @Test(arguments: GGUFFormats.all) func `sizes beyond what can be counted are refused`(
    format: GGUFFormat
  ) {
    let huge = Int.max / 256 * 256
    for (rows, columns) in [(1, huge), (huge, 256), (1 << 40, 1 << 40), (-1, 256), (-1, -256)] {
      #expect(throws: FormatError.self) {
        try BlockMatrix(
          name: "w", format: format.value, rows: rows, columns: columns, bytes: [1, 2, 3])
      }
    }
  }
}
