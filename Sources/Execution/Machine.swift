import CKernels

/// One thread's part of a run.
struct Share: BitwiseCopyable {
  /// 0 for the caller.
  let member: Int
  /// Threads that share the work.
  let members: Int
  /// Examples in this run.
  let examples: Int

  /// This thread's part of `count` things, in whole units. Depends on nothing but the arguments.
  func part(of count: Int, unit: Int = 1) -> Range<Int> {
    if members == 1 { return 0..<count }
    let units = (count + unit - 1) / unit
    return min(
      count, units * member / members * unit)..<min(count, units * (member + 1) / members * unit)
  }
}

/// Kernels and buffer addresses: what a step needs to execute.
struct Machine: BitwiseCopyable {
  /// Elements per unit of an element-wise split: a cache line of codes.
  static let elementUnit = 64

  let kernels: qg_kernels
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// `nil` where rows are independent examples.
  let sequences: UnsafeMutablePointer<SequenceState>?

  func floats(_ buffer: BufferID) -> UnsafeMutablePointer<Float> {
    addresses[buffer].assumingMemoryBound(to: Float.self)
  }

  func codes(_ buffer: BufferID) -> UnsafeMutablePointer<UInt8> {
    addresses[buffer].assumingMemoryBound(to: UInt8.self)
  }

  func affines(_ buffer: BufferID) -> UnsafeMutablePointer<qg_affine> {
    addresses[buffer].assumingMemoryBound(to: qg_affine.self)
  }

  /// Executes one thread's part of one step.
  func execute(_ step: Step, _ share: Share) {
    switch step {
    case .linear(let product): linear(product, share)
    case .convolution(let product, let patches): convolution(product, patches, share)
    case .recur(let steps): recur(steps, share)
    case .directConvolution(let product, let window): directConvolution(product, window, share)
    case .depthwiseFloat(let depthwise): self.depthwise(depthwise, share)
    case .depthwiseInteger(let depthwise): self.depthwise(depthwise, share)
    case .quantizeDynamic(let quantization): quantizeDynamic(quantization, share)
    case .dequantizeDynamic(let dequantization): dequantizeDynamic(dequantization, share)
    case .maximumPoolFloat(let pooling):
      forEachRows(of: pooling.window, share) { window, example in
        kernels.max_pool_f32(
          &window, floats(pooling.source) + example * window.inputCount,
          floats(pooling.result) + example * window.outputCount)
      }
    case .maximumPoolCodes(let pooling):
      forEachRows(of: pooling.window, share) { window, example in
        kernels.max_pool_u8(
          &window, codes(pooling.source) + example * window.inputCount,
          codes(pooling.result) + example * window.outputCount)
      }
    case .averagePoolFloat(let pooling):
      forEachRows(of: pooling.window, share) { window, example in
        kernels.average_pool_f32(
          &window, floats(pooling.source) + example * window.inputCount,
          floats(pooling.result) + example * window.outputCount)
      }
    case .averagePoolCodes(let pooling, let from, let to):
      forEachRows(of: pooling.window, share) { window, example in
        kernels.average_pool_u8(
          &window, codes(pooling.source) + example * window.inputCount, from, to,
          codes(pooling.result) + example * window.outputCount)
      }
    case .tensor(let step): tensor(step, share)
    case .embed, .addPositions, .turn, .remember, .attend, .selectTokens: sequence(step, share)
    case .route, .group, .gather, .multiplyExperts, .mix: experts(step, share)
    default: elementwise(step, share)
    }
  }

  /// Calls `body` for this thread's output rows, one example at a time; the window says which rows.
  func forEachRows(
    of whole: qg_window, _ share: Share, atMost limit: Int = .max,
    _ body: (inout qg_window, _ example: Int) -> Void
  ) {
    let rows = whole.out_height
    let part = share.part(of: share.examples * rows)
    var window = whole
    var position = part.lowerBound
    while position < part.upperBound {
      let (example, row) = position.quotientAndRemainder(dividingBy: rows)
      window.row_begin = row
      window.row_end = row + min(part.upperBound - position, rows - row, limit)
      body(&window, example)
      position += window.row_end - window.row_begin
    }
  }
}
