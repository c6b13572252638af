import Architectures
import Checkpoints
import Datasets
import Documents
import Quantization

/// Definitions by name, each file read once. Collects the issues of every file it reads.
struct DefinitionLibrary {
  /// A definition and the canonical text of the files it came from.
  struct Loaded<Value> {
    let value: Value
    let source: String
  }

  let repository: Repository
  private(set) var issues: [Issue] = []
  private var architectures: [String: Loaded<Architecture>?] = [:]
  private var schemes: [String: Loaded<Scheme>?] = [:]
  private var hardware: [String: Loaded<HardwareEntry>?] = [:]
  private var datasets: [String: Loaded<DatasetDefinition>?] = [:]

  init(_ repository: Repository) { self.repository = repository }

  mutating func report(_ message: String, at place: Place, suggestion: String? = nil) {
    issues.append(Issue(message, at: place, suggestion: suggestion))
  }

  mutating func report(_ found: [Issue]) { issues += found }

  mutating func architecture(_ name: Located<String>) -> Loaded<Architecture>? {
    if let known = architectures[name.value] { return known }
    let loaded = load(name, .architecture, Architecture.reader).flatMap { loaded in
      resolved(loaded.value, at: name.place).map { Loaded(value: $0, source: loaded.source) }
    }
    architectures[name.value] = .some(loaded)
    return loaded
  }

  /// An architecture with its checkpoint found; `nil` after an issue.
  mutating func resolved(_ architecture: Architecture, at place: Place) -> Architecture? {
    let site = ArchitectureSite(root: repository.root, environment: repository.environment)
    do {
      return try architecture.resolved(at: site)
    } catch {
      report(error.description, at: place)
      return nil
    }
  }

  mutating func scheme(_ name: Located<String>) -> Loaded<Scheme>? {
    if let known = schemes[name.value] { return known }
    let loaded = load(name, .scheme, Scheme.reader)
    if let loaded { checkStem(loaded.value.name, name.value, key: "scheme", .scheme) }
    schemes[name.value] = .some(loaded)
    return loaded
  }

  mutating func dataset(_ name: Located<String>) -> Loaded<DatasetDefinition>? {
    if let known = datasets[name.value] { return known }
    let loaded = load(name, .dataset, DatasetDefinition.reader)
    if let loaded { checkStem(loaded.value.name, name.value, key: "dataset", .dataset) }
    datasets[name.value] = .some(loaded)
    return loaded
  }

  /// A profile from its file, with everything it extends filled in.
  mutating func hardware(_ name: Located<String>) -> Loaded<HardwareEntry>? {
    hardware(name, chain: [])
  }

  /// Fills in what an entry extends.
  mutating func extended(_ entry: HardwareEntry) -> Loaded<HardwareEntry>? {
    extended(entry, source: "", chain: [])
  }

  private mutating func hardware(
    _ name: Located<String>, chain: [String]
  ) -> Loaded<HardwareEntry>? {
    if let start = chain.firstIndex(of: name.value) {
      let circle = (chain[start...] + [name.value]).joined(separator: " → ")
      report("a circle of profiles that extend each other: \(circle)", at: name.place)
      return nil
    }
    if let known = hardware[name.value] { return known }
    var loaded = load(name, .hardware, HardwareEntry.reader)
    if let found = loaded {
      checkStem(found.value.name.value, name.value, key: "hardware", .hardware)
      loaded = extended(found.value, source: found.source, chain: chain + [name.value])
      if let resolved = loaded { report(resolved.value.resolved().issues) }
    }
    hardware[name.value] = .some(loaded)
    return loaded
  }

  private mutating func extended(
    _ entry: HardwareEntry, source: String, chain: [String]
  ) -> Loaded<HardwareEntry>? {
    guard let base = entry.extends else { return Loaded(value: entry, source: source) }
    guard let loaded = hardware(base, chain: chain) else { return nil }
    return Loaded(value: entry.extending(loaded.value), source: source + loaded.source)
  }

  private mutating func load<Value>(
    _ name: Located<String>, _ kind: Repository.Kind, _ reader: Reader<Value>
  ) -> Loaded<Value>? {
    let names = repository.names(of: kind)
    guard names.contains(name.value) else {
      report(
        "no \(kind.word) '\(name.value)'", at: name.place,
        suggestion: NearMiss.find(name.value, among: names))
      return nil
    }
    do throws(InvalidDocument) {
      let document = try repository.document(
        repository.file(of: name.value, kind), namedAt: name.place)
      let value = try document.decode(reader)
      return Loaded(value: value, source: document.canonicalText)
    } catch {
      report(error.issues)
      return nil
    }
  }

  private mutating func checkStem(
    _ found: String, _ expected: String, key: String, _ kind: Repository.Kind
  ) {
    guard found != expected else { return }
    let place = Place(
      file: repository.file(of: expected, kind), line: 1, column: 1, keyPath: key)
    report("expected the file's name, '\(expected)', found '\(found)'", at: place)
  }
}
