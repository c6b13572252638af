import CZlib

/// Reads gzip (RFC 1952) with a bound on what comes out.
enum Gzip {
  /// Whether bytes begin as gzip does.
  static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The first bytes of what was compressed: `count`, or fewer when there are no more. The rest is not
  /// looked at.
  static func prefix(_ bytes: [UInt8], count: Int, file: String) throws(DatasetError) -> [UInt8] {
    try inflate(bytes, limit: count, whole: false, file: file)
  }

  /// All that was compressed.
  ///
  /// Memory grows with what really comes out, so a small file cannot make this allocate much by what it
  /// declares; more than `limit` bytes are an error.
  ///
  /// - Throws: `DatasetError.malformed` when the stream is damaged, ends early, is longer than `limit`,
  ///   or is followed by more.
  static func inflate(_ bytes: [UInt8], limit: Int, file: String) throws(DatasetError) -> [UInt8] {
    try inflate(bytes, limit: limit, whole: true, file: file)
  }

  private static func inflate(
    _ bytes: [UInt8], limit: Int, whole: Bool, file: String
  ) throws(DatasetError) -> [UInt8] {
    var stream = z_stream()
    // 15 bits of window, + 16 for gzip's frame and check sum.
    let opened = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard opened == Z_OK else { throw .unreadable(file: file, reason: "zlib cannot start") }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var input = bytes
    var state = Z_OK
    var consumed = 0
    while state == Z_OK {
      // One byte more than the limit shows that there is too much.
      let wanted = min(chunk.count, limit + (whole ? 1 : 0) - output.count)
      guard wanted > 0 else { break }
      let before = consumed
      let made = step(&stream, &input, &consumed, &chunk, wanted, &state)
      output.append(contentsOf: chunk[..<made])
      if made == 0, consumed == before { break }
    }
    if !whole, state == Z_OK { return output }
    func malformed(_ expected: String, _ found: String) -> DatasetError {
      .malformed(file: file, place: "byte \(consumed)", expected: expected, found: found)
    }
    guard output.count <= limit else {
      throw malformed("\(limit) bytes after decompression", "more")
    }
    guard state == Z_STREAM_END else {
      let found = state == Z_OK || state == Z_BUF_ERROR ? "the end of the file" : "damaged data"
      throw malformed("gzip data", found)
    }
    guard !whole || consumed == bytes.count else {
      throw malformed("the end of the file", "\(bytes.count - consumed) more bytes")
    }
    return output
  }

  /// Runs zlib once; returns how many bytes it wrote to `chunk`.
  private static func step(
    _ stream: inout z_stream, _ input: inout [UInt8], _ consumed: inout Int,
    _ chunk: inout [UInt8], _ wanted: Int, _ state: inout Int32
  ) -> Int {
    // zlib's counters have 32 bits.
    let offered = min(input.count - consumed, 1 << 30)
    return input.withUnsafeMutableBufferPointer { source in
      chunk.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress.map { $0 + consumed }
        stream.avail_in = uInt(offered)
        stream.next_out = target.baseAddress
        stream.avail_out = uInt(wanted)
        state = CZlib.inflate(&stream, Z_NO_FLUSH)
        consumed += offered - Int(stream.avail_in)
        return wanted - Int(stream.avail_out)
      }
    }
  }
}
