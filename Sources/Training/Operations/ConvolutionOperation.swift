import CKernels
import Graphs

/// Convolution as a product of patches `[positions, taps · channels]` with the weight.
///
/// `dW` is, per example, one fused chain over the positions; the examples' parts are then added in
/// ascending order. `dx` adds each position's part in ascending order of positions.
struct ConvolutionOperation: DifferentiableOperation {
  let window: Window

  /// Sizes of the matrices of one example.
  private struct Sizes {
    let positions: Int
    let taps: Int
    let outputs: Int

    init(_ geometry: WindowGeometry) {
      positions = geometry.positions
      taps = geometry.window.taps * geometry.channels
      outputs = geometry.result.channels
    }

    var patches: Int { positions * taps }
    var weightPanels: Int {
      max(qg_packed_f32_count(outputs, taps), qg_packed_f32_count(taps, outputs))
    }
    var patchPanels: Int { qg_packed_f32_count(taps, positions) }
  }

  private func geometry(_ operand: Shape, _ result: Shape) -> WindowGeometry {
    WindowGeometry(window: window, operand: operand, result: result)
  }

  func scratchCount(_ extent: NodeExtent) -> Int {
    let sizes = Sizes(geometry(extent.operands[0], extent.result))
    return sizes.weightPanels + sizes.patches + sizes.patchPanels
      + sizes.positions * sizes.outputs + sizes.outputs * sizes.taps
  }

  func forward(_ step: NodeStep, _ mode: PassMode) {
    guard let weight = step.parameters[.weight] else { return }
    let geometry = geometry(step.operandShapes[0], step.shape)
    let sizes = Sizes(geometry)
    let panels = step.scratch
    let patches = panels + sizes.weightPanels
    qg_pack_f32(weight.value, sizes.outputs, sizes.taps, sizes.taps, 1, panels)
    for example in 0..<step.batch {
      let image = step.operands[0] + example * step.operandSize
      step.kernels.multiply(
        m: sizes.positions, n: sizes.outputs, k: sizes.taps,
        a: fill(patches, from: image, geometry, step.kernels), panels: panels,
        bias: step.parameters[.bias]?.value, c: step.result + example * step.size)
    }
  }

  /// The patches of an image: the image itself where each patch is one pixel.
  private func fill(
    _ patches: Floats, from image: Floats, _ geometry: WindowGeometry, _ kernels: qg_kernels
  ) -> Floats {
    if window.isPixelwise { return image }
    var arguments = qg_patches_args(
      window: geometry.arguments, in: image, out: patches,
      out_stride: window.taps * geometry.channels, fill: 0, transposed: 0)
    kernels.patches_f32(&arguments)
    return patches
  }

  func backward(_ step: NodeStep) {
    guard let weight = step.parameters[.weight] else { return }
    let geometry = geometry(step.operandShapes[0], step.shape)
    let sizes = Sizes(geometry)
    let weightPanels = step.scratch
    let patches = weightPanels + sizes.weightPanels
    let patchPanels = patches + sizes.patches
    let turned = patchPanels + sizes.patchPanels
    let product = turned + sizes.positions * sizes.outputs
    qg_pack_f32(weight.value, sizes.taps, sizes.outputs, 1, sizes.taps, weightPanels)
    for example in 0..<step.batch {
      let gradient = step.gradient + example * step.size
      let image = step.operands[0] + example * step.operandSize
      transpose(gradient, rows: sizes.positions, columns: sizes.outputs, into: turned)
      qg_pack_f32(
        fill(patches, from: image, geometry, step.kernels), sizes.taps, sizes.positions, 1,
        sizes.taps, patchPanels)
      step.kernels.multiply(
        m: sizes.outputs, n: sizes.taps, k: sizes.positions, a: turned, panels: patchPanels,
        c: product)
      accumulate(product, count: sizes.outputs * sizes.taps, into: weight.gradient)
      if let operandGradient = step.operandGradients[0] {
        step.kernels.multiply(
          m: sizes.positions, n: sizes.taps, k: sizes.outputs, a: gradient, panels: weightPanels,
          c: patches)
        scatter(patches, geometry, into: operandGradient + example * step.operandSize)
      }
    }
    if let bias = step.parameters[.bias] {
      accumulateColumnSums(
        step.gradient, rows: step.batch * sizes.positions, columns: sizes.outputs,
        into: bias.gradient)
    }
  }

  /// Adds every patch to the image positions it came from.
  private func scatter(_ patches: Floats, _ geometry: WindowGeometry, into image: Floats) {
    let channels = geometry.channels
    var patch = patches
    for y in 0..<geometry.outHeight {
      let rows = geometry.rows(at: y)
      for x in 0..<geometry.outWidth {
        let columns = geometry.columns(at: x)
        for ky in rows where !columns.isEmpty {
          let run = patch + (ky * window.width + columns.lowerBound) * channels
          let place = geometry.offset(y: y, x: x, ky: ky, kx: columns.lowerBound)
          accumulate(run, count: columns.count * channels, into: image + place)
        }
        patch += window.taps * channels
      }
    }
  }
}
