import Graphs

extension Machine {
  /// Elements by their places.
  func gather(_ elements: PlacedElements, _ share: Share) {
    let places = floats(elements.places)
    let result = floats(elements.result)
    let part = share.part(of: share.examples * elements.placeCount, unit: Self.elementUnit)
    var position = part.lowerBound
    while position < part.upperBound {
      let (example, first) = position.quotientAndRemainder(dividingBy: elements.placeCount)
      let source = floats(elements.source) + example * elements.sourceCount
      let end = min(part.upperBound, position - first + elements.placeCount)
      for index in position..<end {
        result[index] = places[index].place(of: elements.sourceCount).map { source[$0] } ?? .nan
      }
      position = end
    }
  }

  /// A copy with elements changed; one thread has all of an example, so that the order is kept.
  func scatter(
    _ elements: PlacedElements, _ updates: BufferID, _ scattering: Scattering, _ share: Share
  ) {
    switch scattering {
    case .replace: scatter(elements, updates, share) { $1 }
    case .add: scatter(elements, updates, share) { $0 + $1 }
    case .multiply: scatter(elements, updates, share) { $0 * $1 }
    case .minimum: scatter(elements, updates, share) { $0.smaller($1) }
    case .maximum: scatter(elements, updates, share) { $0.larger($1) }
    }
  }

  @inline(__always)
  private func scatter(
    _ elements: PlacedElements, _ updates: BufferID, _ share: Share,
    _ function: (Float, Float) -> Float
  ) {
    let count = elements.sourceCount
    for example in share.part(of: share.examples) {
      let target = floats(elements.result) + example * count
      let places = floats(elements.places) + example * elements.placeCount
      let values = floats(updates) + example * elements.placeCount
      target.update(from: floats(elements.source) + example * count, count: count)
      for index in 0..<elements.placeCount {
        guard let place = places[index].place(of: count) else {
          target.update(repeating: .nan, count: count)
          break
        }
        target[place] = function(target[place], values[index])
      }
    }
  }

  /// Places of the largest, or smallest, elements of vectors, kept sorted while a vector is read.
  func topK(_ each: Elementwise, _ vectors: Range<Int>, _ chosen: Int, _ isAscending: Bool) {
    for vector in vectors {
      let source = floats(each.source) + vector * each.count
      let result = floats(each.result) + vector * chosen
      var kept = 0
      for place in 0..<each.count {
        let value = source[place]
        // Of equal elements the earlier one, already there, stays in front.
        func isBehind(_ position: Int) -> Bool {
          let other = source[Int(result[position])]
          return isAscending ? other.isLargerOrNaN(than: value) : value.isLargerOrNaN(than: other)
        }
        if kept == chosen, !isBehind(chosen - 1) { continue }
        var position = min(kept, chosen - 1)
        while position > 0, isBehind(position - 1) {
          result[position] = result[position - 1]
          position -= 1
        }
        result[position] = Float(place)
        kept = min(kept + 1, chosen)
      }
    }
  }
}

extension Float {
  /// The number as a place among `count` elements; `nil` where it is none.
  @inline(__always)
  fileprivate func place(of count: Int) -> Int? {
    guard self >= 0, self < Float(count), self == rounded(.towardZero) else { return nil }
    return Int(self)
  }
}
