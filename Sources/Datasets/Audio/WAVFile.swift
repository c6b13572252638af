/// Samples of a RIFF WAVE file, uncompressed, mixed down to one channel.
///
/// Format tags 1 (integers of 8, 16, 24 or 32 bits), 3 (32-bit floats) and 0xFFFE (extensible, either of
/// them). Source: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", and
/// the WAVEFORMATEXTENSIBLE structure.
package struct WAVFile: Equatable, Sendable {
  /// Samples per second.
  package let rate: Int
  /// In −1…1 for integers: an n-bit integer is divided by 2^(n − 1), 8-bit ones first lowered by 128. The
  /// mean over the channels, summed in their order in Double.
  package let samples: [Float]

  private enum Encoding {
    case unsigned8
    case signed(bytes: Int)
    case float32

    var bytes: Int {
      switch self {
      case .unsigned8: 1
      case .signed(let bytes): bytes
      case .float32: 4
      }
    }
  }

  private struct Format {
    let encoding: Encoding
    let channels: Int
    let rate: Int

    var isFloat: Bool { if case .float32 = encoding { true } else { false } }
  }

  /// Most channels that are mixed.
  static let mostChannels = 8

  /// Reads a file's bytes.
  ///
  /// - Parameter file: The name that errors show.
  /// - Throws: `DatasetError.malformed` with the byte.
  package init(bytes: [UInt8], file: String) throws(DatasetError) {
    let reader = WAVReader(bytes: bytes, file: file)
    guard reader.word(0) == "RIFF", reader.word(8) == "WAVE" else {
      throw reader.failure(0, "a RIFF file of form WAVE", "other bytes")
    }
    var format: Format?
    var offset = 12
    while true {
      guard offset + 8 <= bytes.count else {
        throw reader.failure(offset, "a chunk 'data'", "the end of the file")
      }
      let size = reader.integer(offset + 4, bytes: 4)
      let start = offset + 8
      guard size <= bytes.count - start else {
        throw reader.failure(offset + 4, "at most \(bytes.count - start) bytes", "\(size)")
      }
      if reader.word(offset) == "fmt " {
        guard format == nil else { throw reader.failure(offset, "one chunk 'fmt '", "another") }
        format = try Self.format(reader, start..<start + size)
      } else if reader.word(offset) == "data" {
        guard let format else {
          throw reader.failure(offset, "a chunk 'fmt ' before the samples", "none")
        }
        rate = format.rate
        samples = try Self.mix(reader, start..<start + size, format)
        return
      }
      // Chunks begin at even offsets.
      offset = start + size + size % 2
    }
  }

  private static func format(
    _ reader: WAVReader, _ range: Range<Int>
  ) throws(DatasetError) -> Format {
    let start = range.lowerBound
    guard range.count >= 16 else {
      throw reader.failure(start, "at least 16 bytes of format", "\(range.count)")
    }
    var tag = reader.integer(start, bytes: 2)
    if tag == 0xFFFE {
      guard range.count >= 40 else {
        throw reader.failure(start, "at least 40 bytes of extensible format", "\(range.count)")
      }
      tag = reader.integer(start + 24, bytes: 2)
    }
    let channels = reader.integer(start + 2, bytes: 2)
    let rate = reader.integer(start + 4, bytes: 4)
    let frame = reader.integer(start + 12, bytes: 2)
    let bits = reader.integer(start + 14, bytes: 2)
    let encoding: Encoding
    switch (tag, bits) {
    case (1, 8): encoding = .unsigned8
    case (1, 16), (1, 24), (1, 32): encoding = .signed(bytes: bits / 8)
    case (3, 32): encoding = .float32
    default:
      throw reader.failure(
        start, "integers of 8, 16, 24 or 32 bits or floats of 32", "tag \(tag) with \(bits) bits")
    }
    guard (1...mostChannels).contains(channels) else {
      throw reader.failure(start + 2, "1 to \(mostChannels) channels", "\(channels)")
    }
    guard rate > 0 else { throw reader.failure(start + 4, "samples per second", "0") }
    guard frame == channels * encoding.bytes else {
      throw reader.failure(
        start + 12, "\(channels * encoding.bytes) bytes for all channels", "\(frame)")
    }
    return Format(encoding: encoding, channels: channels, rate: rate)
  }

  private static func mix(
    _ reader: WAVReader, _ range: Range<Int>, _ format: Format
  ) throws(DatasetError) -> [Float] {
    let width = format.encoding.bytes
    let frame = width * format.channels
    guard range.count % frame == 0 else {
      throw reader.failure(
        range.lowerBound, "whole samples of \(frame) bytes", "\(range.count) bytes")
    }
    var samples: [Float] = []
    samples.reserveCapacity(range.count / frame)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: frame) {
      var sum = 0.0
      for channel in 0..<format.channels {
        sum += reader.sample(
          start + channel * width, format.encoding.bytes, isFloat: format.isFloat)
      }
      guard sum.isFinite else {
        throw reader.failure(start, "a finite sample", "\(sum)")
      }
      samples.append(Float(sum / Double(format.channels)))
    }
    return samples
  }
}

/// Little-endian numbers of a file.
private struct WAVReader {
  let bytes: [UInt8]
  let file: String

  func failure(_ byte: Int, _ expected: String, _ found: String) -> DatasetError {
    .malformed(file: file, place: "byte \(byte)", expected: expected, found: found)
  }

  /// Four characters; empty where the file ends before.
  func word(_ offset: Int) -> String {
    guard offset + 4 <= bytes.count else { return "" }
    return String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
  }

  func integer(_ offset: Int, bytes count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// One sample of one channel.
  func sample(_ offset: Int, _ count: Int, isFloat: Bool) -> Double {
    let bits = integer(offset, bytes: count)
    if isFloat { return Double(Float(bitPattern: UInt32(bits))) }
    if count == 1 { return Double(bits - 128) / 128 }
    let half = 1 << (8 * count - 1)
    return Double(bits >= half ? bits - 2 * half : bits) / Double(half)
  }
}
