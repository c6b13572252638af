import Datasets
import Documents

/// Opens the dataset of a scenario and checks that it has what the scenario asks of it.
struct DataResolver {
  private let entry: DataEntry

  init(_ entry: DataEntry) { self.entry = entry }

  /// - Parameter encoder: The tokenizer of the models that will read the data.
  func resolve(
    _ encoder: TextEncoder?, _ library: inout DefinitionLibrary
  ) -> (selection: DataSelection, source: String)? {
    let definition: DatasetDefinition
    let source: String
    switch entry.dataset {
    case .name(let name):
      guard let loaded = library.dataset(name) else { return nil }
      definition = loaded.value
      source = loaded.source
    case .inline(let inline):
      definition = inline.value
      source = ""
    }
    let site = DatasetSite(
      repository: library.repository.root, environment: library.repository.environment,
      textEncoder: encoder)
    let dataset = definition.open(at: site)
    checkSlices(dataset, &library)
    for selection in [entry.calibrate, entry.evaluate].compactMap(\.self) {
      let available = dataset.available(selection.value.split)
      if selection.value.samples > available {
        library.report(
          "'\(dataset.name)' has \(available) examples to \(selection.value.split.rawValue), "
            + "expected \(selection.value.samples)", at: selection.place)
      }
    }
    let selection = DataSelection(
      dataset: dataset, calibrate: entry.calibrate?.value, evaluate: entry.evaluate.value,
      slices: entry.slices.map(\.value))
    return (selection, source)
  }

  private func checkSlices(_ dataset: any Dataset, _ library: inout DefinitionLibrary) {
    for (index, slice) in entry.slices.enumerated() {
      if !dataset.sliceKeys.contains(slice.value) {
        library.report(
          "'\(dataset.name)' has no slice '\(slice.value)'", at: slice.place,
          suggestion: NearMiss.find(slice.value, among: dataset.sliceKeys))
      } else if entry.slices[..<index].contains(where: { $0.value == slice.value }) {
        library.report("the slice '\(slice.value)' is listed twice", at: slice.place)
      }
    }
  }
}
