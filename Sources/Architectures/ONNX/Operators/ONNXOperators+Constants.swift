import Checkpoints
import Graphs

extension ONNXOperator {
  /// Constants, types and extents.
  static let constants: [ONNXOperator] = [
    ONNXOperator("Constant") { (importer) throws(CheckpointError) in [try importer.constant()] },
    ONNXOperator("ConstantOfShape") { (importer) throws(CheckpointError) in
      guard let extents = try importer.constant(0, "extents")?.integers else {
        throw importer.failure("extents", "none")
      }
      var filling = ImportedConstant(scalar: 0)
      if case .tensor(let tensor)? = importer.current.attributes["value"] {
        filling = ImportedConstant(tensor).reshaped([])
      }
      guard filling.count == 1 else { throw importer.failure("one number", "\(filling.count)") }
      return [try importer.expanded(.constant(filling), to: extents)]
    },
    ONNXOperator("Identity") { (importer) throws(CheckpointError) in [try importer.operand(0)] },
    ONNXOperator("Dropout") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      let isTraining = try importer.constant(2, "'training_mode'")?.scalar ?? 0
      guard isTraining == 0 else { throw importer.failure("inference", "training mode") }
      let kept = ImportedValue.constant(
        ImportedConstant(shape: [], element: .bool, values: [1]))
      return [value, try importer.expanded(kept, to: value.shape)]
    },
    ONNXOperator("Shape") { (importer) throws(CheckpointError) in
      let shape = try importer.operand(0).shape
      func place(_ index: Int) -> Int {
        min(max(index < 0 ? index + shape.count : index, 0), shape.count)
      }
      let start = place(try importer.integer("start", 0))
      let end = place(try importer.integer("end", shape.count))
      return [.constant(ImportedConstant(integers: start < end ? Array(shape[start..<end]) : []))]
    },
    ONNXOperator("Size") { (importer) throws(CheckpointError) in
      let count = try importer.operand(0).count
      return [.constant(ImportedConstant(shape: [], element: .int64, values: [Double(count)]))]
    },
    ONNXOperator("Cast") { (importer) throws(CheckpointError) in
      let type = try importer.integer("to", 0)
      guard let element = Int32(exactly: type).flatMap(ONNXElement.init(rawValue:)) else {
        throw importer.failure("a number type", "data type \(type)")
      }
      let value = try importer.operand(0)
      importer.rememberCast()
      return [try importer.cast(value, to: element)]
    },
    ONNXOperator("CastLike") { (importer) throws(CheckpointError) in
      [try importer.cast(importer.operand(0), to: importer.operand(1).element)]
    },
    ONNXOperator("Range") { (importer) throws(CheckpointError) in [try importer.range()] },
    ONNXOperator("EyeLike") { (importer) throws(CheckpointError) in
      let value = try importer.operand(0)
      guard value.shape.count == 2 else {
        throw importer.failure("a matrix", "\(Shape(value.shape))")
      }
      let element = ONNXElement(rawValue: Int32(clamping: try importer.integer("dtype", 0)))
      let (offset, columns) = (try importer.integer("k", 0), value.shape[1])
      guard importer.spend(value.count) else {
        throw importer.failure("a smaller matrix", "\(Shape(value.shape))")
      }
      return [
        .constant(
          ImportedConstant(
            shape: value.shape, element: element ?? value.element,
            values: (0..<value.count).map { $0 % columns - $0 / columns == offset ? 1 : 0 }))
      ]
    },
  ]
}

extension ONNXImporter {
  /// What a `Constant` holds.
  fileprivate func constant() throws(CheckpointError) -> ImportedValue {
    let found = current.attributes.keys.sorted()
    guard found.count == 1, let value = current.attributes[found[0]] else {
      throw failure("one value", "\(found.count)")
    }
    switch value {
    case .tensor(let tensor): return .constant(ImportedConstant(tensor))
    case .float(let number): return .number(number)
    case .integer(let number):
      return .constant(ImportedConstant(ONNXTensor(name: "", shape: [], integers: [number])))
    case .floats(let numbers):
      return .constant(
        ImportedConstant(ONNXTensor(name: "", shape: [numbers.count], values: numbers)))
    case .integers(let numbers):
      return .constant(
        ImportedConstant(ONNXTensor(name: "", shape: [numbers.count], integers: numbers)))
    case .text, .texts, .other: throw failure("numbers", "'\(found[0])'")
    }
  }

  /// A value in another type. Computed whole numbers are held as fp32: exact below 2²⁴; fp16 is computed as fp32.
  mutating func cast(
    _ value: ImportedValue, to element: ONNXElement
  ) throws(CheckpointError) -> ImportedValue {
    switch value {
    case .constant(let constant):
      if constant.element == element { return value }
      return .constant(
        ImportedConstant(
          shape: constant.shape, element: element, values: constant.values.map(element.rounded)))
    case .computed(let computed):
      if computed.element == element { return value }
      if element == .bool {
        return try apply(.map(.not), [apply(.map(.not), [value], .bool)], .bool)
      }
      if element.isInteger {
        let whole =
          computed.element.isInteger ? value : try apply(.map(.truncation), [value], element)
        if element.bits >= 32
          || computed.element.isInteger && computed.element.bits <= element.bits
            && computed.element.isUnsigned == element.isUnsigned
        {
          return try relabelled(whole, element)
        }
        return try wrapped(whole, element)
      }
      if element == .float16 || element == .bfloat16, computed.element != element {
        return try apply(.map(element == .float16 ? .float16 : .bfloat16), [value], element)
      }
      return try relabelled(value, element)
    }
  }

  /// Whole numbers as so many bits hold them.
  private mutating func wrapped(
    _ value: ImportedValue, _ element: ONNXElement
  ) throws(CheckpointError) -> ImportedValue {
    let span = Float(1 << element.bits)
    let half: Float = element.isUnsigned ? 0 : span / 2
    let raised = try apply(.map(.affine(factor: 1, offset: half)), [value], element)
    let rest = try combine(.modulo, raised, .number(span), element)
    return try apply(.map(.affine(factor: 1, offset: -half)), [rest], element)
  }

  /// The same numbers under another type.
  private mutating func relabelled(
    _ value: ImportedValue, _ element: ONNXElement
  ) throws(CheckpointError) -> ImportedValue {
    switch value {
    case .constant: return value
    case .computed(let computed):
      let plain = computed.codes == nil ? computed : try numbers(computed)
      return .computed(
        ComputedValue(
          node: plain.node, shape: plain.shape, layout: plain.layout, element: element,
          grid: plain.grid))
    }
  }

  fileprivate mutating func range() throws(CheckpointError) -> ImportedValue {
    var numbers: [Double] = []
    for index in 0..<3 {
      guard let number = try constant(index, "a limit")?.scalar else {
        throw failure("a start, a limit and a step", "fewer")
      }
      numbers.append(number)
    }
    let (start, limit, step) = (numbers[0], numbers[1], numbers[2])
    let count = ((limit - start) / step).rounded(.up)
    guard count.isFinite, count <= Double(Int32.max), spend(Int(max(0, count))) else {
      throw failure("at most \(ConstantEvaluation.mostElements) elements", "\(count)")
    }
    let element = try operand(0).element
    return .constant(
      ImportedConstant(
        shape: [Int(max(0, count))], element: element,
        values: (0..<Int(max(0, count))).map { element.rounded(start + Double($0) * step) }))
  }
}
