import CKernels

/// The instruction sets the kernels are written for; those of one architecture weakest first.
///
/// Every set computes the same bits; a choice changes speed only.
public enum InstructionSet: String, Hashable, Sendable, CaseIterable, Comparable,
  CustomStringConvertible
{
  /// Portable C.
  case scalar
  /// AVX2 and FMA.
  case avx2
  /// AVX-512 F, BW, DQ and VL.
  case avx512
  /// The above and VNNI.
  case avx512vnni = "avx512-vnni"
  /// AArch64's AdvSIMD.
  case neon
  /// The above and the dot products of ARMv8.2.
  case neonDotProduct = "neon-dotprod"

  /// The strongest set that this processor and operating system support.
  public static var best: InstructionSet { InstructionSet(qg_isa_detect()) }

  /// Makes this the strongest set that the process uses. For the start of a program, before it has threads.
  ///
  /// - Returns: Whether the machine has the set; nothing changes when it lacks it.
  public func limitProcess() -> Bool { kernels != nil && qg_isa_limit(code) != 0 }

  /// The sets this machine can run, weakest first.
  public static var available: [InstructionSet] { allCases.filter { $0.kernels != nil } }

  /// Whether this program's architecture has the set, though this processor may lack it.
  public var isOfThisArchitecture: Bool {
    self == .scalar || (code.rawValue >= QG_ISA_NEON.rawValue) == Self.isArm
  }

  private static var isArm: Bool {
    #if arch(arm64)
      true
    #else
      false
    #endif
  }

  /// The name scenario files use: `scalar`, `avx2`, `avx512`, `avx512-vnni`, `neon` or `neon-dotprod`.
  public var description: String { rawValue }

  /// Whether `left` is weaker than `right`, as far as both are of one architecture.
  public static func < (left: InstructionSet, right: InstructionSet) -> Bool {
    left.code.rawValue < right.code.rawValue
  }

  /// The kernels of this set, or `nil` when the machine lacks it.
  var kernels: qg_kernels? {
    var kernels = qg_kernels()
    return qg_kernels_for(code, &kernels) != 0 ? kernels : nil
  }

  private var code: qg_isa {
    switch self {
    case .scalar: QG_ISA_SCALAR
    case .avx2: QG_ISA_AVX2
    case .avx512: QG_ISA_AVX512
    case .avx512vnni: QG_ISA_AVX512_VNNI
    case .neon: QG_ISA_NEON
    case .neonDotProduct: QG_ISA_NEON_DOTPROD
    }
  }

  private init(_ code: qg_isa) {
    self =
      switch code {
      case QG_ISA_AVX2: .avx2
      case QG_ISA_AVX512: .avx512
      case QG_ISA_AVX512_VNNI: .avx512vnni
      case QG_ISA_NEON: .neon
      case QG_ISA_NEON_DOTPROD: .neonDotProduct
      default: .scalar
      }
  }
}
