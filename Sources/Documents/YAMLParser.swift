import Yams

/// Bytes → ``Node``, by Yams, which no other file sees.
struct YAMLParser {
  let file: String

  func parse(_ bytes: [UInt8]) throws(InvalidDocument) -> Node {
    guard bytes.count <= Document.Limit.bytes else {
      throw failure("expected at most 1 MiB, found a larger file")
    }
    let text = try decodeUTF8(bytes)
    try refuseAliasKeys(bytes)
    let composed: Yams.Node?
    do {
      composed = try Yams.Parser(
        yaml: text, resolver: .basic, constructor: .default, encoding: .utf8
      ).singleRoot()
    } catch let error as YamlError {
      throw InvalidDocument([issue(error, in: text)])
    } catch {
      throw failure("not YAML: \(error)")
    }
    guard let composed else { throw failure("expected a YAML document, found an empty file") }
    let root = Place(file: file, line: 1, column: 1, keyPath: "")
    var visited = 0
    let node = try convert(composed, at: root, depth: 1, visited: &visited)
    if let plain = node.plain, YAMLWord.isNull(plain) {
      throw failure("expected a YAML document, found an empty file")
    }
    return node
  }

  private func failure(_ message: String, line: Int = 1, column: Int = 1) -> InvalidDocument {
    InvalidDocument([
      Issue(message, at: Place(file: file, line: line, column: column, keyPath: ""))
    ])
  }

  private func decodeUTF8(_ bytes: [UInt8]) throws(InvalidDocument) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var line = 1
    var lineStart = 0
    for (index, byte) in bytes.enumerated() where byte == 0x0A {
      guard String(validating: bytes[lineStart...index], as: UTF8.self) != nil else { break }
      line += 1
      lineStart = index + 1
    }
    throw failure("expected UTF-8 text, found other bytes in this line", line: line)
  }

  private func refuseAliasKeys(_ bytes: [UInt8]) throws(InvalidDocument) {
    guard let found = AliasKeys.first(in: bytes) else { return }
    throw failure(
      "expected a plain word as key; a file with anchors and aliases may not have other keys",
      line: found.line, column: found.column)
  }

  private func convert(
    _ node: Yams.Node, at place: Place, depth: Int, visited: inout Int
  ) throws(InvalidDocument) -> Node {
    visited += 1
    guard visited <= Document.Limit.nodes else {
      throw InvalidDocument([
        Issue(
          "expected at most \(Document.Limit.nodes) values after replacing aliases, found more",
          at: place)
      ])
    }
    guard depth <= Document.Limit.depth else {
      throw InvalidDocument([
        Issue("expected at most \(Document.Limit.depth) levels of nesting, found more", at: place)
      ])
    }
    switch node {
    case .scalar(let scalar):
      try refuseTag(scalar.tag, other: "tag:yaml.org,2002:str", at: place)
      let plain = scalar.style == .plain || scalar.style == .any
      return Node(place: place, content: .scalar(scalar.string, quoted: !plain))
    case .sequence(let sequence):
      try refuseTag(sequence.tag, other: "tag:yaml.org,2002:seq", at: place)
      var elements: [Node] = []
      elements.reserveCapacity(sequence.count)
      for (index, element) in sequence.enumerated() {
        let mark = element.mark
        let below = place.element(
          index, line: mark?.line ?? place.line, column: mark?.column ?? place.column)
        elements.append(try convert(element, at: below, depth: depth + 1, visited: &visited))
      }
      return Node(place: place, content: .sequence(elements))
    case .mapping(let mapping):
      try refuseTag(mapping.tag, other: "tag:yaml.org,2002:map", at: place)
      var entries: [Node.Entry] = []
      entries.reserveCapacity(mapping.count)
      for (key, value) in mapping {
        entries.append(
          try convert(key: key, value: value, at: place, depth: depth, visited: &visited))
      }
      return Node(place: place, content: .mapping(entries))
    case .alias:
      throw InvalidDocument([Issue("expected a value, found an alias", at: place)])
    }
  }

  private func convert(
    key: Yams.Node, value: Yams.Node, at place: Place, depth: Int, visited: inout Int
  ) throws(InvalidDocument) -> Node.Entry {
    let mark = key.mark
    let line = mark?.line ?? place.line
    let column = mark?.column ?? place.column
    guard case .scalar(let scalar) = key else {
      let here = Place(file: file, line: line, column: column, keyPath: place.keyPath)
      throw InvalidDocument([Issue("expected a plain word as key", at: here)])
    }
    let keyPlace = place.child(key: scalar.string, line: line, column: column)
    if scalar.string == "<<", scalar.style == .plain {
      throw InvalidDocument([
        Issue("merge keys are not supported; write the keys out", at: keyPlace)
      ])
    }
    let valueMark = value.mark
    let below = place.child(
      key: scalar.string, line: valueMark?.line ?? line, column: valueMark?.column ?? column)
    return Node.Entry(
      key: scalar.string, keyPlace: keyPlace,
      value: try convert(value, at: below, depth: depth + 1, visited: &visited))
  }

  private func refuseTag(
    _ tag: Tag, other expected: String, at place: Place
  ) throws(InvalidDocument) {
    let name = tag.description
    guard name.isEmpty || name == expected else {
      throw InvalidDocument([Issue("tags are not supported, found '\(name)'", at: place)])
    }
  }

  private func issue(_ error: YamlError, in text: String) -> Issue {
    func at(_ mark: Mark) -> Place {
      Place(file: file, line: mark.line, column: mark.column, keyPath: "")
    }
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _):
      let lines = text.split(separator: /\r\n|\r|\n/, omittingEmptySubsequences: false)
      if mark.line <= lines.count {
        let indentation = lines[mark.line - 1].prefix { $0 == " " || $0 == "\t" }
        if let tab = indentation.firstIndex(of: "\t") {
          let column = indentation.distance(from: indentation.startIndex, to: tab) + 1
          return Issue(
            "not YAML: expected spaces before the first word, found a tab",
            at: Place(file: file, line: mark.line, column: column, keyPath: ""))
        }
      }
      let setting = context.map { "\($0.text), line \($0.mark.line): " } ?? ""
      return Issue("not YAML: \(setting)\(problem)", at: at(mark))
    case .composer(_, let problem, let mark, _):
      if problem.contains("another document") {
        return Issue("expected one YAML document, found another one", at: at(mark))
      }
      return Issue("not YAML: \(problem)", at: at(mark))
    case .reader(let problem, let offset, _, _):
      return Issue("not YAML: \(problem)", at: position(offset ?? 0, in: text))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
      let plural = duplicates.count == 1 ? "key \(names) occurs" : "keys \(names) occur"
      return Issue("\(plural) more than once in this mapping", at: at(context.mark))
    case .memory, .no, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      return Issue("not YAML: \(error)", at: position(0, in: text))
    }
  }

  private func position(_ offset: Int, in text: String) -> Place {
    var line = 1
    var column = 1
    for character in text.prefix(offset) {
      if character.isNewline {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return Place(file: file, line: line, column: column, keyPath: "")
  }
}
