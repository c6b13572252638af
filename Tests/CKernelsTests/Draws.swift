import CKernels
import TestSupport

extension SeededGenerator {
  /// One of `choices`.
  mutating func pick<Value>(_ choices: [Value]) -> Value {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  /// A float of moderate size.
  mutating func float() -> Float { Float.random(in: -4...4, using: &self) }

  /// A float of any size; with `special`, sometimes a zero, an extreme, an infinity or a NaN.
  mutating func float(special: Bool) -> Float {
    guard special, Int.random(in: 0..<6, using: &self) == 0 else { return float() }
    return pick([
      0, -0.0, .infinity, -.infinity, .nan, -.nan, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e-30, 0.5, -1.5, 2.5,
    ])
  }

  mutating func floats(_ count: Int, special: Bool = false) -> [Float] {
    (0..<count).map { _ in float(special: special) }
  }

  /// Scales between 1/1024 and 1/4.
  mutating func scales(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float.random(in: 0x1p-10...0.25, using: &self) }
  }

  mutating func integers<Value: FixedWidthInteger>(
    _ count: Int, in range: ClosedRange<Value>
  ) -> [Value] {
    (0..<count).map { _ in Value.random(in: range, using: &self) }
  }

  /// Random codes, or all of them at one end.
  mutating func codes(_ count: Int) -> [UInt8] {
    switch Int.random(in: 0..<5, using: &self) {
    case 0: [UInt8](repeating: 255, count: count)
    case 1: [UInt8](repeating: 0, count: count)
    default: integers(count, in: 0...255)
    }
  }

  /// Random weights, or all of them at one end.
  mutating func weights(_ count: Int) -> [Int8] {
    switch Int.random(in: 0..<5, using: &self) {
    case 0: [Int8](repeating: 127, count: count)
    case 1: [Int8](repeating: -128, count: count)
    default: integers(count, in: -128...127)
    }
  }

  /// A random affine with the zero point often at an end.
  mutating func affine() -> qg_affine {
    let zero = pick([0, 128, 255, Int32.random(in: 0...255, using: &self)])
    return qg_affine(scale: Float.random(in: 0x1p-10...0.25, using: &self), zero_point: zero)
  }

  /// None, ReLU, ReLU6, or tight on both sides.
  mutating func bounds() -> qg_bounds {
    pick([
      qg_bounds(lower: -.infinity, upper: .infinity), qg_bounds(lower: 0, upper: .infinity),
      qg_bounds(lower: 0, upper: 6), qg_bounds(lower: -1, upper: 0.75),
    ])
  }
}

/// `count` rounded up to whole panels.
func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// Counts around every vector length in use.
let raggedCounts = [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, 100]
