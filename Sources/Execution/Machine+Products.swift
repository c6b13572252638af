import CKernels
import Graphs

extension Machine {
  /// Examples are the rows. Few examples: the team splits outputs; many: it splits rows.
  func linear(_ product: Product, _ share: Share) {
    let operand = UnsafeRawPointer(addresses[product.operand])
    let splitsRows = share.examples >= share.members
    let rows = splitsRows ? share.part(of: share.examples) : 0..<share.examples
    let slabs = splitsRows ? 0..<product.slabs : share.part(of: product.slabs)
    let offset = rows.lowerBound * product.outputs * product.form.elementSize
    multiply(
      product,
      rows: Rows(
        address: operand + rows.lowerBound * product.length * product.operandSize,
        stride: product.length, count: rows.count,
        affines: affine(of: product.affine, example: rows.lowerBound),
        affineStep: affineStep(of: product.affine)),
      into: addresses[product.result] + offset, slabs: slabs)
  }

  /// The products of some examples with all outputs.
  func multiply(_ product: Product, examples: Range<Int>) {
    let stride = product.operandStride ?? product.length
    multiply(
      product,
      rows: Rows(
        address: UnsafeRawPointer(addresses[product.operand])
          + examples.lowerBound * stride * product.operandSize,
        stride: stride, count: examples.count,
        affines: affine(of: product.affine, example: examples.lowerBound),
        affineStep: affineStep(of: product.affine)),
      into: addresses[product.result] + examples.lowerBound * product.outputs * 4,
      slabs: 0..<product.slabs)
  }

  /// The products of some rows, with one set of parameters each or all, with some slabs; `result` is the place
  /// of the first row.
  func multiply(
    _ product: Product, rows: Range<Int>, into result: UnsafeMutableRawPointer, slabs: Range<Int>
  ) {
    multiply(
      product,
      rows: Rows(
        address: UnsafeRawPointer(addresses[product.operand])
          + rows.lowerBound * product.length * product.operandSize,
        stride: product.length, count: rows.count,
        affines: affine(of: product.affine, example: rows.lowerBound),
        affineStep: affineStep(of: product.affine)),
      into: result, slabs: slabs)
  }

  /// Output pixels are the rows; the team splits output rows of images.
  func convolution(_ product: Product, _ patches: Patches, _ share: Share) {
    guard let buffer = patches.buffer else {
      return forEachRows(of: patches.window, share) { window, example in
        let pixel = (example * window.height + window.row_begin) * window.width
        multiply(
          product, patches.window, rowsOf: window, example: example,
          at: UnsafeRawPointer(addresses[product.operand])
            + pixel * product.length * product.operandSize, stride: product.length)
      }
    }
    // Each thread has its own part of the patch buffer, so none waits for another.
    let members = min(share.members, patches.capacity)
    guard share.member < members else { return }
    let capacity = patches.capacity / members
    let rowBytes = patches.window.out_width * patches.stride * product.operandSize
    let scratch = addresses[buffer] + share.member * capacity * rowBytes
    let ownShare = Share(member: share.member, members: members, examples: share.examples)
    forEachRows(of: patches.window, ownShare, atMost: capacity) { window, example in
      gather(product, patches, window, example: example, into: scratch, rowBytes: rowBytes)
      multiply(
        product, patches.window, rowsOf: window, example: example, at: scratch,
        stride: patches.stride)
    }
  }

  /// Writes the patches of `window`'s output rows to `scratch`.
  private func gather(
    _ product: Product, _ patches: Patches, _ window: qg_window, example: Int,
    into scratch: UnsafeMutableRawPointer, rowBytes: Int
  ) {
    var arguments = qg_patches_args(
      window: window,
      in: addresses[product.operand] + example * window.inputCount * product.operandSize,
      // The kernel addresses rows from the top of the image.
      out: scratch - window.row_begin * rowBytes, out_stride: patches.stride, fill: 0,
      transposed: patches.isTransposed ? 1 : 0)
    if let affine = affine(of: product.affine, example: example) {
      arguments.fill = UInt8(truncatingIfNeeded: affine.pointee.zero_point)
      kernels.patches_u8(&arguments)
    } else {
      kernels.patches_f32(&arguments)
    }
  }

  private func multiply(
    _ product: Product, _ whole: qg_window, rowsOf window: qg_window, example: Int,
    at address: UnsafeRawPointer, stride: Int
  ) {
    let pixel = (example * whole.out_height + window.row_begin) * whole.out_width
    multiply(
      product,
      rows: Rows(
        address: address, stride: stride,
        count: (window.row_end - window.row_begin) * whole.out_width,
        affines: affine(of: product.affine, example: example), affineStep: 0),
      into: addresses[product.result] + pixel * product.outputs * product.form.elementSize,
      slabs: 0..<product.slabs)
  }

  /// The affine parameters of one example's operand, or `nil` for fp32.
  func affine(of operand: OperandAffine, example: Int) -> UnsafePointer<qg_affine>? {
    switch operand {
    case .none: nil
    case .fixed(let affine): affine
    case .perExample(let buffer): UnsafePointer(affines(buffer) + example)
    }
  }

  private func affineStep(of operand: OperandAffine) -> Int {
    if case .perExample = operand { 1 } else { 0 }
  }
}

/// Rows of the left operand of a matrix product.
private struct Rows: BitwiseCopyable {
  let address: UnsafeRawPointer
  /// Elements between rows.
  let stride: Int
  let count: Int
  /// `nil` for fp32.
  let affines: UnsafePointer<qg_affine>?
  /// 1 when every row has its own parameters, else 0.
  let affineStep: Int
}

extension Machine {
  /// Multiplies `rows` with the slabs' outputs; `result` is the first row's first output.
  private func multiply(
    _ product: Product, rows: Rows, into result: UnsafeMutableRawPointer, slabs: Range<Int>
  ) {
    guard !slabs.isEmpty, rows.count > 0 else { return }
    let first = slabs.lowerBound * Product.slabWidth
    let columns = first..<min(product.outputs, slabs.upperBound * Product.slabWidth)
    switch product.matrix {
    case .float32(let panels): multiplyFloat(product, panels, rows, result, columns)
    case .bfloat16(let panels): multiplyBFloat16(product, panels, rows, result, columns)
    case .int8Groups(let panels, let groups):
      multiplyInt8Groups(product, panels, groups, rows, result, columns)
    case .int8(let panels, let scaling):
      multiplyInt8(product, panels, scaling, rows, result, columns)
    case .int4(let panels, let group):
      multiplyInt4(product, panels, group, rows, result, columns)
    case .blocks(let panels, let kernel, let panelBytes):
      let first = columns.lowerBound / Int(QG_PANEL) * panelBytes
      multiplyBlocks(product, panels + first, kernel, rows, result, columns)
    }
  }

  private func multiplyFloat(
    _ product: Product, _ panels: UnsafePointer<Float>, _ rows: Rows,
    _ result: UnsafeMutableRawPointer, _ columns: Range<Int>
  ) {
    var arguments = qg_gemm_f32_args(
      m: rows.count, n: columns.count, k: product.length,
      a: rows.address.assumingMemoryBound(to: Float.self), a_stride: rows.stride,
      panels: panels + columns.lowerBound * product.length,
      bias: product.bias.map { $0 + columns.lowerBound },
      c: result.assumingMemoryBound(to: Float.self) + columns.lowerBound,
      c_stride: product.outputs, bounds: product.bounds)
    kernels.gemm_f32(&arguments)
  }

  private func multiplyInt8(
    _ product: Product, _ panels: UnsafePointer<Int8>, _ scaling: Int8Columns, _ rows: Rows,
    _ result: UnsafeMutableRawPointer, _ columns: Range<Int>
  ) {
    let first = columns.lowerBound
    var arguments = qg_gemm_u8s8_args(
      m: rows.count, n: columns.count, k: product.length,
      a: rows.address.assumingMemoryBound(to: UInt8.self), a_stride: rows.stride,
      rows: rows.affines, row_step: rows.affineStep,
      panels: panels + first * ((product.length + 3) / 4 * 4), weight_sums: scaling.sums + first,
      weight_zero: scaling.zeros.map { $0 + first }, weight_scale: scaling.scales + first,
      bias: product.bias.map { $0 + first },
      output: product.form.destination(result, column: first, stride: product.outputs),
      bounds: product.bounds)
    kernels.gemm_u8s8(&arguments)
  }

  private func multiplyInt4(
    _ product: Product, _ panels: UnsafePointer<UInt8>, _ group: Int, _ rows: Rows,
    _ result: UnsafeMutableRawPointer, _ columns: Range<Int>
  ) {
    let first = columns.lowerBound
    var arguments = qg_gemm_u8u4_args(
      m: rows.count, n: columns.count, k: product.length, group: group,
      a: rows.address.assumingMemoryBound(to: UInt8.self), a_stride: rows.stride,
      rows: rows.affines, row_step: rows.affineStep,
      panels: panels + qg_packed_u4_bytes(first, product.length, group),
      bias: product.bias.map { $0 + first },
      output: product.form.destination(result, column: first, stride: product.outputs),
      bounds: product.bounds)
    kernels.gemm_u8u4(&arguments)
  }
}

extension Machine {
  private func multiplyBFloat16(
    _ product: Product, _ panels: UnsafePointer<UInt16>, _ rows: Rows,
    _ result: UnsafeMutableRawPointer, _ columns: Range<Int>
  ) {
    let first = columns.lowerBound
    var arguments = qg_gemm_bf16_args(
      m: rows.count, n: columns.count, k: product.length,
      a: rows.address.assumingMemoryBound(to: Float.self), a_stride: rows.stride,
      panels: panels + first * product.length, bias: product.bias.map { $0 + first },
      c: result.assumingMemoryBound(to: Float.self) + first, c_stride: product.outputs,
      bounds: product.bounds)
    kernels.gemm_bf16(&arguments)
  }

  private func multiplyInt8Groups(
    _ product: Product, _ panels: UnsafePointer<UInt8>, _ groups: Int8Groups, _ rows: Rows,
    _ result: UnsafeMutableRawPointer, _ columns: Range<Int>
  ) {
    let first = columns.lowerBound
    var arguments = qg_gemm_u8s8g_args(
      m: rows.count, n: columns.count, k: product.length, group: groups.size,
      a: rows.address.assumingMemoryBound(to: UInt8.self), a_stride: rows.stride,
      rows: rows.affines, row_step: rows.affineStep,
      panels: panels + first / Int(QG_PANEL) * groups.panelBytes,
      zeros: groups.zeros.map { $0 + first * groups.count },
      bias: product.bias.map { $0 + first },
      output: product.form.destination(result, column: first, stride: product.outputs),
      bounds: product.bounds)
    kernels.gemm_u8s8g(&arguments)
  }

  /// `panels` begins with those of `columns`.
  private func multiplyBlocks(
    _ product: Product, _ panels: UnsafePointer<UInt8>, _ kernel: BlockKernel, _ rows: Rows,
    _ result: UnsafeMutableRawPointer, _ columns: Range<Int>
  ) {
    let first = columns.lowerBound
    var arguments = qg_gemm_blocks_args(
      m: rows.count, n: columns.count, k: product.length,
      a: rows.address.assumingMemoryBound(to: UInt8.self), a_stride: rows.stride,
      rows: rows.affines, row_step: rows.affineStep, panels: panels,
      bias: product.bias.map { $0 + first },
      output: product.form.destination(result, column: first, stride: product.outputs),
      bounds: product.bounds)
    switch kernel {
    case .q4_0: kernels.gemm_u8_q4_0(&arguments)
    case .q8_0: kernels.gemm_u8_q8_0(&arguments)
    case .q4_k: kernels.gemm_u8_q4_k(&arguments)
    case .q6_k: kernels.gemm_u8_q6_k(&arguments)
    case .mxfp4: kernels.gemm_u8_mxfp4(&arguments)
    case .nf4: kernels.gemm_u8_nf4(&arguments)
    }
  }
}

extension ResultForm {
  /// The kernel's view of a result that begins at `address`, from `column` on.
  func destination(
    _ address: UnsafeMutableRawPointer, column: Int, stride: Int
  ) -> qg_output {
    switch self {
    case .float:
      qg_output(
        f32: address.assumingMemoryBound(to: Float.self) + column, u8: nil, stride: stride,
        quantize: qg_affine(scale: 1, zero_point: 0))
    case .codes(let affine):
      qg_output(
        f32: nil, u8: address.assumingMemoryBound(to: UInt8.self) + column, stride: stride,
        quantize: affine)
    }
  }
}
