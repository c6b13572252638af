import CKernels
import Graphs

extension Machine {
  /// Executes one thread's part of an operation over tensors.
  func tensor(_ step: TensorStep, _ share: Share) {
    switch step {
    case .fill(let values, let result, let count):
      for example in share.part(of: share.examples) {
        (floats(result) + example * count).update(from: values, count: count)
      }
    case .walk(let source, let result, let traversal): walk(source, result, traversal, share)
    case .take(let slices): take(slices, share)
    case .join(let tensors): join(tensors, share)
    case .map(let each, let mapping): map(each, mapping, share)
    case .combine(let arithmetic, let first, let second, let result, let traversal, _):
      combine(arithmetic, first, second, result, traversal, share)
    case .choose(let condition, let first, let second, let result, let traversal):
      choose(condition, first, second, result, traversal, share)
    case .reduce(let reduction): reduce(reduction, share)
    case .packRight(let product): packRight(product, share)
    case .multiply(let product): multiply(product, share)
    case .lookUp(let selection): lookUp(selection, share)
    case .softmax(let each, let vectors):
      let part = share.part(of: share.examples * vectors)
      kernels.softmax_f32(
        floats(each.source) + part.lowerBound * each.count, part.count, each.count,
        floats(each.result) + part.lowerBound * each.count)
    case .gather(let elements): gather(elements, share)
    case .scatter(let elements, let updates, let scattering):
      scatter(elements, updates, scattering, share)
    case .topK(let each, let vectors, let chosen, let isAscending):
      topK(each, share.part(of: share.examples * vectors), chosen, isAscending)
    }
  }

  private func walk(
    _ source: BufferID, _ result: BufferID, _ traversal: Traversal, _ share: Share
  ) {
    let step = traversal.stride(0)
    traversal.forEachRun(share) { place, example, run, first, count in
      let target = floats(result) + place
      let origin =
        floats(source) + example * traversal.counts.0 + traversal.start(run, of: 0) + first * step
      if step == 1 {
        target.update(from: origin, count: count)
      } else {
        for index in 0..<count { target[index] = origin[index &* step] }
      }
    }
  }

  private func take(_ slices: TakenSlices, _ share: Share) {
    let rows = slices.outer * slices.taken
    for row in share.part(of: share.examples * rows) {
      let (outer, place) = row.quotientAndRemainder(dividingBy: slices.taken)
      let target = floats(slices.result) + row * slices.inner
      let index = slices.indices[place]
      if index < 0 {
        target.update(repeating: slices.filling, count: slices.inner)
      } else {
        let source =
          floats(slices.source) + (outer * slices.extent + index) * slices.inner
        target.update(from: source, count: slices.inner)
      }
    }
  }

  private func join(_ tensors: JoinedTensors, _ share: Share) {
    let run = tensors.firstRun + tensors.secondRun
    for row in share.part(of: share.examples * tensors.outer) {
      let target = floats(tensors.result) + row * run
      target.update(
        from: floats(tensors.first) + row * tensors.firstRun, count: tensors.firstRun)
      (target + tensors.firstRun).update(
        from: floats(tensors.second) + row * tensors.secondRun, count: tensors.secondRun)
    }
  }

  private func lookUp(_ selection: RowSelection, _ share: Share) {
    let indices = floats(selection.indices)
    for place in share.part(of: share.examples * selection.count) {
      let target = floats(selection.result) + place * selection.features
      let index = indices[place]
      if index >= 0, index < Float(selection.rows), index == index.rounded(.towardZero) {
        target.update(
          from: selection.table + Int(index) * selection.features, count: selection.features)
      } else {
        target.update(repeating: .nan, count: selection.features)
      }
    }
  }

  private func packRight(_ product: MatrixProduct, _ share: Share) {
    let count = product.length * product.columns
    for matrix in share.part(of: share.examples * product.rightMatrices) {
      qg_pack_f32(
        floats(product.right) + matrix * count, product.columns, product.length, 1,
        product.columns, floats(product.panels) + matrix * product.panelCount)
    }
  }

  /// The team splits rows of the result.
  private func multiply(_ product: MatrixProduct, _ share: Share) {
    let matrices = product.matrices
    let part = share.part(of: share.examples * matrices.count * product.rows)
    var position = part.lowerBound
    while position < part.upperBound {
      let (place, row) = position.quotientAndRemainder(dividingBy: product.rows)
      let (example, matrix) = place.quotientAndRemainder(dividingBy: matrices.count)
      let (run, first) = matrix.quotientAndRemainder(dividingBy: matrices.length)
      let left =
        example * matrices.counts.0 + matrices.start(run, of: 0) + first * matrices.stride(0)
      let right =
        example * matrices.counts.1 + matrices.start(run, of: 1) + first * matrices.stride(1)
      let rows = min(product.rows - row, part.upperBound - position)
      var arguments = qg_gemm_f32_args(
        m: rows, n: product.columns, k: product.length,
        a: floats(product.left) + (left * product.rows + row) * product.length,
        a_stride: product.length, panels: floats(product.panels) + right * product.panelCount,
        bias: nil, c: floats(product.result) + position * product.columns,
        c_stride: product.columns, bounds: product.bounds)
      kernels.gemm_f32(&arguments)
      position += rows
    }
  }
}
