import CMath
import Documents

/// The logarithm of the energy in bands of the mel scale, over frames of a sound.
///
/// Frame i begins at sample i · hop; only whole frames count. A frame is weighted by the periodic Hann
/// window ½ − ½ cos(2πn / frame) and filled up with zeros to the transform's size. Band edges are evenly
/// spaced in mel(f) = 2595 log₁₀(1 + f / 700) from `low` to `high`; a band is a triangle over frequencies,
/// 1 at its middle and 0 at its neighbours' middles. The value is ln(Σ weight · |X|² + 10^−6), summed over
/// ascending frequency. All in Double, rounded to fp32 at the end.
package struct LogMel: Sendable {
  /// What is added to an energy before its logarithm.
  package static let floor = 1e-6

  /// Samples of a frame.
  package let frame: Int
  /// Samples from frame to frame.
  package let hop: Int
  /// Number of bands.
  package let bands: Int
  private let transform: FourierTransform
  private let window: [Double]
  /// Per band: the first frequency with a weight, and the weights from there.
  private let filters: [(first: Int, weights: [Double])]

  /// Prepares features of sounds with `rate` samples per second; frequencies in Hz.
  package init(rate: Int, frame: Int, hop: Int, bands: Int, low: Double, high: Double) {
    precondition(frame >= 2 && hop >= 1 && bands >= 1 && low >= 0 && low < high)
    (self.frame, self.hop, self.bands) = (frame, hop, bands)
    let size = 1 << (Int.bitWidth - (frame - 1).leadingZeroBitCount)
    transform = FourierTransform(count: size)
    window = (0..<frame).map { 0.5 - 0.5 * cm_cos(2 * Double.pi * Double($0) / Double(frame)) }
    let (lowest, highest) = (LogMel.mel(low), LogMel.mel(high))
    let edges = (0...bands + 1).map { index in
      LogMel.frequency(lowest + (highest - lowest) * Double(index) / Double(bands + 1))
    }
    filters = (0..<bands).map { band in
      LogMel.filter(edges[band], edges[band + 1], edges[band + 2], rate: rate, size: size)
    }
  }

  private static let perLogarithm = 2595 / cm_log(10)

  private static func mel(_ frequency: Double) -> Double {
    perLogarithm * cm_log(1 + frequency / 700)
  }

  private static func frequency(_ mel: Double) -> Double {
    700 * (cm_exp(mel / perLogarithm) - 1)
  }

  private static func filter(
    _ left: Double, _ middle: Double, _ right: Double, rate: Int, size: Int
  ) -> (first: Int, weights: [Double]) {
    var (first, weights) = (0, [Double]())
    for bin in 0...size / 2 {
      let frequency = Double(bin) * Double(rate) / Double(size)
      let weight = min((frequency - left) / (middle - left), (right - frequency) / (right - middle))
      guard weight > 0 else { continue }
      if weights.isEmpty { first = bin }
      weights.append(weight)
    }
    return (first, weights)
  }

  /// How many frames `length` samples have.
  package func frames(_ length: Int) -> Int { length < frame ? 0 : 1 + (length - frame) / hop }

  /// `[frames, bands]`, row-major.
  package func features(of samples: [Float]) -> [Float] {
    var features: [Float] = []
    features.reserveCapacity(frames(samples.count) * bands)
    var padded = [Double](repeating: 0, count: transform.count)
    for index in 0..<frames(samples.count) {
      for place in 0..<frame {
        padded[place] = Double(samples[index * hop + place]) * window[place]
      }
      let power = transform.power(of: padded)
      for filter in filters {
        var energy = 0.0
        for (offset, weight) in filter.weights.enumerated() {
          energy += weight * power[filter.first + offset]
        }
        features.append(Float(cm_log(energy + LogMel.floor)))
      }
    }
    return features
  }
}
