import Checkpoints
import Graphs

extension ONNXOperator {
  /// Functions of every element.
  static let elements: [ONNXOperator] = [
    map("Exp", .exponential), map("Log", .logarithm), map("Sqrt", .squareRoot),
    map("Reciprocal", .reciprocal), map("Erf", .errorFunction), map("Sin", .sine),
    map("Cos", .cosine), map("Neg", .negative), map("Abs", .absolute), map("Sign", .sign),
    map("Floor", .floor), map("Ceil", .ceiling), map("Round", .round), map("Softplus", .softplus),
    function("Sigmoid", .sigmoid), function("Tanh", .tanh), function("HardSwish", .hardSwish),
    arithmetic("Sub", .subtract), arithmetic("Pow", .power),
    ONNXOperator("Mul") { (importer) throws(CheckpointError) in
      let (left, right) = (try importer.operand(0), try importer.operand(1))
      if let layer = try importer.layerOfCodes(0, 1) { return [layer] }
      if let layer = try importer.layerOfCodes(1, 0) { return [layer] }
      return [try importer.combine(.multiply, left, right)]
    },
    ONNXOperator("Add") { (importer) throws(CheckpointError) in
      let (left, right) = (try importer.operand(0), try importer.operand(1))
      if let result = try importer.biased(0, by: 1) { return [result] }
      if let result = try importer.biased(1, by: 0) { return [result] }
      return [try importer.combine(.add, left, right)]
    },
    ONNXOperator("Div") { (importer) throws(CheckpointError) in
      let left = try importer.operand(0)
      let quotient = try importer.combine(.divide, left, importer.operand(1))
      // The quotient of two whole numbers below 2²⁴ is never rounded up to the next one.
      return [left.element.isInteger ? try importer.apply(.map(.truncation), [quotient]) : quotient]
    },
    ONNXOperator("Mod") { (importer) throws(CheckpointError) in
      let kind: Arithmetic = try importer.integer("fmod", 0) == 1 ? .remainder : .modulo
      return [try importer.combine(kind, importer.operand(0), importer.operand(1))]
    },
    ONNXOperator("Relu") { (importer) throws(CheckpointError) in
      [try importer.activation(.relu, importer.operand(0))]
    },
    ONNXOperator("Clip") { (importer) throws(CheckpointError) in
      let low = try importer.limit(1, "'min'")
      let high = try importer.limit(2, "'max'")
      return [try importer.clipped(importer.operand(0), low ?? -.infinity, high ?? .infinity)]
    },
    ONNXOperator("LeakyRelu") { (importer) throws(CheckpointError) in
      let slope = try importer.float("alpha", 0.01)
      return [try importer.function(.leakyRelu(slope: slope), importer.operand(0))]
    },
    ONNXOperator("Elu") { (importer) throws(CheckpointError) in
      let alpha = try importer.float("alpha", 1)
      return [try importer.function(.elu(alpha: alpha), importer.operand(0))]
    },
    ONNXOperator("Selu") { (importer) throws(CheckpointError) in
      let alpha = try importer.float("alpha", 1.673_263_2)
      let gamma = try importer.float("gamma", 1.050_701)
      let elu = try importer.function(.elu(alpha: alpha), importer.operand(0))
      return [try importer.apply(.map(.affine(factor: gamma, offset: 0)), [elu])]
    },
    ONNXOperator("Gelu") { (importer) throws(CheckpointError) in
      let form = try importer.text("approximate", "none")
      return [
        try importer.function(form == "tanh" ? .geluTanh : .gelu, importer.operand(0))
      ]
    },
    ONNXOperator("com.microsoft.Gelu") { (importer) throws(CheckpointError) in
      [try importer.function(.gelu, importer.operand(0))]
    },
    ONNXOperator("Swish") { (importer) throws(CheckpointError) in
      let alpha = try importer.float("alpha", 1)
      let x = try importer.operand(0)
      if alpha == 1 { return [try importer.function(.silu, x)] }
      let scaled = try importer.apply(.map(.affine(factor: alpha, offset: 0)), [x])
      return [try importer.combine(.multiply, x, importer.function(.sigmoid, scaled))]
    },
    ONNXOperator("HardSigmoid") { (importer) throws(CheckpointError) in
      let (alpha, beta) = (try importer.float("alpha", 0.2), try importer.float("beta", 0.5))
      let line = try importer.apply(
        .map(.affine(factor: alpha, offset: beta)), [importer.operand(0)])
      return [try importer.apply(.map(.clamp(low: 0, high: 1)), [line])]
    },
    ONNXOperator("Softsign") { (importer) throws(CheckpointError) in
      let x = try importer.operand(0)
      let size = try importer.apply(.map(.absolute), [x])
      let divisor = try importer.apply(.map(.affine(factor: 1, offset: 1)), [size])
      return [try importer.combine(.divide, x, divisor)]
    },
    ONNXOperator("Mish") { (importer) throws(CheckpointError) in
      let x = try importer.operand(0)
      let gate = try importer.function(.tanh, importer.apply(.map(.softplus), [x]))
      return [try importer.combine(.multiply, x, gate)]
    },
    ONNXOperator("ThresholdedRelu") { (importer) throws(CheckpointError) in
      let x = try importer.operand(0)
      let threshold = ImportedValue.number(try importer.float("alpha", 1))
      let isAbove = try importer.combine(.greater, x, threshold, .bool)
      return [try importer.combine(.multiply, x, isAbove)]
    },
    ONNXOperator("PRelu") { (importer) throws(CheckpointError) in
      let x = try importer.operand(0)
      let above = try importer.activation(.relu, x)
      let below = try importer.apply(.map(.clamp(low: -.infinity, high: 0)), [x])
      let slope = try importer.operand(1)
      return [try importer.combine(.add, above, importer.combine(.multiply, below, slope))]
    },
    fold("Sum", .add), fold("Min", .minimum), fold("Max", .maximum),
    ONNXOperator("Mean") { (importer) throws(CheckpointError) in
      let all = try importer.operands()
      let sum = try importer.folded(.add, all)
      let count = ImportedValue.number(Float(all.count))
      return [try importer.combine(.divide, sum, count)]
    },
  ]

  /// Comparisons and truth values.
  static let logic: [ONNXOperator] = [
    comparison("Equal", .equal), comparison("Less", .less),
    comparison("LessOrEqual", .lessOrEqual), comparison("Greater", .greater),
    comparison("GreaterOrEqual", .greaterOrEqual), comparison("And", .and),
    comparison("Or", .or), comparison("Xor", .exclusiveOr),
    ONNXOperator("Not") { (importer) throws(CheckpointError) in
      [try importer.apply(.map(.not), [importer.operand(0)], .bool)]
    },
    ONNXOperator("IsNaN") { (importer) throws(CheckpointError) in
      [try importer.apply(.map(.isNaN), [importer.operand(0)], .bool)]
    },
    ONNXOperator("IsInf") { (importer) throws(CheckpointError) in
      let x = try importer.operand(0)
      let (above, below) = (
        try importer.integer("detect_positive", 1) == 1,
        try importer.integer("detect_negative", 1) == 1
      )
      let isInfinite = try importer.apply(.map(.isInfinite), [x], .bool)
      if above && below { return [isInfinite] }
      let zero = ImportedValue.number(0)
      let side = try importer.combine(above ? .greater : .less, x, zero, .bool)
      let either = try importer.combine(.and, isInfinite, side, .bool)
      return [above || below ? either : try importer.combine(.and, either, zero, .bool)]
    },
    ONNXOperator("Where") { (importer) throws(CheckpointError) in
      let (first, second) = (try importer.operand(1), try importer.operand(2))
      return [try importer.apply(.choice, [importer.operand(0), first, second], first.element)]
    },
  ]

  private static func map(_ name: String, _ mapping: Mapping) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      [try importer.apply(.map(mapping), [importer.operand(0)])]
    }
  }

  private static func function(_ name: String, _ function: ElementFunction) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      [try importer.function(function, importer.operand(0))]
    }
  }

  private static func arithmetic(_ name: String, _ arithmetic: Arithmetic) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      [try importer.combine(arithmetic, importer.operand(0), importer.operand(1))]
    }
  }

  private static func comparison(_ name: String, _ arithmetic: Arithmetic) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      [try importer.combine(arithmetic, importer.operand(0), importer.operand(1), .bool)]
    }
  }

  private static func fold(_ name: String, _ arithmetic: Arithmetic) -> ONNXOperator {
    ONNXOperator(name) { (importer) throws(CheckpointError) in
      [try importer.folded(arithmetic, importer.operands())]
    }
  }
}

extension ONNXImporter {
  /// A function that has a kernel of its own; the order of elements does not matter.
  mutating func unary(
    _ operation: Operation, _ value: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    guard case .computed(let computed) = value, computed.codes == nil else {
      let node = try node(value)
      let result = try append(operation, [node])
      return plainResult(result, value.element)
    }
    let node = try append(operation, [computed.node])
    return .computed(
      ComputedValue(
        node: node, shape: computed.shape, layout: computed.layout, element: computed.element))
  }

  /// A limit of a clamp; `nil` where it is left out.
  fileprivate func limit(_ index: Int, _ what: String) throws(CheckpointError) -> Float? {
    guard let constant = try constant(index, what) else { return nil }
    guard let scalar = constant.scalar else { throw failure("one number as \(what)", "another") }
    return Float(scalar)
  }

  mutating func function(
    _ function: ElementFunction, _ value: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    try unary(.function(function), value)
  }

  mutating func activation(
    _ activation: Activation, _ value: ImportedValue
  ) throws(CheckpointError) -> ImportedValue {
    try clipped(value, activation.lowerBound, activation.upperBound)
  }

  /// A clamp; the two that fuse with what is before them where it is one of those.
  mutating func clipped(
    _ value: ImportedValue, _ low: Float, _ high: Float
  ) throws(CheckpointError) -> ImportedValue {
    let known = Activation.allCases.first { $0.lowerBound == low && $0.upperBound == high }
    guard let known, value.constant == nil else {
      return try apply(.map(.clamp(low: low, high: high)), [value])
    }
    return try unary(.activation(known), value)
  }

  /// One operand after the other.
  mutating func folded(
    _ arithmetic: Arithmetic, _ all: [ImportedValue]
  ) throws(CheckpointError) -> ImportedValue {
    var result = all[0]
    for value in all.dropFirst() { result = try combine(arithmetic, result, value) }
    return result
  }
}
