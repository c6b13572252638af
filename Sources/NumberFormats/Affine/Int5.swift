extension AffineFormat {
  /// 5-bit integers: −16…15, symmetric −15…15; a row is a stream of bits in a checkpoint.
  public static let int5 = AffineFormat(
    name: "int5", bits: 5, source: "ONNX QuantizeLinear's rule for codes of 5 bits")
}
