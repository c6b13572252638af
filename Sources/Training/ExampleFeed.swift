import Architectures
import Graphs

/// Puts examples into batches: shuffled anew each epoch, images shifted where the recipe says so.
struct ExampleFeed {
  let inputs: [Float]
  /// One per example, or one per token of it; `CrossEntropy.unscored` where no answer is right.
  let labels: [Int]
  let count: Int
  /// Rows of an example: 1, or the tokens of a sequence.
  let tokens: Int
  let inputShape: Shape
  let recipe: TrainingRecipe

  /// Examples with one label each.
  init(
    inputs: [Float], labels: [Int], tokens: Int = 1, inputShape: Shape, recipe: TrainingRecipe
  ) {
    self.inputs = inputs
    self.labels = labels
    count = labels.count
    self.tokens = tokens
    self.inputShape = inputShape
    self.recipe = recipe
  }

  /// Windows of token ids, each labelled with the one after it; the last of a window is not scored.
  init(windows: [Float], tokens: Int, inputShape: Shape, recipe: TrainingRecipe) {
    inputs = windows
    labels = windows.indices.map {
      ($0 + 1).isMultiple(of: tokens) ? CrossEntropy.unscored : Int(windows[$0 + 1])
    }
    count = windows.count / tokens
    self.tokens = tokens
    self.inputShape = inputShape
    self.recipe = recipe
  }

  /// Batches in one epoch; what does not fill a batch is left out.
  var batches: Int { count / recipe.batch }

  /// The order of the examples in one epoch.
  func order(epoch: Int) -> [Int] {
    var random = RandomStream(seed: recipe.seed, purpose: .order, index: epoch)
    return random.permutation(count)
  }

  /// The labels of some examples, row by row.
  func labels(of examples: some Collection<Int>) -> [Int] {
    let rows = labels.count / max(1, count)
    return examples.flatMap { labels[$0 * rows..<($0 + 1) * rows] }
  }

  /// Copies examples to `target` `[examples.count, tokens, input…]`, images shifted by numbers from
  /// `random`.
  func fill(_ target: Floats, with examples: some Collection<Int>, _ random: inout RandomStream) {
    let size = tokens * inputShape.elementCount
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
