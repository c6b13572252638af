import NumberFormats
import TestSupport
import Testing

@Suite struct FormatRegistryTests {
  @Test func `names are unique and lead to their format`() {
    #expect(FormatRegistry.names.prefix(3) == ["fp32", "int8", "int4"])
    #expect(Set(FormatRegistry.names).count == FormatRegistry.names.count)
    for name in FormatRegistry.names {
      #expect(FormatRegistry.format(named: name)?.name == name)
    }
    #expect(FormatRegistry.format(named: "int5.5") == nil)
  }

  @Test func `every format keeps its error bound`() throws {
    let seed: UInt64 = 12
    var random = SeededGenerator(seed: seed)
    let values = (0..<1024).map { _ in Float.random(in: -1...1, using: &random) }
    let matrix = FloatMatrix(name: "w", rows: 4, columns: 256, values: values)
    for format in FormatRegistry.all {
      let approximation = try format.approximation(
        of: matrix, grouping: Grouping(.tensor, symmetric: true))
      // The scale of a symmetric tensor of magnitude at most 1.
      let scale = 1 / Float((1 << (min(format.bits, 8) - 1)) - 1)
      for (value, approximate) in zip(values, approximation) {
        #expect(abs(value - approximate) <= format.errorBound(scale: scale), "\(format.name)")
      }
      #expect(!format.source.isEmpty)
      #expect((format.rounding == .exact) == (format.bits == 32))
    }
  }
}
