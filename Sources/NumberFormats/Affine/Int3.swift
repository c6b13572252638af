extension AffineFormat {
  /// 3-bit integers: −4…3, symmetric −3…3; a row is a stream of bits in a checkpoint.
  public static let int3 = AffineFormat(
    name: "int3", bits: 3, source: "ONNX QuantizeLinear's rule for codes of 3 bits")
}
