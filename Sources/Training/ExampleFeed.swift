import Architectures
import Graphs

/// Puts examples into batches: shuffled anew each epoch, images shifted where the recipe says so.
struct ExampleFeed {
  let inputs: [Float]
  let labels: [Int]
  let inputShape: Shape
  let recipe: TrainingRecipe

  /// Batches in one epoch; what does not fill a batch is left out.
  var batches: Int { labels.count / recipe.batch }

  /// The order of the examples in one epoch.
  func order(epoch: Int) -> [Int] {
    var random = RandomStream(seed: recipe.seed, purpose: .order, index: epoch)
    return random.permutation(labels.count)
  }

  /// Copies examples to `target` `[examples.count, input…]`, shifted by numbers from `random`.
  func fill(_ target: Floats, with examples: some Collection<Int>, _ random: inout RandomStream) {
    let size = inputShape.elementCount
    inputs.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      for (position, example) in examples.enumerated() {
        let (image, place) = (base + example * size, target + position * size)
        if recipe.shift == 0 {
          place.update(from: image, count: size)
        } else {
          let down = random.below(2 * recipe.shift + 1) - recipe.shift
          let right = random.below(2 * recipe.shift + 1) - recipe.shift
          shift(image, down: down, right: right, into: place)
        }
      }
    }
  }

  /// Shifts an image; pixels that come in repeat the nearest edge.
  private func shift(
    _ image: UnsafePointer<Float>, down: Int, right: Int, into target: Floats
  ) {
    let (height, width) = (inputShape.dimensions[0], inputShape.dimensions[1])
    let channels = inputShape.channels
    for y in 0..<height {
      let row = min(height - 1, max(0, y - down))
      for x in 0..<width {
        let column = min(width - 1, max(0, x - right))
        (target + (y * width + x) * channels)
          .update(from: image + (row * width + column) * channels, count: channels)
      }
    }
  }
}
