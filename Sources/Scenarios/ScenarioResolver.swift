import Architectures
import Datasets
import Digests
import Documents
import Graphs
import Quantization
import Results
import Tokenizers

/// Turns a scenario as written into cases. Reports everything that does not fit to the library.
struct ScenarioResolver {
  private struct Resolved<Value> {
    let value: Value
    let name: String
    let place: Place
    let source: String
  }

  private let entry: ScenarioEntry
  private let file: String
  private let source: String

  init(_ entry: ScenarioEntry, file: String, source: String) {
    self.entry = entry
    self.file = file
    self.source = source
  }

  /// The scenario and its cases in order: architectures outermost, hardware innermost. `nil` after an issue.
  func resolve(_ library: inout DefinitionLibrary) -> (scenario: Scenario, cases: [PlannedCase])? {
    let before = library.issues.count
    checkName(&library)
    let architectures = entry.architectures.compactMap { architecture($0, &library) }
    let schemes = entry.schemes.compactMap { scheme($0, &library) }
    let hardware = entry.hardware.compactMap { profile($0, &library) }
    checkUnique(architectures, "architecture", &library)
    checkUnique(schemes, "scheme", &library)
    checkUnique(hardware, "hardware profile", &library)
    let encoder = textEncoder(architectures, &library)
    let data = DataResolver(entry.data).resolve(encoder, &library)
    if let data {
      checkFit(architectures, data.selection, &library)
      checkCalibration(schemes, data.selection, &library)
    }
    checkSliceGates(&library)
    guard library.issues.count == before, let data else { return nil }
    let cells = self.cells(architectures, schemes, hardware, &library)
    guard library.issues.count == before else { return nil }
    let scenario = Scenario(
      name: entry.name.value, file: file, summary: entry.summary,
      architectures: architectures.map(\.value), schemes: schemes.map(\.value),
      hardware: hardware.map(\.value), data: data.selection,
      workload: entry.workload?.value, measure: entry.measure,
      gates: entry.gates.gates, suite: entry.suite, owners: entry.owners)
    let cases = cells.map { cell in
      let (architecture, scheme, profile) = cell
      return PlannedCase(
        id: CaseID(
          scenario: scenario.name, architecture: architecture.name, scheme: scheme.name,
          hardware: profile.name),
        architecture: architecture.value, scheme: scheme.value, hardware: profile.value,
        scenario: scenario,
        digest: digest([
          architecture.name, scheme.name, profile.name, architecture.source, scheme.source,
          profile.source, data.source,
        ]))
    }
    return (scenario, cases)
  }

  private func digest(_ parts: [String]) -> Digest {
    var hasher = Hasher256()
    for part in [source] + parts { hasher.update(part) }
    return hasher.finalize()
  }

  private func checkName(_ library: inout DefinitionLibrary) {
    let stem = file.split(separator: "/").last.map { String($0.dropLast(5)) } ?? file
    if entry.name.value != stem {
      library.report(
        "expected the file's name, '\(stem)', found '\(entry.name.value)'", at: entry.name.place)
    }
  }

  private func architecture(
    _ reference: Reference<Architecture>, _ library: inout DefinitionLibrary
  ) -> Resolved<Architecture>? {
    switch reference {
    case .name(let name):
      library.architecture(name).map {
        Resolved(value: $0.value, name: name.value, place: name.place, source: $0.source)
      }
    case .inline(let inline):
      library.resolved(inline.value, at: inline.place).map {
        checkedInline($0, named: $0.name, inline.place, .architecture, &library)
      }
    }
  }

  private func scheme(
    _ reference: Reference<Scheme>, _ library: inout DefinitionLibrary
  ) -> Resolved<Scheme>? {
    switch reference {
    case .name(let name):
      library.scheme(name).map {
        Resolved(value: $0.value, name: name.value, place: name.place, source: $0.source)
      }
    case .inline(let inline):
      checkedInline(inline.value, named: inline.value.name, inline.place, .scheme, &library)
    }
  }

  private func profile(
    _ reference: Reference<HardwareEntry>, _ library: inout DefinitionLibrary
  ) -> Resolved<HardwareProfile>? {
    switch reference {
    case .name(let name):
      return library.hardware(name).map {
        Resolved(
          value: $0.value.resolved().profile, name: name.value, place: name.place,
          source: $0.source)
      }
    case .inline(let inline):
      guard let extended = library.extended(inline.value) else { return nil }
      let (profile, issues) = extended.value.resolved()
      library.report(issues)
      let checked = checkedInline(profile, named: profile.name, inline.place, .hardware, &library)
      return Resolved(
        value: checked.value, name: checked.name, place: checked.place, source: extended.source)
    }
  }

  /// An inline definition may not hide a file's. Its source is part of the scenario's.
  private func checkedInline<Value>(
    _ value: Value, named name: String, _ place: Place, _ kind: Repository.Kind,
    _ library: inout DefinitionLibrary
  ) -> Resolved<Value> {
    if library.repository.names(of: kind).contains(name) {
      library.report(
        "an inline definition may not take the name of "
          + "\(library.repository.file(of: name, kind))", at: place)
    }
    return Resolved(value: value, name: name, place: place, source: "")
  }

  private func checkUnique<Value>(
    _ axis: [Resolved<Value>], _ word: String, _ library: inout DefinitionLibrary
  ) {
    for (index, element) in axis.enumerated()
    where axis[..<index].contains(where: { $0.name == element.name }) {
      library.report("the \(word) '\(element.name)' is listed twice", at: element.place)
    }
  }

  private func checkFit(
    _ architectures: [Resolved<Architecture>], _ data: DataSelection,
    _ library: inout DefinitionLibrary
  ) {
    for architecture in architectures where architecture.value.unavailable == nil {
      let issues =
        architecture.value.transformer.map {
          Self.misfits(of: architecture.name, $0, data.dataset)
        } ?? Self.misfits(of: architecture.name, architecture.value, data.dataset)
      for issue in issues { library.report(issue, at: architecture.place) }
    }
    if let workload = entry.workload,
      !architectures.contains(where: { $0.value.transformer != nil })
    {
      library.report("no architecture of this scenario works on tokens", at: workload.place)
    }
  }

  /// What a network over examples and a dataset disagree on.
  private static func misfits(
    of name: String, _ architecture: Architecture, _ dataset: any Dataset
  ) -> [String] {
    var issues: [String] = []
    let shape = architecture.inputShape
    if shape != dataset.inputShape {
      issues.append(
        "'\(name)' reads inputs of shape \(shape), but '\(dataset.name)' has "
          + "\(dataset.inputShape)")
    }
    let classes = dataset.classNames.count
    if dataset.target.hasClasses, architecture.classCount != classes {
      issues.append(
        "'\(name)' tells \(architecture.classCount) classes apart, but "
          + "'\(dataset.name)' has \(classes)")
    }
    // Nothing scores vectors; counting them as classes would be made up.
    if case .vector = dataset.target {
      issues.append("'\(name)' is scored by classes, which '\(dataset.name)' has none of")
    }
    return issues
  }

  /// What a transformer and a dataset disagree on.
  private static func misfits(
    of name: String, _ shape: TransformerShape, _ dataset: any Dataset
  ) -> [String] {
    guard let vocabulary = dataset.target.vocabulary, let length = dataset.inputShape.first,
      dataset.inputShape.count == 1
    else { return ["'\(name)' reads token ids, which '\(dataset.name)' has none of"] }
    var issues: [String] = []
    if vocabulary > shape.vocabulary {
      issues.append(
        "'\(name)' knows \(shape.vocabulary) token ids, but '\(dataset.name)' has \(vocabulary)")
    }
    if length > shape.context {
      issues.append(
        "'\(name)' holds \(shape.context) tokens, but '\(dataset.name)' has windows of \(length)")
    }
    let classes = dataset.classNames.count
    switch (dataset.target, shape.output) {
    case (.classes, .classes(_, _, let count)) where count != classes,
      (.tokenClasses, .classes(_, _, let count)) where count != classes:
      issues.append(
        "'\(name)' tells \(count) classes apart, but '\(dataset.name)' has \(classes)")
    case (.classes, .nextToken), (.classes, .pooled), (.tokenClasses, .nextToken),
      (.tokenClasses, .pooled):
      issues.append("'\(name)' tells no classes apart, which '\(dataset.name)' asks for")
    case (.nextToken, .pooled), (.nextToken, .classes):
      issues.append("'\(name)' predicts no tokens, which '\(dataset.name)' asks for")
    default: break
    }
    return issues
  }

  /// The tokenizer that comes with the architectures' checkpoints: one for all, as they read the same windows.
  private func textEncoder(
    _ architectures: [Resolved<Architecture>], _ library: inout DefinitionLibrary
  ) -> TextEncoder? {
    var encoder: (value: TextEncoder, name: String)?
    for architecture in architectures {
      guard let checkpoint = architecture.value.checkpoint else { continue }
      do {
        guard let tokenizer = try checkpoint.tokenizer() else { continue }
        if let shape = architecture.value.transformer {
          try tokenizer.expects(vocabularyCount: shape.vocabulary, of: architecture.name)
        }
        let found = TextEncoder(tokenizer)
        if let encoder, encoder.value.identity != found.identity {
          library.report(
            "'\(architecture.name)' has another tokenizer than '\(encoder.name)': they cannot read the "
              + "same windows", at: architecture.place)
        }
        encoder = encoder ?? (found, architecture.name)
      } catch {
        library.report("\(error)", at: architecture.place)
      }
    }
    return encoder?.value
  }

  private func checkCalibration(
    _ schemes: [Resolved<Scheme>], _ data: DataSelection, _ library: inout DefinitionLibrary
  ) {
    guard data.calibrate == nil, let scheme = schemes.first(where: { $0.value.observer != nil })
    else { return }
    library.report("missing key 'calibrate': '\(scheme.name)' calibrates", at: entry.data.place)
  }

  private func checkSliceGates(_ library: inout DefinitionLibrary) {
    guard entry.data.slices.isEmpty else { return }
    for (id, place) in entry.gates.places.sorted(by: { $0.key < $1.key })
    where id.hasPrefix("accuracy.worst_slice") {
      library.report("needs 'data.slices', which has none", at: place)
    }
  }

  private func cells(
    _ architectures: [Resolved<Architecture>], _ schemes: [Resolved<Scheme>],
    _ hardware: [Resolved<HardwareProfile>], _ library: inout DefinitionLibrary
  ) -> [(Resolved<Architecture>, Resolved<Scheme>, Resolved<HardwareProfile>)] {
    var kept: [(Resolved<Architecture>, Resolved<Scheme>, Resolved<HardwareProfile>)] = []
    var matched = [Bool](repeating: false, count: entry.exclusions.count)
    var excluding = matched
    for architecture in architectures {
      for scheme in schemes {
        for profile in hardware {
          let cell = Cell(
            architecture: architecture.name, scheme: scheme.name, hardware: profile.name)
          let matching = entry.exclusions.indices.filter { entry.exclusions[$0].matches(cell) }
          for index in matching { matched[index] = true }
          if let first = matching.first {
            excluding[first] = true
          } else {
            kept.append((architecture, scheme, profile))
          }
        }
      }
    }
    for (index, exclusion) in entry.exclusions.enumerated() where !excluding[index] {
      library.report(
        matched[index]
          ? "excludes only cases that entries before it exclude already"
          : "excludes nothing: no case of this scenario matches", at: exclusion.place)
    }
    checkReachable(architectures, "architecture", kept.map(\.0.name), &library)
    checkReachable(schemes, "scheme", kept.map(\.1.name), &library)
    checkReachable(hardware, "hardware profile", kept.map(\.2.name), &library)
    return kept
  }

  private func checkReachable<Value>(
    _ axis: [Resolved<Value>], _ word: String, _ kept: [String],
    _ library: inout DefinitionLibrary
  ) {
    for element in axis where !kept.contains(element.name) {
      library.report(
        "unreachable: every case of the \(word) '\(element.name)' is excluded", at: element.place)
    }
  }
}
