import CMath

/// The one NaN that kernels store.
let canonicalNaN = Float(bitPattern: 0x7FC0_0000)

/// `value`, or the one NaN that kernels store.
func canonical(_ value: Float) -> Float { value.isNaN ? canonicalNaN : value }

/// The contract's sum in 16 lanes of `terms` over elements; `first` is the first element's index.
func sumInLanes(
  _ values: [Float], from first: Int = 0, _ add: (Float, Float) -> Float = { $0 + $1 }
) -> Float {
  var lanes = [Float](repeating: 0, count: 16)
  for (i, value) in values.enumerated() {
    let lane = (first + i) % 16
    lanes[lane] = add(lanes[lane], value)
  }
  for apart in [8, 4, 2, 1] {
    for lane in 0..<apart { lanes[lane] += lanes[lane + apart] }
  }
  return lanes[0]
}

/// `count` split into `parts` ranges of nearly equal size.
func ranges(_ count: Int, parts: Int) -> [Range<Int>] {
  (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
}
