import Documents
import Graphs

/// What an architecture file says about the network itself, before it is a graph.
enum ArchitectureBody {
  case layers([Layer], input: [Int])
  case shape(TransformerShape)

  /// Declares the keys of every way to describe a network and reads those of the family's; `nil` after an
  /// issue.
  init?(_ family: ArchitectureFamily?, _ fields: Fields) {
    switch family?.description {
    case .layers(let layer, let ranks):
      fields.refuse("shape", "networks of this family are described by 'layers'")
      guard let (layers, input) = Self.readLayers(layer, fields) else { return nil }
      guard ranks.contains(input.count) else {
        let expected = ranks.count == 1 ? "\(ranks.lowerBound)" : "2 or 3"
        fields.report(
          "expected \(expected) extents for the family '\(family?.name ?? "")', "
            + "found \(input.count)", at: "input")
        return nil
      }
      self = .layers(layers, input: input)
    case .shape(let reader):
      for key in ["layers", "input"] {
        fields.refuse(key, "networks of this family are described by 'shape'")
      }
      guard let shape = fields.required("shape", reader, "Sizes and choices.") else { return nil }
      self = .shape(shape)
    case nil:
      // Without a family the widest one still finds what is wrong inside the layers; a schema names the
      // keys of all.
      _ = fields.optional("shape", TransformerShape.decoder, "Sizes and choices of a transformer.")
      if !fields.has("shape") { _ = Self.readLayers(ArchitectureFamily.layers, fields) }
      return nil
    }
  }

  private static func readLayers(
    _ layer: Reader<Layer>, _ fields: Fields
  ) -> (layers: [Layer], input: [Int])? {
    let input = fields.required(
      "input", .list(of: .int(in: 1...65_535), count: 1...3),
      "[features], [length, channels], or [height, width, channels].")
    let layers = fields.required(
      "layers", .list(of: layer, count: 1...4_096), "Layers in order of execution.")
    guard let input, let layers else { return nil }
    return (layers, input)
  }

  /// Extents of the input as they are written, and as data sets give them.
  func inputShape(of graph: Graph) -> [Int] {
    if case .layers(_, let input) = self { input } else { graph.inputShape.dimensions }
  }

  /// The graph, or `nil` after an issue was reported.
  func graph(_ fields: Fields) -> (graph: Graph, transformer: TransformerShape?)? {
    switch self {
    case .layers(let layers, let input):
      // Windows slide over images alone.
      let shape = input.count == 2 ? [input[0], 1, input[1]] : input
      var assembly = GraphAssembly(input: shape, fields)
      return assembly.assemble(layers).map { ($0, nil) }
    case .shape(let shape):
      do {
        return (try shape.graph(), shape)
      } catch {
        fields.report(error.description, at: "shape")
        return nil
      }
    }
  }
}
