import CKernels
import Graphs
import NumberFormats

extension Compiler {
  /// The bias of a node, padded to whole panels, or `nil` when it has none.
  mutating func bias(of node: Node) -> UnsafePointer<Float>? {
    guard let values = model.weights["\(node.name).bias"]?.values else { return nil }
    return weights.copy(values, padded: paddedOutputs(values.count))
  }

  /// The weight of a node, or of one expert, in the layout of the kernel that its arithmetic needs.
  mutating func pack(
    _ arithmetic: NodeArithmetic, of node: Node
  ) throws(ExecutionError) -> PackedMatrix {
    switch arithmetic {
    case .float32: packFloat(model.weights["\(node.name).weight"]?.values ?? [], of: node)
    case .bfloat16(let weight): pack(weight)
    case .reference(let weight, _): packFloat(weight.values, of: node)
    case .integer(let weight, _): pack(weight.bits > 4 ? weight.centred : weight, direct: nil)
    case .blocks(let weight, _): pack(weight, kernel(of: weight.format))
    case .codebook(let weight, _): pack(weight, kernel(of: weight.format))
    case .experts: throw .arithmeticMissing(node: node.name)
    }
  }

  private mutating func packFloat(_ values: [Float], of node: Node) -> PackedMatrix {
    let (rows, columns) = (graph.weightRows(of: node), graph.summationLength(of: node))
    let panels = weights.allocate(qg_packed_f32_count(rows, columns), of: Float.self)
    qg_pack_f32(values, rows, columns, columns, 1, panels)
    return .float32(UnsafePointer(panels))
  }

  /// A quantized matrix in the layout of its kernel; `window` is that of a direct convolution. Codes of up to 4
  /// bits are stored in 4, all others in 8.
  mutating func pack(_ matrix: QuantizedMatrix, direct window: qg_window?) -> PackedMatrix {
    if matrix.bits <= 4 { return packInt4(matrix) }
    if case .group(let size) = matrix.granularity, size < matrix.columns {
      return packInt8Groups(matrix, group: size)
    }
    return packInt8(matrix, direct: window)
  }

  /// Blocks in the layout of their kernel.
  mutating func pack(_ matrix: BlockMatrix, _ kernel: BlockKernel) -> PackedMatrix {
    matrix.withBytes { bytes in
      bytes.withUnsafeBytes {
        packBlocks(
          $0.assumingMemoryBound(to: UInt8.self), scales: [], kernel, rows: matrix.rows,
          columns: matrix.columns)
      }
    }
  }

  /// Codes of a codebook in the layout of their kernel; nested scales are decoded.
  mutating func pack(_ matrix: CodebookMatrix, _ kernel: BlockKernel) -> PackedMatrix {
    matrix.codes.withUnsafeBufferPointer {
      packBlocks(
        $0, scales: matrix.decodedScales(), kernel, rows: matrix.rows, columns: matrix.columns)
    }
  }

  /// `scales` are those of formats that keep them apart from the codes.
  private mutating func packBlocks(
    _ bytes: UnsafeBufferPointer<UInt8>, scales: [Float], _ kernel: BlockKernel, rows: Int,
    columns: Int
  ) -> PackedMatrix {
    let panel = Int(QG_PANEL)
    let count = (rows + panel - 1) / panel
    func packed(
      _ size: (Int, Int) -> Int,
      _ pack: (UnsafePointer<UInt8>?, Int, Int, UnsafeMutablePointer<UInt8>?) -> Void
    ) -> PackedMatrix {
      let panelBytes = size(panel, columns)
      let panels = weights.allocate(count * panelBytes, of: UInt8.self)
      pack(bytes.baseAddress, rows, columns, panels)
      return .blocks(UnsafePointer(panels), kernel, panelBytes: panelBytes)
    }
    return switch kernel {
    case .q4_0: packed(qg_packed_q4_0_bytes, qg_pack_q4_0)
    case .q8_0: packed(qg_packed_q8_0_bytes, qg_pack_q8_0)
    case .q4_k: packed(qg_packed_q4_k_bytes, qg_pack_q4_k)
    case .q6_k: packed(qg_packed_q6_k_bytes, qg_pack_q6_k)
    case .mxfp4: packed(qg_packed_mxfp4_bytes, qg_pack_mxfp4)
    case .nf4: packed(qg_packed_nf4_bytes) { qg_pack_nf4($0, scales, $1, $2, $3) }
    }
  }

  /// A bf16 matrix in the layout of its kernel.
  mutating func pack(_ matrix: BFloat16Matrix) -> PackedMatrix {
    let panels = weights.allocate(
      qg_packed_bf16_count(matrix.rows, matrix.columns), of: UInt16.self)
    qg_pack_bf16(matrix.codes, matrix.rows, matrix.columns, matrix.columns, 1, panels)
    return .bfloat16(UnsafePointer(panels))
  }

  private mutating func packInt8Groups(_ matrix: QuantizedMatrix, group: Int) -> PackedMatrix {
    let panels = weights.allocate(
      qg_packed_s8g_bytes(matrix.rows, matrix.columns, group), of: UInt8.self)
    // One pair of parameters per row and group, in this order.
    qg_pack_s8g(
      matrix.codes, matrix.parameters.map(\.scale), matrix.rows, matrix.columns, group, panels)
    let count = (matrix.columns + group - 1) / group
    return .int8Groups(
      UnsafePointer(panels),
      Int8Groups(
        size: group, count: count,
        panelBytes: qg_packed_s8g_bytes(Int(QG_PANEL), matrix.columns, group),
        zeros: groupZeros(of: matrix, count: count)))
  }

  /// Zero points per panel and group, or `nil` where all are 0, which spares the kernel the sums of operands.
  private mutating func groupZeros(of matrix: QuantizedMatrix, count: Int) -> UnsafePointer<Int8>? {
    guard matrix.hasZeroPoints else { return nil }
    let zeros = weights.allocate(qg_packed_zeros_bytes(matrix.rows, count), of: Int8.self)
    qg_pack_zeros(
      matrix.parameters.map { Int8(truncatingIfNeeded: $0.zeroPoint) }, matrix.rows, count, zeros)
    return UnsafePointer(zeros)
  }

  private mutating func packInt8(
    _ matrix: QuantizedMatrix, direct window: qg_window?
  ) -> PackedMatrix {
    let padded = paddedOutputs(matrix.rows)
    let sums = weights.allocate(padded, of: Int32.self)
    let panels: UnsafeMutablePointer<Int8>
    if var window {
      panels = weights.allocate(
        qg_packed_convolution_s8_bytes(matrix.rows, &window), of: Int8.self)
      qg_pack_convolution_s8(matrix.codes, matrix.rows, &window, panels, sums)
    } else {
      panels = weights.allocate(qg_packed_s8_bytes(matrix.rows, matrix.columns), of: Int8.self)
      qg_pack_s8(matrix.codes, matrix.rows, matrix.columns, panels, sums)
    }
    let affine = matrix.rowParameters
    return .int8(
      UnsafePointer(panels),
      Int8Columns(
        sums: UnsafePointer(sums), zeros: zeroPoints(of: affine, padded: padded),
        scales: weights.copy(affine.map(\.scale), padded: padded)))
  }

  private mutating func packInt4(_ matrix: QuantizedMatrix) -> PackedMatrix {
    let group = matrix.kernelGroup
    let panels = weights.allocate(
      qg_packed_u4_bytes(matrix.rows, matrix.columns, group), of: UInt8.self)
    // Stored codes are −8…7; the kernel's are 0…15. The same shift of the zero point keeps the value.
    let codes = matrix.codes.map { UInt8(truncatingIfNeeded: Int32($0) + 8) }
    let affine = (0..<matrix.rows).flatMap { row in
      stride(from: 0, to: matrix.columns, by: group).map {
        matrix.parameters[matrix.parameterIndex(row: row, column: $0)]
      }
    }
    let zeros = affine.map { UInt8(truncatingIfNeeded: $0.zeroPoint + 8) }
    qg_pack_u4(codes, affine.map(\.scale), zeros, matrix.rows, matrix.columns, group, panels)
    return .int4(UnsafePointer(panels), group: group)
  }

  /// Depthwise codes `[channels, taps]` as `[taps][channels]`.
  mutating func packDepthwise(_ matrix: QuantizedMatrix) -> DepthwiseColumns {
    let channels = matrix.rows
    let taps = matrix.columns
    let codes = weights.allocate(channels * taps, of: Int8.self)
    for channel in 0..<channels {
      for tap in 0..<taps { codes[tap * channels + channel] = matrix.codes[channel * taps + tap] }
    }
    let affine = matrix.rowParameters
    let padded = paddedOutputs(channels)
    return DepthwiseColumns(
      weights: UnsafePointer(codes), zeros: zeroPoints(of: affine, padded: padded),
      scales: weights.copy(affine.map(\.scale), padded: padded))
  }

  /// Zero points per output, or `nil` where all are 0, which spares the kernel a correction.
  private mutating func zeroPoints(
    of affine: [AffineParameters], padded: Int
  ) -> UnsafePointer<Int32>? {
    guard affine.contains(where: { $0.zeroPoint != 0 }) else { return nil }
    return weights.copy(affine.map(\.zeroPoint), padded: padded)
  }

  private func paddedOutputs(_ count: Int) -> Int {
    (count + Int(QG_PANEL) - 1) / Int(QG_PANEL) * Int(QG_PANEL)
  }
}

/// What the depthwise kernel reads of a weight.
struct DepthwiseColumns {
  let weights: UnsafePointer<Int8>
  let zeros: UnsafePointer<Int32>?
  let scales: UnsafePointer<Float>
}

extension QuantizedMatrix {
  /// One pair of parameters per row; groups, where there are any, hold a whole row.
  var rowParameters: [AffineParameters] {
    (0..<rows).map { parameters[parameterIndex(row: $0, column: 0)] }
  }

  /// Whether any zero point is not 0.
  var hasZeroPoints: Bool { parameters.contains { $0.zeroPoint != 0 } }

  /// The same numbers in codes of 8 bits with the zero point 0, which spare kernels a correction; narrower
  /// codes and their zero points differ by less than 128. Codes of 8 bits stay as they are.
  var centred: QuantizedMatrix {
    guard bits < 8 else { return self }
    let zeros = parameters.map(\.zeroPoint)
    return QuantizedMatrix(
      rows: rows, columns: columns, bits: 8, granularity: granularity, scaleType: scaleType,
      codes: codes.indices.map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: columns)
        return Int8(
          truncatingIfNeeded: Int32(codes[index])
            - zeros[parameterIndex(row: row, column: column)])
      },
      parameters: parameters.map { AffineParameters(scale: $0.scale, zeroPoint: 0) })
  }

  /// The group the int4 kernel is told: a multiple of 8, the whole row where a row has one scale.
  var kernelGroup: Int {
    if case .group(let size) = granularity, size < columns { size } else { (columns + 7) / 8 * 8 }
  }
}
