import Documents
import Testing

@Suite struct UnitReaderTests {
  private func message<Value>(_ text: String, _ reader: Reader<Value>) -> String {
    issues(text, reader).first ?? "accepted"
  }

  @Test func `shares are written in per cent and read as fractions`() {
    #expect(decoded("3 %", Reader.share) == 0.03)
    #expect(decoded("0.1%", Reader.share) == 0.001)
    #expect(decoded("0 %", Reader.share) == 0)
    #expect(decoded("100 %", Reader.share) == 1)
    #expect(decoded("99.99 %", Reader.share) == 0.9999)
    let expected = "f.yaml:1:1: expected a share from 0 % to 100 %, such as '3 %', found"
    #expect(message("0.03", Reader.share) == "\(expected) '0.03' (did you mean '3 %'?)")
    #expect(message("0", Reader.share) == "\(expected) '0' (did you mean '0 %'?)")
    #expect(message("101 %", Reader.share) == "\(expected) '101 %'")
    #expect(message("-1 %", Reader.share) == "\(expected) '-1 %'")
    #expect(message("3  %", Reader.share) == "\(expected) '3  %'")
    #expect(message("3 pp", Reader.share) == "\(expected) '3 pp'")
    #expect(message("\"3 %\"", Reader.share) == "\(expected) the text \"3 %\"")
  }

  @Test func `percentage points are signed`() {
    #expect(decoded("-1.0 pp", Reader.points) == -0.01)
    #expect(decoded("+2.0 pp", Reader.points) == 0.02)
    #expect(decoded("0", Reader.points) == 0)
    #expect(decoded("0 pp", Reader.points) == 0)
    let expected =
      "f.yaml:1:1: expected percentage points from -100 pp to 100 pp, such as '-1.0 pp', found"
    #expect(message("-1 %", Reader.points) == "\(expected) '-1 %' (did you mean '-1 pp'?)")
    #expect(message("1", Reader.points) == "\(expected) '1'")
    #expect(message("101 pp", Reader.points) == "\(expected) '101 pp'")
    #expect(
      message("1 pp", Reader.points(in: -1...0))
        == "f.yaml:1:1: expected percentage points from -100 pp to 0 pp, such as '-1.0 pp', "
        + "found '1 pp'")
  }

  @Test func `either notation gives a fraction where both make sense`() {
    #expect(decoded("0.2 %", Reader.shareOrPoints) == 0.002)
    #expect(decoded("5 pp", Reader.shareOrPoints) == 0.05)
    #expect(
      message("5", Reader.shareOrPoints)
        == "f.yaml:1:1: expected a share from 0 % to 100 %, such as '0.2 %' or '5 pp', found '5'")
  }

  @Test func `durations are whole in nanoseconds`() {
    #expect(decoded("5 s", Reader.duration) == .seconds(5))
    #expect(decoded("0.5 s", Reader.duration) == .milliseconds(500))
    #expect(decoded("0 ms", Reader.duration) == .zero)
    #expect(decoded("20 us", Reader.duration) == .microseconds(20))
    #expect(decoded("20 \u{B5}s", Reader.duration) == .microseconds(20))
    #expect(decoded("20 \u{3BC}s", Reader.duration) == .microseconds(20))
    #expect(decoded("7 ns", Reader.duration) == .nanoseconds(7))
    #expect(decoded("2 min", Reader.duration) == .seconds(120))
    #expect(decoded("1.5 h", Reader.duration) == .seconds(5400))
    for word in ["5", "-1 s", "0.1 ns", "5 sec", "1 d", "99999999999 h", "s"] {
      #expect(
        message(word, Reader.duration)
          == "f.yaml:1:1: expected a duration, such as '5 s', found '\(word)'")
    }
    #expect(
      message("1 ms", Reader.duration(in: .milliseconds(100) ... .seconds(3600)))
        == "f.yaml:1:1: expected a duration from 100 ms to 1 h, such as '5 s', found '1 ms'")
  }

  @Test func `bytes have units of 1000 or of 1024`() {
    #expect(decoded("0 B", Reader.bytes) == 0)
    #expect(decoded("512 MiB", Reader.bytes) == 512 << 20)
    #expect(decoded("1.5 KiB", Reader.bytes) == 1536)
    #expect(decoded("3 GiB", Reader.bytes) == 3 << 30)
    #expect(decoded("2 kB", Reader.bytes) == 2000)
    #expect(decoded("2 MB", Reader.bytes) == 2_000_000)
    #expect(decoded("2 GB", Reader.bytes) == 2_000_000_000)
    let expected = "f.yaml:1:1: expected a number of bytes, such as '512 MiB', found"
    #expect(message("512", Reader.bytes) == "\(expected) '512' (did you mean '512 B'?)")
    #expect(message("512 mb", Reader.bytes) == "\(expected) '512 mb' (did you mean '512 MiB'?)")
    #expect(message("1.3 B", Reader.bytes) == "\(expected) '1.3 B'")
    #expect(message("-1 B", Reader.bytes) == "\(expected) '-1 B'")
    #expect(message("99999999999 GiB", Reader.bytes) == "\(expected) '99999999999 GiB'")
    #expect(
      message("1 KiB", Reader.bytes(in: 4096 ... .max))
        == "f.yaml:1:1: expected at least 4096 bytes, such as '512 MiB', found '1 KiB'")
  }

  @Test func `levels are in decibel`() {
    #expect(decoded("20 dB", Reader.decibel(in: 0...100)) == 20)
    #expect(decoded("-3.5 dB", Reader.decibel(in: -10...100)) == -3.5)
    #expect(
      message("20", Reader.decibel(in: 0...100))
        == "f.yaml:1:1: expected a level from 0 dB to 100 dB, such as '20 dB', found '20'")
  }
}
