extension AffineFormat {
  /// 6-bit integers: −32…31, symmetric −31…31; a row is a stream of bits in a checkpoint.
  public static let int6 = AffineFormat(
    name: "int6", bits: 6, source: "ONNX QuantizeLinear's rule for codes of 6 bits")
}
