import Checkpoints
import Graphs
import NumberFormats

/// What an ONNX value is while its graph is being imported.
enum ImportedValue {
  /// Known before anything runs.
  case constant(ImportedConstant)
  /// The result of a node.
  case computed(ComputedValue)

  /// One number, for every element of what it is combined with.
  static func number(_ value: Float) -> ImportedValue { .constant(ImportedConstant(scalar: value)) }

  /// Extents as ONNX counts them.
  var shape: [Int] {
    switch self {
    case .constant(let constant): constant.shape
    case .computed(let value): value.shape
    }
  }

  /// The type of the elements.
  var element: ONNXElement {
    switch self {
    case .constant(let constant): constant.element
    case .computed(let value): value.element
    }
  }

  /// Number of elements.
  var count: Int { shape.reduce(1, *) }

  /// The constant, where it is one.
  var constant: ImportedConstant? {
    if case .constant(let constant) = self { constant } else { nil }
  }
}

/// A value that a node computes.
struct ComputedValue {
  /// Order of the elements in memory.
  enum Layout: Hashable {
    /// As ONNX has it.
    case plain
    /// A vector of an image's elements whose memory is that of the image.
    case flattened(Shape)
    /// `[1, channels, spatial…]` as an image: `[rows, columns, channels]`, columns 1 where there is one spatial
    /// axis.
    case channelsLast
  }

  /// The node; its shape may differ from `shape` by extents of 1 and by what is joined.
  let node: Node.ID
  /// Extents as ONNX counts them.
  let shape: [Int]
  let layout: Layout
  let element: ONNXElement
  /// Set where ONNX sees codes of a quantized activation and the node holds the numbers they stand for.
  let codes: CodeMeaning?
  /// Set where every number is one that such codes stand for.
  let grid: CodeMeaning?

  init(
    node: Node.ID, shape: [Int], layout: Layout = .plain, element: ONNXElement,
    codes: CodeMeaning? = nil, grid: CodeMeaning? = nil
  ) {
    self.node = node
    self.shape = shape
    self.layout = layout
    self.element = element
    self.codes = codes
    self.grid = grid ?? codes
  }

  /// The same elements at another node or under other extents.
  func moved(to node: Node.ID, shape: [Int], layout: Layout = .plain) -> ComputedValue {
    ComputedValue(
      node: node, shape: shape, layout: layout, element: element, codes: codes, grid: grid)
  }
}

/// What the codes of a quantized activation stand for.
struct CodeMeaning: Hashable {
  /// Of codes 0…255; signed codes are shifted by 128.
  let affine: AffineParameters
  let isSigned: Bool

  /// What is added to a code of ONNX to get one of 0…255.
  var shift: Int { isSigned ? 128 : 0 }
}

/// A tensor that is known at import.
struct ImportedConstant {
  indirect enum Contents {
    /// A tensor of the file, seen through a walk where there is one.
    case stored(ONNXTensor, View?)
    case numbers([Double])
    case quantized(QuantizedConstant)
  }

  let shape: [Int]
  let element: ONNXElement
  let contents: Contents

  init(shape: [Int], element: ONNXElement, contents: Contents) {
    self.shape = shape
    self.element = element
    self.contents = contents
  }

  init(_ tensor: ONNXTensor) {
    self.init(shape: tensor.shape, element: tensor.element, contents: .stored(tensor, nil))
  }

  init(shape: [Int], element: ONNXElement, values: [Double]) {
    self.init(shape: shape, element: element, contents: .numbers(values))
  }

  init(integers: [Int]) {
    self.init(shape: [integers.count], element: .int64, values: integers.map { Double($0) })
  }

  init(scalar: Float) { self.init(shape: [], element: .float32, values: [Double(scalar)]) }

  var count: Int { shape.reduce(1, *) }

  /// All elements; whole numbers beyond 2⁵³ are rounded.
  var values: [Double] {
    switch contents {
    case .numbers(let values): return values
    case .stored(let tensor, let view):
      let all = tensor.integers.map { $0.map { Double($0) } } ?? tensor.floats.map { Double($0) }
      return view.map { $0.elements.map { all[$0] } } ?? all
    case .quantized(let quantized): return quantized.dequantized.map { Double($0) }
    }
  }

  /// All elements in fp32.
  var floats: [Float] {
    if case .stored(let tensor, nil) = contents { return tensor.floats }
    return values.map { Float($0) }
  }

  /// All elements as whole numbers, held within 64 bits.
  var integers: [Int] {
    if case .stored(let tensor, nil) = contents, let integers = tensor.integers { return integers }
    return values.map { Int(exactly: $0.rounded(.towardZero)) ?? ($0 < 0 ? .min : .max) }
  }

  /// The only element.
  var scalar: Double? { count == 1 ? values.first : nil }

  /// The tensor under other extents of the same product.
  func reshaped(_ shape: [Int]) -> ImportedConstant {
    if case .quantized(let quantized) = contents, shape != self.shape {
      if let reshaped = quantized.reshaped(shape) {
        return ImportedConstant(shape: shape, element: element, contents: .quantized(reshaped))
      }
      return ImportedConstant(shape: shape, element: element, values: values)
    }
    return ImportedConstant(shape: shape, element: element, contents: contents)
  }

  /// The tensor with its axes in another order: axis d of the result is axis `order[d]`.
  func permuted(_ order: [Int]) -> ImportedConstant {
    let shape = order.map { self.shape[$0] }
    if order == Array(0..<order.count) { return self }
    switch contents {
    case .quantized(let quantized):
      return ImportedConstant(
        shape: shape, element: element, contents: .quantized(quantized.permuted(order)))
    case .stored(let tensor, nil):
      let view = View(of: Shape(self.shape), order: order)
      return ImportedConstant(shape: shape, element: element, contents: .stored(tensor, view))
    default:
      let values = self.values
      let view = View(of: Shape(self.shape), order: order)
      return ImportedConstant(
        shape: shape, element: element, values: view.elements.map { values[$0] })
    }
  }

  /// A run of slices along the first axis.
  func sliced(_ range: Range<Int>) -> ImportedConstant {
    let inner = shape.dropFirst().reduce(1, *)
    let extents = [range.count] + shape.dropFirst()
    if case .quantized(let quantized) = contents, let part = quantized.sliced(range) {
      return ImportedConstant(shape: extents, element: element, contents: .quantized(part))
    }
    return ImportedConstant(
      shape: extents, element: element,
      values: Array(values[range.lowerBound * inner..<range.upperBound * inner]))
  }

  /// The tensor of a graph's parameter; values stay in the file where no arithmetic has touched them.
  func parameter(shape: [Int]) -> Tensor {
    switch contents {
    case .stored(let tensor, nil): return tensor.tensor(shape: shape)
    case .stored(let tensor, let view?):
      return Tensor(shape: shape, source: PermutedTensor(tensor: tensor, view: view))
    default: return Tensor(shape: shape, values: floats)
    }
  }
}

/// A tensor of a file in another order of axes, read where it lies.
private struct PermutedTensor: TensorSource {
  let tensor: ONNXTensor
  let view: View

  var elementCount: Int { view.shape.elementCount }

  func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
    var place = 0
    for index in range {
      values[place] = tensor.float(view.element(index))
      place += 1
    }
  }
}

extension View {
  /// The operand's element at a place of the result.
  func element(_ index: Int) -> Int {
    var rest = index
    var element = offset
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      let (quotient, place) = rest.quotientAndRemainder(dividingBy: shape.dimensions[axis])
      element += place * strides[axis]
      rest = quotient
    }
    return element
  }

  /// The operand's elements in the order of the result.
  var elements: [Int] { (0..<shape.elementCount).map(element) }
}
