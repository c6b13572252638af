public import Foundation

extension PipelineTokenizer {
  /// Reads a Hugging Face `tokenizer.json`, and the `tokenizer_config.json` beside it if there is one.
  ///
  /// The file's own `truncation` and `padding` are ignored: texts are encoded whole.
  public init(file: URL) throws(TokenizerError) {
    let json = try Self.contents(file)
    let beside = file.deletingLastPathComponent().appendingPathComponent("tokenizer_config.json")
    let exists = FileManager.default.fileExists(atPath: beside.path)
    try self.init(
      json: json, file: file.lastPathComponent, configuration: exists ? Self.contents(beside) : nil)
  }

  /// Reads the bytes of a `tokenizer.json`; `file` names it in messages.
  ///
  /// `configuration` is the content of a `tokenizer_config.json`, which names the beginning, end and
  /// padding tokens. Without it they are taken by their usual names (`<s>`, `</s>`, `<|endoftext|>`,
  /// `[CLS]`, `[PAD]` …) from the special tokens.
  public init(
    json: [UInt8], file: String, configuration: [UInt8]? = nil
  ) throws(TokenizerError) {
    let root = JSONNode(value: try JSONParser.parse(json, file: file), place: "", file: file)
    var reader = PipelineReader(file: file)
    var parts = try reader.parts(root)
    var roles: JSONNode?
    if let configuration {
      let name = "tokenizer_config.json"
      roles = JSONNode(
        value: try JSONParser.parse(configuration, file: name), place: "", file: name)
    }
    parts.specialTokens = try SpecialTokenNames.find(in: parts, configuration: roles)
    self.init(parts)
  }

  private static func contents(_ file: URL) throws(TokenizerError) -> [UInt8] {
    do {
      let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      guard size <= TokenizerLimits.fileBytes else {
        throw TokenizerError.tooLarge(
          file: file.lastPathComponent, place: "length in bytes",
          limit: TokenizerLimits.fileBytes, found: size)
      }
      return Array(try Data(contentsOf: file))
    } catch let error as TokenizerError {
      throw error
    } catch {
      throw .unreadable(file: file.lastPathComponent, reason: error.localizedDescription)
    }
  }
}
