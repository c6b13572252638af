import CKernels
import Testing

@Suite struct DispatchTests {
  @Test func `the scalar kernels exist on every machine`() {
    var kernels = qg_kernels()
    #expect(qg_kernels_for(QG_ISA_SCALAR, &kernels) == 1)
    #expect(kernels.isa == QG_ISA_SCALAR)
  }
}
