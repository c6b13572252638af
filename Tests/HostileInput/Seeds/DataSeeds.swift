/// Datasets' files, and conditions for slices.
enum DataSeeds {
  static let idx: [Seed] = [
    Seed("labels", [0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]),
    Seed("images", [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 64, 128, 255]),
    // The labels of above as `gzip -n` writes them.
    Seed(
      "gzip",
      [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x01, 0x0B, 0x00, 0xF4, 0xFF,
        0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x00, 0x03, 0x07, 0x02, 0x01, 0x15, 0xF8, 0x3E, 0x4E,
        0x0B, 0x00, 0x00, 0x00,
      ]),
  ]

  static let csv: [Seed] = [
    Seed("plain", "25, 1000, Rome, 0\n31, 2.5e3, ?, 1\n\n62, ?, \"Rome\", 1.\r\n7,5.5,?,0"),
    Seed("quoted", "1,2,\"a\"\"b,c\",0\n3,4,Rome,\"1\"\n5,6,Rome,0\n7, 8 ,\"Rome\" ,1\n"),
  ]

  static let jsonLines: [Seed] = [
    Seed(
      "records",
      """
      {"age": 1, "stats": {"pay": 2, "hour": 3}, "embedding": [4, [5]], "answer": 0}

      {"age": 7, "stats": {"pay": 2.5, "hour": 23}, "embedding": [4, 5], "answer": "y", "region": 3}
      {"age": 8, "stats": {"pay": -1e-3}, "embedding": [4, 5], "answer": true, "region": "n"}
      {"age": 9, "stats": {"pay": 0}, "embedding": [[4], 5], "answer": 0, "region": null}\r
      """)
  ]

  static let wav: [Seed] = [
    Seed("int16", sound(tag: 1, channels: 2, bits: 16, [0, 0x40, 0, 0x80, 1, 0, 0xFF, 0xFF])),
    Seed("unsigned8", sound(tag: 1, channels: 1, bits: 8, [0, 128, 255])),
    Seed("float32", sound(tag: 3, channels: 1, bits: 32, [0, 0, 0x80, 0x3E])),
    Seed("int24", sound(tag: 1, channels: 1, bits: 24, [0, 0, 0x80, 1, 0, 0])),
  ]

  private static func sound(tag: Int, channels: Int, bits: Int, _ data: [UInt8]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let frame = channels * bits / 8
    let format =
      little(tag, 2) + little(channels, 2) + little(8000, 4) + little(8000 * frame, 4)
      + little(frame, 2) + little(bits, 2)
    let odd = Array("LIST".utf8) + little(3, 4) + [9, 9, 9, 0]
    let body =
      Array("WAVEfmt ".utf8) + little(16, 4) + format + odd + Array("data".utf8)
      + little(data.count, 4) + data
    return Array("RIFF".utf8) + little(body.count, 4) + body
  }

  static let predicates: [Seed] = [
    Seed("comparisons", "hour < 20 and (hour >= -1.5e1 or `town` == 'Rome') and not hour != 3"),
    Seed("lists", "town in ['Rome', \"Bonn\"] or hour not in [1, 2]"),
    Seed("missing", "town is not missing and hour is missing"),
  ]
}
