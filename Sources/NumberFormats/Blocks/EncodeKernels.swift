import CKernels

/// A kernel that encodes many blocks at once, with the bits of its format's own encoder.
struct EncodeKernel: Sendable {
  private let encode:
    @Sendable (_ kernels: qg_kernels, UnsafePointer<Float>, Int, UnsafeMutableRawPointer) -> Int

  /// Encodes whole blocks of finite numbers.
  ///
  /// - Parameters:
  ///   - values: All numbers of `blocks` blocks.
  ///   - bytes: Room for as many.
  /// - Returns: How many blocks were encoded; fewer than `blocks` when the next one's scale overflows.
  func encode(_ values: Span<Float>, blocks: Int, into bytes: inout MutableRawSpan) -> Int {
    var kernels = qg_kernels()
    guard blocks > 0, qg_kernels_for(qg_isa_detect(), &kernels) != 0 else { return 0 }
    return values.withUnsafeBufferPointer { input in
      bytes.withUnsafeMutableBytes { out in
        guard let first = input.baseAddress, let start = out.baseAddress else { return 0 }
        return encode(kernels, first, blocks, start)
      }
    }
  }

  static let q4_0 = EncodeKernel { kernels, values, blocks, bytes in
    kernels.encode_q4_0(values, blocks, bytes.assumingMemoryBound(to: qg_block_q4_0.self))
  }
  static let q8_0 = EncodeKernel { kernels, values, blocks, bytes in
    kernels.encode_q8_0(values, blocks, bytes.assumingMemoryBound(to: qg_block_q8_0.self))
  }
  static let q4_k = EncodeKernel { kernels, values, blocks, bytes in
    kernels.encode_q4_k(values, blocks, bytes.assumingMemoryBound(to: qg_block_q4_k.self))
  }

  /// The kernel of a format, or `nil`: most formats are encoded by their own Swift.
  static func kernel(of format: some BlockFormat) -> EncodeKernel? {
    switch format {
    case is GGUF.Q4_0: .q4_0
    case is GGUF.Q8_0: .q8_0
    case is GGUF.Q4_K: .q4_k
    default: nil
    }
  }
}
