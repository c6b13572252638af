extension Reader where Value == String {
  /// Text. A plain word that some YAML reader takes for a number, a truth value or nothing must be
  /// quoted.
  public static var string: Reader {
    Reader(
      expected: "text", schema: { _ in .object([("type", .string("string"))]) },
      read: { node, reading in text(node, reading, expected: "text") })
  }

  /// An identifier: lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or a digit.
  public static var name: Reader {
    let expected = "a name (lower-case letters, digits, '.', '_', '-')"
    return Reader(
      expected: expected,
      schema: { _ in
        .object([("type", .string("string")), ("pattern", .string("^[a-z0-9][a-z0-9._-]*$"))])
      },
      read: { node, reading in
        guard let word = text(node, reading, expected: expected) else { return nil }
        if isName(word) { return word }
        reading.report("expected \(expected), found '\(word)'", at: node.place)
        return nil
      })
  }

  private static func isName(_ word: String) -> Bool {
    guard let first = word.unicodeScalars.first, isNameStart(first) else { return false }
    return word.unicodeScalars.allSatisfy {
      isNameStart($0) || $0 == "." || $0 == "_" || $0 == "-"
    }
  }

  private static func isNameStart(_ letter: Unicode.Scalar) -> Bool {
    (letter >= "a" && letter <= "z") || (letter >= "0" && letter <= "9")
  }

  private static func text(_ node: Node, _ reading: Reading, expected: String) -> String? {
    guard case .scalar(let word, let quoted) = node.content, quoted || !YAMLWord.isNull(word) else {
      reading.report("expected \(expected), found \(node.found)", at: node.place)
      return nil
    }
    if !quoted, YAMLWord.isBoolean(word) || YAMLWord.isNumber(word) {
      let kind = YAMLWord.isBoolean(word) ? "truth value" : "number"
      reading.report(
        "expected \(expected), found \(node.found), which YAML may take for a \(kind); "
          + "put it in quotes", at: node.place)
      return nil
    }
    return word
  }
}

extension Reader where Value == Bool {
  /// `true` or `false`; none of YAML 1.1's `yes`, `no`, `on`, `off`.
  public static var bool: Reader {
    Reader(
      scalar: "true or false", schema: .object([("type", .string("boolean"))]),
      hint: { node in
        switch node.plain?.lowercased() {
        case "yes", "on", "y", "true": "true"
        case "no", "off", "n", "false": "false"
        default: nil
        }
      },
      { node in
        switch node.plain {
        case "true": true
        case "false": false
        default: nil
        }
      })
  }
}

extension Reader where Value == Int {
  /// A whole number, decimal, without leading zeros, underscores or a plus sign.
  public static func int(in range: ClosedRange<Int>) -> Reader {
    var schema: [(key: String, value: JSON)] = [("type", .string("integer"))]
    if range.lowerBound != .min { schema.append(("minimum", .number("\(range.lowerBound)"))) }
    if range.upperBound != .max { schema.append(("maximum", .number("\(range.upperBound)"))) }
    let expected =
      switch (range.lowerBound, range.upperBound) {
      case (.min, .max): "a whole number"
      case (let low, .max): "a whole number of at least \(low)"
      case (.min, let high): "a whole number of at most \(high)"
      case (let low, let high): "a whole number from \(low) to \(high)"
      }
    return Reader(scalar: expected, schema: .object(schema)) { node in
      guard let word = node.plain, let value = wholeNumber(word) else { return nil }
      return range.contains(value) ? value : nil
    }
  }

  /// Any whole number.
  public static var int: Reader { int(in: .min ... .max) }

  /// How many of something: a whole number of at least 0.
  public static var count: Reader { int(in: 0 ... .max) }

  private static func wholeNumber(_ word: String) -> Int? {
    guard let number = Decimal(word), number.places == 0, !number.isPositiveSigned else {
      return nil
    }
    return number.digits
  }
}

extension Reader where Value == Double {
  /// A decimal number, with a point and an exponent where wanted: `99.99`, `-1`, `1e-3`.
  public static func double(in range: ClosedRange<Double>) -> Reader {
    var schema: [(key: String, value: JSON)] = [("type", .string("number"))]
    if range.lowerBound.isFinite { schema.append(("minimum", .number("\(range.lowerBound)"))) }
    if range.upperBound.isFinite { schema.append(("maximum", .number("\(range.upperBound)"))) }
    let expected =
      range.lowerBound.isFinite || range.upperBound.isFinite
      ? "a number from \(shown(range.lowerBound)) to \(shown(range.upperBound))" : "a number"
    return Reader(scalar: expected, schema: .object(schema)) { node in
      guard let word = node.plain, isDecimal(word), let value = Double(word), value.isFinite else {
        return nil
      }
      return range.contains(value) ? value : nil
    }
  }

  /// Any finite decimal number.
  public static var double: Reader { double(in: -.infinity ... .infinity) }

  private static func shown(_ bound: Double) -> String {
    guard bound.isFinite else { return bound < 0 ? "minus infinity" : "infinity" }
    return bound == bound.rounded() && abs(bound) < 1e15 ? "\(Int(bound))" : "\(bound)"
  }

  private static func isDecimal(_ word: String) -> Bool {
    let parts = word.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
    guard let mantissa = Decimal(String(parts[0])), !mantissa.isPositiveSigned else { return false }
    guard parts.count == 2 else { return true }
    let digits = parts[1].first == "-" || parts[1].first == "+" ? parts[1].dropFirst() : parts[1]
    return !digits.isEmpty && digits.count <= 3 && digits.allSatisfy(\.isASCIIDigit)
  }
}

extension Reader {
  /// One case of an enumeration, by its raw value.
  ///
  /// - Parameter later: Words that are planned: they are refused as "not available yet".
  public static func choice(
    of type: Value.Type = Value.self, notAvailableYet later: [String] = []
  ) -> Reader where Value: RawRepresentable<String> & CaseIterable & Sendable {
    Reader<String>.choice(Value.allCases.map(\.rawValue), notAvailableYet: later)
      .mapped(expected: "a known word") { Value(rawValue: $0) }
  }
}

extension Reader where Value == String {
  /// One word of a list.
  ///
  /// - Parameter later: Words that are planned: they are refused as "not available yet".
  public static func choice(_ words: [String], notAvailableYet later: [String] = []) -> Reader {
    let listed = words.map { "'\($0)'" }.joined(separator: ", ")
    let expected = words.count == 1 ? listed : "one of \(listed)"
    let schema = JSON.object([("enum", .array(words.map { .string($0) }))])
    return Reader(expected: expected, schema: { _ in schema }) { node, reading in
      guard case .scalar(let word, _) = node.content else {
        reading.report("expected \(expected), found \(node.found)", at: node.place)
        return nil
      }
      if words.contains(word) { return word }
      if later.contains(word) {
        reading.report("'\(word)' is not available yet; expected \(expected)", at: node.place)
      } else {
        reading.report(
          "expected \(expected), found \(node.found)", at: node.place,
          suggestion: NearMiss.find(word, among: words))
      }
      return nil
    }
  }
}
