import CKernels
import TestSupport
import Testing

@Suite struct EmbeddingTests {
  @Test(
    arguments: InstructionSet.allCases, [QG_F32, QG_F16, QG_BF16, QG_S8])
  func `looking up has the bits of the definition`(
    _ set: InstructionSet, _ storage: qg_storage
  ) throws {
    let kernels = try set.kernels()
    for columns in raggedCounts {
      let seed = UInt64(columns) + 1
      var draws = SeededGenerator(seed: seed)
      let rows = 5
      let ids = draws.integers(7, in: Int32(0)...4)
      let outStride = columns + draws.pick([0, 3])
      let halves = draws.integers(rows * columns, in: UInt16.min...UInt16.max)
      let floats = draws.floats(rows * columns, special: true)
      let codes = draws.weights(rows * columns)
      let scales = draws.scales(rows)
      var expected = Sheet(count: ids.count * outStride, isFloat: true)
      let untouched = expected
      for (i, id) in ids.enumerated() {
        for c in 0..<columns {
          let at = Int(id) * columns + c
          let value: Float =
            switch storage {
            case QG_F32: floats[at]
            case QG_F16: Float(Float16(bitPattern: halves[at]))
            case QG_BF16: Float(bitPattern: UInt32(halves[at]) << 16)
            default: Float(codes[at]) * scales[Int(id)]
            }
          expected.set(i * outStride + c, canonical(value))
        }
      }
      let memory = Memory()
      let table: UnsafeRawPointer =
        switch storage {
        case QG_F32: UnsafeRawPointer(try memory.copy(floats))
        case QG_S8: UnsafeRawPointer(try memory.copy(codes))
        default: UnsafeRawPointer(try memory.copy(halves))
        }
      let (list, rowScales) = (try memory.copy(ids), try memory.copy(scales))
      for parts in 1...3 {
        let found = try untouched.written { out, _ in
          together(ranges(ids.count, parts: parts), isOn: columns > 60) { part in
            var arguments = qg_embedding_args(
              storage: storage, table: table, rows: rows, columns: columns,
              row_scale: storage == QG_S8 ? UnsafePointer(rowScales) : nil,
              ids: list + part.lowerBound, count: part.count,
              out: out.map { $0 + part.lowerBound * outStride }, out_stride: outStride)
            kernels.embedding(&arguments)
          }
        }
        #expect(expected.difference(from: found) == nil, "\(columns) columns, \(parts) parts")
      }
    }
  }
}
