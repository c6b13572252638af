import NumberFormats

/// How the bytes of a mapped tensor become numbers.
enum StoredElements: Sendable {
  case float32
  case float16
  case bfloat16
  case blocks(any BlockFormat)

  /// The format that quantization sees.
  var format: any NumberFormat {
    switch self {
    case .float32: Float32Format()
    case .float16: MinifloatFormat.f16
    case .bfloat16: MinifloatFormat.bf16
    case .blocks(let format): format
    }
  }

  /// Elements that are stored together.
  var blockElements: Int {
    if case .blocks(let format) = self { format.blockElements } else { 1 }
  }

  /// Bytes of as many.
  var blockBytes: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .blocks(let format): format.blockBytes
    }
  }

  /// Writes the numbers of `range`; only the blocks that it touches are read, and nothing is allocated.
  ///
  /// - Parameter bytes: Those of the whole tensor.
  func decode(_ bytes: RawSpan, _ range: Range<Int>, into values: inout MutableSpan<Float>) {
    switch self {
    case .float32:
      for index in range {
        values[index - range.lowerBound] = Float(bitPattern: bytes.little(4 * index, UInt32.self))
      }
    case .float16:
      for index in range {
        let half = Float16(bitPattern: bytes.little(2 * index, UInt16.self))
        values[index - range.lowerBound] = Float(half)
      }
    case .bfloat16:
      for index in range {
        let upper = UInt32(bytes.little(2 * index, UInt16.self))
        values[index - range.lowerBound] = Float(bitPattern: upper << 16)
      }
    case .blocks(let format): Self.decode(bytes, as: format, range, into: &values)
    }
  }

  private static func decode(
    _ bytes: RawSpan, as format: some BlockFormat, _ range: Range<Int>,
    into values: inout MutableSpan<Float>
  ) {
    let size = format.blockElements
    var index = range.lowerBound
    while index < range.upperBound {
      let block = index / size
      let start = block * size
      let stored = bytes.extracting(block * format.blockBytes..<(block + 1) * format.blockBytes)
      let end = min(start + size, range.upperBound)
      let place = index - range.lowerBound
      if index == start, end == start + size {
        var whole = values._mutatingExtracting(place..<place + size)
        format.decode(stored, into: &whole)
      } else {
        var scratch = InlineArray<256, Float>(repeating: 0)
        precondition(size <= scratch.count, "a superblock is the largest block")
        var all = scratch.mutableSpan
        var room = all._mutatingExtracting(0..<size)
        format.decode(stored, into: &room)
        for offset in 0..<end - index { values[place + offset] = room[index - start + offset] }
      }
      index = end
    }
  }
}

extension RawSpan {
  /// The little-endian integer at an offset.
  func little<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, _ type: Integer.Type
  ) -> Integer {
    precondition(offset >= 0 && offset <= byteCount - MemoryLayout<Integer>.size)
    return Integer(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }
}
