import CKernels
import Testing

/// The kernel sets of the table.
enum InstructionSet: CaseIterable, CustomTestStringConvertible {
  case scalar, avx2, avx512, avx512VNNI, neon, neonDotProduct

  /// Its value in C.
  var code: qg_isa {
    switch self {
    case .scalar: QG_ISA_SCALAR
    case .avx2: QG_ISA_AVX2
    case .avx512: QG_ISA_AVX512
    case .avx512VNNI: QG_ISA_AVX512_VNNI
    case .neon: QG_ISA_NEON
    case .neonDotProduct: QG_ISA_NEON_DOTPROD
    }
  }

  var testDescription: String { String(cString: qg_isa_name(code)) }

  /// Its kernels; cancels the test case, by name, on a processor that lacks them.
  func kernels() throws -> qg_kernels {
    var kernels = qg_kernels()
    if qg_kernels_for(code, &kernels) == 0 {
      try Test.cancel("this processor lacks \(testDescription)")
    }
    return kernels
  }
}
