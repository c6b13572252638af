import Documents
import Foundation
import Testing

@Suite struct JSONSchemaTests {
  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func definition(_ name: String, of schema: String) throws -> [String: Any] {
    let definitions = try #require(try object(schema)["definitions"] as? [String: Any])
    return try #require(definitions[name] as? [String: Any], "\(definitions.keys.sorted())")
  }

  @Test func `a record becomes an object with its keys, types and what is required`() throws {
    let schema = Scheme.reader.jsonSchema(title: "scheme")
    let root = try object(schema)
    #expect(root["$schema"] as? String == "http://json-schema.org/draft-07/schema#")
    let scheme = try definition("scheme", of: schema)
    #expect(scheme["required"] as? [String] == ["scheme", "weights"])
    #expect(scheme["additionalProperties"] as? Bool == false)
    let weights = try definition("weights", of: schema)
    let properties = try #require(weights["properties"] as? [String: [String: Any]])
    #expect(properties.keys.sorted() == ["clip", "format", "group_size"])
    #expect(properties["format"]?["description"] as? String == "Number format.")
    let format = try #require((properties["format"]?["allOf"] as? [[String: Any]])?.first)
    #expect(format["enum"] as? [String] == ["int8", "int4"])
    let size = try #require((properties["group_size"]?["allOf"] as? [[String: Any]])?.first)
    #expect(size["minimum"] as? Int == 2 && size["maximum"] as? Int == 1024)
    let clip = try #require((properties["clip"]?["allOf"] as? [[String: Any]])?.first)
    let pattern = try Regex(try #require(clip["pattern"] as? String))
    #expect("0.1 %".contains(pattern) && !"0.1".contains(pattern))
  }

  @Test func `a reader that contains itself has a finite schema`() throws {
    let schema = Layer.reader.jsonSchema(title: "layer")
    let residual = try definition("residual", of: schema)
    #expect("\(residual)".contains("#/definitions/residual"))
  }

  @Test func `an alternative by tag has the tag among its keys`() throws {
    let schema = Layer.tagged.jsonSchema(title: "layer")
    let conv = try definition("conv-op-conv", of: schema)
    #expect(conv["required"] as? [String] == ["op", "filters"])
    let properties = try #require(conv["properties"] as? [String: [String: Any]])
    #expect(properties["op"]?["const"] as? String == "conv")
  }

  @Test func `the same declarations give the same text every time`() {
    #expect(Layer.reader.jsonSchema(title: "t") == Layer.reader.jsonSchema(title: "t"))
  }
}
