import Graphs
import NumberFormats
import Testing

struct TensorTests {
  /// 0, 1, 2, …, with one value planted.
  private struct Counting: TensorSource {
    let elementCount: Int
    var planted: (index: Int, value: Float)?
    var storedFormat: (any NumberFormat)? { nil }

    func read(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
      for index in range {
        values[index - range.lowerBound] =
          index == planted?.index ? planted?.value ?? 0 : Float(index)
      }
    }

    func withStoredBytes<Result, Failure: Error>(
      _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try body(RawSpan())
    }
  }

  @Test func `a tensor over a source equals one in memory`() {
    let values = (0..<6).map(Float.init)
    let lazy = Tensor(shape: [2, 3], source: Counting(elementCount: 6))
    #expect(lazy == Tensor(shape: [2, 3], values: values))
    #expect(lazy != Tensor(shape: [3, 2], values: values))
    #expect(lazy.read(2..<5) == [2, 3, 4])
    #expect(lazy.source != nil)
  }

  @Test func `changing a value of a source brings all of them into memory`() {
    var tensor = Tensor(shape: [4], source: Counting(elementCount: 4))
    tensor.values[2] = 7
    #expect(tensor.source == nil)
    #expect(tensor.values == [0, 1, 7, 3])
  }

  @Test(arguments: [0, 65_535, 65_536, 199_999])
  func `the first value that is not finite is found, wherever it lies`(index: Int) {
    let source = Counting(elementCount: 200_000, planted: (index, .infinity))
    let lazy = Tensor(shape: [200_000], source: source)
    let inMemory = Tensor(shape: [200_000], values: lazy.values)
    for tensor in [lazy, inMemory] {
      #expect(tensor.firstNonFinite?.index == index)
      #expect(tensor.firstNonFinite?.value == .infinity)
    }
    let sound = Tensor(shape: [200_000], source: Counting(elementCount: 200_000))
    #expect(sound.firstNonFinite == nil)
  }
}
