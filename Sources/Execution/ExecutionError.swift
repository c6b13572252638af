public import Graphs
public import NumberFormats

/// Why a model cannot be executed as asked.
public enum ExecutionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Batch normalization has no kernel of its own: it must be folded into the layer before it.
  case batchNormalization(node: String)
  /// The result of the graph must be stored as fp32.
  case outputStorage(node: String)
  /// The choice of experts must be stored as fp32.
  case routingStorage(node: String)
  /// An arithmetic over experts has not one entry per expert, or they read their operand in different forms.
  case expertArithmetic(node: String, experts: Int)
  /// A stored tensor has a scale that is not positive and finite, or a zero point outside 0…255.
  case activationParameters(node: String, AffineParameters)
  /// A node with a weight has no arithmetic.
  case arithmeticMissing(node: String)
  /// Arithmetic is given for a node without a weight, or for no node at all.
  case arithmeticUnexpected(node: Node.ID)
  /// An fp32 operand of integer arithmetic has no dynamic range.
  case dynamicRangeMissing(node: String)
  /// A uint8 operand has a dynamic range, which nothing would use.
  case dynamicRangeUnused(node: String)
  /// A parameter is missing, misshapen, not finite or unknown.
  case parameter(GraphError)
  /// A quantized weight does not have the shape the node needs.
  case weightShape(node: String, expected: [Int], found: [Int])
  /// No kernel multiplies a weight of this format as it is stored, in this operation.
  case weightFormat(node: String, operation: String, found: String)
  /// Rows of a weight are no whole number of the blocks that its kernel reads.
  case blockColumns(node: String, multiple: Int, found: Int)
  /// A quantized weight has another width than 2 to 8 bits.
  case weightBits(node: String, found: Int)
  /// A code of a quantized weight lies outside its width.
  case weightCode(node: String, allowed: ClosedRange<Int32>, index: Int, found: Int8)
  /// A scale is not positive and finite, or a zero point lies outside the code's range.
  case weightParameters(node: String, index: Int, AffineParameters)
  /// Depthwise weights whose groups are shorter than a filter.
  case groupwiseDepthwise(node: String, group: Int, taps: Int)
  /// Groups are shorter than a row and not a multiple of 8.
  case groupSize(node: String, found: Int)
  /// The integer sum of one output could leave 32 bits.
  case summationLength(node: String, limit: Int, found: Int)
  /// The batch limit is less than 1.
  case maximumBatch(Int)
  /// The number of threads is outside 1…64.
  case threads(Int)
  /// The list of cores has another length than the team.
  case coreCount(threads: Int, found: Int)
  /// A thread could not be started on a core.
  case core(Int, code: Int32)
  /// A thread could not be started.
  case thread(code: Int32)
  /// The machine lacks the instruction set.
  case instructionSet(InstructionSet, best: InstructionSet)
  /// The activations need more memory than can be addressed.
  case arenaTooLarge
  /// Tokens or the room for them do not fit.
  case sequence(SequenceError)
  /// A run was given no examples, or more than the limit.
  case examples(found: Int, limit: Int)
  /// A run was given a buffer of the wrong length.
  case inputCount(expected: Int, found: Int)
  /// A run was given a buffer of the wrong length.
  case outputCount(expected: Int, found: Int)

  /// The error in one sentence that names the node or the option.
  public var description: String {
    switch self {
    case .batchNormalization(let node):
      "\(node): batch normalization is not executed; fold it into the layer before it first"
    case .outputStorage(let node):
      "\(node): the output must be stored as float32"
    case .routingStorage(let node): "\(node): the choice of experts must be stored as float32"
    case .expertArithmetic(let node, let experts):
      experts == 0
        ? "\(node): has an arithmetic of experts but no experts"
        : "\(node): expected an arithmetic for each of \(experts) experts, all of one kind"
    case .activationParameters(let node, let found):
      "\(node): expected a positive finite scale and a zero point in 0…255, found scale "
        + "\(found.scale) and zero point \(found.zeroPoint)"
    case .arithmeticMissing(let node): "\(node): expected an arithmetic, found none"
    case .arithmeticUnexpected(let node): "node \(node): has an arithmetic but no weight"
    case .dynamicRangeMissing(let node):
      "\(node): the operand is stored as float32, so integer arithmetic needs a dynamic range"
    case .dynamicRangeUnused(let node):
      "\(node): the operand is stored as uint8, so a dynamic range would have no effect"
    case .parameter(let error): error.description
    case .weightShape(let node, let expected, let found):
      "\(node): expected a quantized weight \(Shape(expected)), found \(Shape(found))"
    case .weightFormat(let node, let operation, let found):
      "\(node): expected weights in a format with a kernel for \(operation), found \(found)"
    case .blockColumns(let node, let multiple, let found):
      "\(node): expected rows of a multiple of \(multiple) weights, found \(found)"
    case .weightBits(let node, let found):
      "\(node): expected weight codes of 2 to 8 bits, found \(found)"
    case .weightCode(let node, let allowed, let index, let found):
      "\(node): weight code \(index): expected −\(-allowed.lowerBound)…\(allowed.upperBound), "
        + "found \(found)"
    case .weightParameters(let node, let index, let found):
      "\(node): weight parameters \(index): expected a positive finite scale and a zero point "
        + "within the codes, found scale \(found.scale) and zero point \(found.zeroPoint)"
    case .groupwiseDepthwise(let node, let group, let taps):
      "\(node): expected groups of at least one filter (\(taps)), found \(group)"
    case .groupSize(let node, let found):
      "\(node): expected groups of a multiple of 8, found \(found)"
    case .summationLength(let node, let limit, let found):
      "\(node): expected at most \(limit) products in an integer sum, found \(found)"
    case .maximumBatch(let found): "maximum batch: expected at least 1, found \(found)"
    case .threads(let found):
      "threads: expected 1…\(ExecutionOptions.largestTeam), found \(found)"
    case .coreCount(let threads, let found):
      "cores: expected one per thread (\(threads)), found \(found)"
    case .core(let core, let code): "cores: no thread can run on core \(core) (error \(code))"
    case .thread(let code): "threads: the system started no thread (error \(code))"
    case .instructionSet(let wanted, let best):
      "instruction set: this machine lacks \(wanted), its best is \(best)"
    case .arenaTooLarge: "the activations need more memory than can be addressed"
    case .sequence(let error): error.description
    case .examples(let found, let limit): "examples: expected 1…\(limit), found \(found)"
    case .inputCount(let expected, let found):
      "input: expected \(expected) values, found \(found)"
    case .outputCount(let expected, let found):
      "output: expected \(expected) values, found \(found)"
    }
  }
}
