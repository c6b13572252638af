import Digests
import Foundation
import Testing

@Suite struct DigestTests {
  @Test func `agrees with the published vectors of FIPS 180-2`() {
    #expect(
      Digest(of: "abc").hexadecimal
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Digest(of: "").hexadecimal
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `pieces give the digest of the whole`() {
    var hasher = Hasher256()
    Array("ab".utf8).withUnsafeBytes { hasher.update($0) }
    Array("c".utf8).withUnsafeBytes { hasher.update($0) }
    #expect(hasher.finalize() == Digest(of: "abc"))
  }

  @Test func `neighbouring texts do not run together`() {
    var first = Hasher256()
    first.update("ab")
    first.update("c")
    var second = Hasher256()
    second.update("a")
    second.update("bc")
    #expect(first.finalize() != second.finalize())
  }

  @Test func `reads what it prints and nothing else`() throws {
    let digest = Digest(of: "abc")
    #expect(Digest(digest.description) == digest)
    #expect(Digest(digest.hexadecimal) == nil)
    #expect(Digest("sha256:" + digest.hexadecimal.uppercased()) == nil)
    #expect(Digest("sha256:00") == nil)
    let json = try JSONEncoder().encode([digest])
    #expect(try JSONDecoder().decode([Digest].self, from: json) == [digest])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Digest].self, from: Data(#"["sha1:00"]"#.utf8))
    }
  }
}
