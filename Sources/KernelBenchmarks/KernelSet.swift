import CKernels

/// The kernels and the probes of one instruction set.
package struct KernelSet: Sendable {
  /// Its name: `scalar`, `avx2`, `avx512`, `avx512-vnni`.
  package let name: String
  let kernels: qg_kernels
  let limits: qg_limits

  /// Every member of the table of kernels.
  package static var kernelNames: [String] {
    var names: [String] = []
    while let name = qg_kernel_name(names.count) { names.append(String(cString: name)) }
    return names
  }

  /// Looks up the set called `name`.
  ///
  /// - Returns: `nil` for an unknown name and for a set the processor lacks.
  package init?(named name: String) {
    var isa = QG_ISA_SCALAR
    var kernels = qg_kernels()
    var limits = qg_limits()
    guard qg_isa_named(name, &isa) == 1, qg_kernels_for(isa, &kernels) == 1,
      qg_limits_for(isa, &limits) == 1
    else { return nil }
    self.name = name
    self.kernels = kernels
    self.limits = limits
  }
}

extension qg_output {
  /// fp32 values.
  static func values(_ values: UnsafeMutablePointer<Float>, stride: Int) -> qg_output {
    qg_output(f32: values, u8: nil, stride: stride, quantize: qg_affine(scale: 1, zero_point: 0))
  }
}

extension qg_bounds {
  /// Lets everything pass.
  static let open = qg_bounds(lower: -.infinity, upper: .infinity)
}
