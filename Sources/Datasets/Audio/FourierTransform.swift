import CMath

/// The discrete Fourier transform of a power-of-two number of real samples, in Double.
///
/// Cooley and Tukey's decimation in time: samples in bit-reversed order, then passes over blocks of 2, 4,
/// 8 …; in a pass, blocks ascend, and within a block butterflies ascend. A butterfly takes `even` and
/// `odd` to `even + w · odd` and `even − w · odd`, the product as `(re·re − im·im, re·im + im·re)` without
/// contraction. The factors `w` are e^(−2πik/count) by `cm_cos` and `cm_sin` of the rounded angle.
package struct FourierTransform: Sendable {
  /// Number of samples.
  package let count: Int
  private let cosines: [Double]
  private let sines: [Double]
  private let order: [Int]

  /// Prepares transforms of `count` samples, a power of two of at least 2.
  package init(count: Int) {
    precondition(count >= 2 && count.nonzeroBitCount == 1, "a power of two")
    self.count = count
    let angles = (0..<count / 2).map { -2 * Double.pi * Double($0) / Double(count) }
    cosines = angles.map { cm_cos($0) }
    sines = angles.map { cm_sin($0) }
    let bits = count.trailingZeroBitCount
    order = (0..<count).map { index in
      (0..<bits).reduce(0) { $0 | (index >> $1 & 1) << (bits - 1 - $1) }
    }
  }

  /// |X(k)|² for k = 0…count / 2.
  package func power(of samples: [Double]) -> [Double] {
    precondition(samples.count == count, "another number of samples")
    var real = order.map { samples[$0] }
    var imaginary = [Double](repeating: 0, count: count)
    var half = 1
    while half < count {
      let step = count / (2 * half)
      for start in stride(from: 0, to: count, by: 2 * half) {
        for index in 0..<half {
          let (even, odd) = (start + index, start + index + half)
          let (c, s) = (cosines[index * step], sines[index * step])
          let re = c * real[odd] - s * imaginary[odd]
          let im = c * imaginary[odd] + s * real[odd]
          (real[odd], imaginary[odd]) = (real[even] - re, imaginary[even] - im)
          (real[even], imaginary[even]) = (real[even] + re, imaginary[even] + im)
        }
      }
      half *= 2
    }
    return (0...count / 2).map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] }
  }
}
