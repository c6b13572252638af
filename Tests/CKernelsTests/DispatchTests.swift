import CKernels
import Testing

@Suite struct DispatchTests {
  @Test func `the scalar kernels exist on every machine`() {
    var kernels = qg_kernels()
    #expect(qg_kernels_for(QG_ISA_SCALAR, &kernels) == 1)
    #expect(kernels.isa == QG_ISA_SCALAR)
  }

  @Test(arguments: InstructionSet.allCases)
  func `a set is available exactly up to the detected one, and names itself`(
    _ set: InstructionSet
  ) {
    var kernels = qg_kernels()
    let available = qg_kernels_for(set.code, &kernels) == 1
    let best = qg_isa_detect()
    let isOfBest = set.code == QG_ISA_SCALAR || Self.isArm(set.code) == Self.isArm(best)
    #expect(available == (isOfBest && set.code.rawValue <= best.rawValue))
    if available { #expect(kernels.isa == set.code) }
  }

  @Test(arguments: InstructionSet.allCases)
  func `names and sets correspond`(_ set: InstructionSet) {
    var found = QG_ISA_SCALAR
    #expect(qg_isa_named(set.testDescription, &found) == 1)
    #expect(found == set.code)
  }

  @Test(arguments: ["", "avx", "AVX2", "avx512-vnni ", "neon-sve"])
  func `an unknown name is refused`(_ name: String) {
    var found = QG_ISA_AVX2
    #expect(qg_isa_named(name, &found) == 0)
    #expect(found == QG_ISA_AVX2)
  }

  @Test(arguments: InstructionSet.allCases)
  func `every entry of the table is filled`(_ set: InstructionSet) throws {
    let pointers = Self.pointers(try set.kernels())
    #expect(pointers.allSatisfy { $0 != 0 })
    #expect(pointers.count == 52, "a new kernel needs a test of its bits beside these")
  }

  @Test func `names follow the table and end with it`() throws {
    let count = Self.pointers(try InstructionSet.scalar.kernels()).count
    let names = (0..<count).compactMap { qg_kernel_name($0).map { String(cString: $0) } }
    #expect(names.count == count)
    #expect(Set(names).count == count)
    #expect(names.first == "gemm_f32")
    #expect(qg_kernel_name(count) == nil)
  }

  @Test func `vector sets run vector code`() throws {
    let scalar = Self.pointers(try InstructionSet.scalar.kernels())
    let set = Self.isArm(qg_isa_detect()) ? InstructionSet.neon : .avx2
    let vector = Self.pointers(try set.kernels())
    let shared = zip(scalar, vector).count { $0 == $1 }
    #expect(shared == 2, "only the two copies of patches are shared")
  }

  private static func isArm(_ isa: qg_isa) -> Bool { isa.rawValue >= QG_ISA_NEON.rawValue }

  private static func pointers(_ kernels: qg_kernels) -> [UInt] {
    withUnsafeBytes(of: kernels) { Array($0.bindMemory(to: UInt.self).dropFirst()) }
  }
}
