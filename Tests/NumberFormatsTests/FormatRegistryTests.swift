import NumberFormats
import TestSupport
import Testing

@Suite struct FormatRegistryTests {
  @Test func `names are unique and lead to their format`() {
    #expect(Set(FormatRegistry.names).count == FormatRegistry.all.count)
    #expect(Set(FormatRegistry.names).isSuperset(of: ["fp32", "int8", "int4", "bf16", "fp8-e4m3"]))
    for name in FormatRegistry.names {
      #expect(FormatRegistry.format(named: name)?.name == name)
    }
    #expect(FormatRegistry.format(named: "int5") == nil)
  }

  @Test func `the integer formats keep their error bound`() throws {
    let seed: UInt64 = 12
    var random = SeededGenerator(seed: seed)
    let values = (0..<64).map { _ in Float.random(in: -1...1, using: &random) }
    let matrix = FloatMatrix(name: "w", rows: 4, columns: 16, values: values)
    for format in FormatRegistry.all where format is Float32Format || format is AffineFormat {
      let approximation = try format.approximation(
        of: matrix, grouping: Grouping(.tensor, symmetric: true))
      // The scale of a symmetric tensor of magnitude at most 1.
      let scale = 1 / Float((1 << (min(format.bits, 8) - 1)) - 1)
      for (value, approximate) in zip(values, approximation) {
        #expect(abs(value - approximate) <= format.errorBound(scale: scale), "\(format.name)")
      }
      #expect((format.rounding == .exact) == (format.bits == 32))
    }
  }

  @Test func `every format says where it is defined`() {
    for format in FormatRegistry.all {
      #expect(!format.source.isEmpty, "\(format.name)")
    }
  }
}
