import Glibc

/// A path of the file system.
struct FilePath {
  /// What is there.
  enum Kind {
    case absent
    case folder
    case other
  }

  let text: String

  init(_ text: String) {
    self.text = text
  }

  /// What is there, links followed.
  var kind: Kind {
    var status = stat()
    guard stat(text, &status) == 0 else { return .absent }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
  }

  /// The path of another file in the same folder.
  func sibling(_ name: String) -> String {
    text.lastIndex(of: "/").map { text[...$0] + name } ?? name
  }

  /// The path of a file in this folder.
  func child(_ name: String) -> String {
    text.hasSuffix("/") ? text + name : text + "/" + name
  }
}
