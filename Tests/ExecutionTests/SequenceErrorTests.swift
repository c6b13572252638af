import Execution
import Graphs
import TestSupport
import Testing

@Suite struct SequenceErrorTests {
  private static func options(
    count: Int = 2, context: Int = 10, tokens: Int = 10
  ) -> ExecutionOptions {
    ExecutionOptions(
      sequences: SequenceOptions(count: count, context: context, tokens: tokens, outputs: .last))
  }

  private static func refusal(
    _ family: SequenceModel, _ options: ExecutionOptions
  ) throws -> SequenceError? {
    let model = try family.make(seed: 1, isQuantized: false)
    do throws(ExecutionError) {
      _ = try Executor(model, options: options)
      return nil
    } catch {
      guard case .sequence(let error) = error else { return nil }
      return error
    }
  }

  @Test func `room is checked`() throws {
    #expect(try Self.refusal(.gpt2, ExecutionOptions()) == .roomMissing)
    let few = SequenceOptions(count: 0, context: 10, tokens: 10, outputs: .last)
    #expect(try Self.refusal(.gpt2, ExecutionOptions(sequences: few)) == .room(few))
    let many = SequenceOptions(count: 2, context: 10, tokens: 21, outputs: .last)
    #expect(try Self.refusal(.gpt2, ExecutionOptions(sequences: many)) == .room(many))
    let endless = SequenceOptions(count: 2, context: .max, tokens: 21, outputs: .last)
    #expect(try Self.refusal(.llama, ExecutionOptions(sequences: endless)) == .room(endless))
    #expect(
      try Self.refusal(.gpt2, Self.options(context: 41, tokens: 41))
        == .positions(node: "positions", rows: 40, context: 41))
    #expect(try Self.refusal(.gpt2, Self.options(context: 40, tokens: 40)) == nil)
    let vectors = try RandomModel.make(seed: 1, .float)
    do throws(ExecutionError) {
      _ = try Executor(vectors, options: Self.options())
      Issue.record("expected room for sequences to be refused")
    } catch {
      #expect(error == .sequence(.roomUnused))
    }
  }

  @Test func `calls are checked and then nothing runs`() throws {
    var executor = try Executor(
      SequenceModel.gpt2.make(seed: 1, isQuantized: false), options: Self.options())
    var output = [Float](repeating: 7, count: SequenceModel.vocabulary)
    func attempt(_ ids: [Float], _ parts: SequencePart...) -> ExecutionError? {
      var span = output.mutableSpan
      do throws(ExecutionError) {
        try executor.run(ids.span, parts: parts, into: &span)
        return nil
      } catch { return error }
    }
    let part = SequencePart(position: 0, tokens: 2)
    let vocabulary = SequenceModel.vocabulary
    for id in [Float(vocabulary), -1, 0.5, .nan, .infinity] {
      guard case .sequence(.token(node: "embed", index: 1, _, vocabulary)) = attempt([0, id], part)
      else {
        Issue.record("expected the id \(id) to be refused")
        continue
      }
    }
    #expect(
      attempt([0], SequencePart(sequence: 2, position: 0, tokens: 1))
        == .sequence(.unknownSequence(part: 0, found: 2, count: 2)))
    #expect(
      attempt([0, 0, 0, 0], part, part) == .sequence(.repeatedSequence(part: 1, sequence: 0)))
    #expect(
      attempt([0], SequencePart(position: 10, tokens: 1))
        == .sequence(.contextOverflow(part: 0, end: 11, context: 10)))
    #expect(
      attempt([0], SequencePart(position: .max, tokens: 1))
        == .sequence(.contextOverflow(part: 0, end: .max, context: 10)))
    #expect(attempt([0], SequencePart(position: -1, tokens: 1)) == .sequence(.emptyPart(part: 0)))
    #expect(attempt([], SequencePart(position: 0, tokens: 0)) == .sequence(.emptyPart(part: 0)))
    #expect(attempt([0], part) == .inputCount(expected: 2, found: 1))
    #expect(attempt([]) == .examples(found: 0, limit: 10))
    var span = output.mutableSpan
    let ids: [Float] = [0]
    #expect(throws: ExecutionError.sequence(.otherRun(isSequence: true))) {
      try executor.run(ids.span, examples: 1, into: &span)
    }
    #expect(output.allSatisfy { $0 == 7 })
    #expect(attempt([0, 1], part) == nil)
    #expect(output.allSatisfy { $0 != 7 })
  }

  @Test func `attention over whole sequences refuses a later part`() throws {
    var executor = try Executor(
      SequenceModel.encoder.make(seed: 1, isQuantized: false), options: Self.options())
    var output = [Float](repeating: 7, count: SequenceModel.width)
    var span = output.mutableSpan
    let ids: [Float] = [0]
    #expect(throws: ExecutionError.sequence(.partOfWhole(part: 0, position: 1))) {
      try executor.run(ids.span, parts: [SequencePart(position: 1, tokens: 1)], into: &span)
    }
  }
}
