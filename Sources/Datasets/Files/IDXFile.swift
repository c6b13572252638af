/// An array of unsigned bytes in the IDX format (yann.lecun.com/exdb/mnist, "the IDX file format"),
/// plain or gzipped: two zero bytes, the type, the rank, the extents as big-endian 32-bit numbers, then
/// the values, row-major.
package struct IDXFile: Equatable, Sendable {
  /// Extents, outermost first.
  package let extents: [Int]
  /// The values, row-major.
  package let values: [UInt8]

  private static let unsignedByte: UInt8 = 0x08
  private static let largestRank = 4

  /// Parses a file's bytes.
  ///
  /// - Parameter file: The name that errors show.
  /// - Throws: `DatasetError.malformed`; the declared extents are checked before anything of their size
  ///   is allocated.
  package init(bytes: [UInt8], file: String) throws(DatasetError) {
    let isCompressed = Gzip.isGzip(bytes)
    let longest = 4 + 4 * IDXFile.largestRank
    let start =
      isCompressed
      ? try Gzip.prefix(bytes, count: longest, file: file) : Array(bytes.prefix(longest))
    extents = try IDXFile.extents(start, file: file)
    let header = 4 + 4 * extents.count
    let size = try IDXFile.size(extents, file: file)
    let content =
      isCompressed ? try Gzip.inflate(bytes, limit: header + size, file: file) : bytes
    guard content.count == header + size else {
      throw .malformed(
        file: file, place: "byte \(min(content.count, header + size))",
        expected: "\(size) values for \(IDXFile.shown(extents))",
        found: "\(content.count - header)")
    }
    values = Array(content.dropFirst(header))
  }

  private static func shown(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: " × ")
  }

  private static func extents(_ start: [UInt8], file: String) throws(DatasetError) -> [Int] {
    func malformed(_ byte: Int, _ expected: String, _ found: String) -> DatasetError {
      .malformed(file: file, place: "byte \(byte)", expected: expected, found: found)
    }
    guard start.count >= 4 else {
      throw malformed(start.count, "an IDX header of 4 bytes", "the end of the file")
    }
    guard start[0] == 0, start[1] == 0 else {
      throw malformed(0, "IDX's two zero bytes", "\(start[0]), \(start[1])")
    }
    guard start[2] == unsignedByte else {
      throw malformed(2, "type 8 (unsigned bytes)", "type \(start[2])")
    }
    let rank = Int(start[3])
    guard (1...largestRank).contains(rank) else {
      throw malformed(3, "1 to \(largestRank) extents", "\(rank)")
    }
    guard start.count >= 4 + 4 * rank else {
      throw malformed(start.count, "\(rank) extents", "the end of the file")
    }
    return (0..<rank).map { axis in
      (0..<4).reduce(0) { $0 << 8 | Int(start[4 + 4 * axis + $1]) }
    }
  }

  private static func size(_ extents: [Int], file: String) throws(DatasetError) -> Int {
    var size = 1
    for extent in extents {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= BoundedFile.limit else {
        throw .malformed(
          file: file, place: "byte 4", expected: "at most \(BoundedFile.limit) values",
          found: shown(extents))
      }
      size = product
    }
    return size
  }
}
