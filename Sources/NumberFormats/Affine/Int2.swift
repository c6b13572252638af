extension AffineFormat {
  /// 2-bit integers: −2…1, symmetric −1…1; a row is a stream of bits in a checkpoint.
  public static let int2 = AffineFormat(
    name: "int2", bits: 2, source: "ONNX QuantizeLinear, opset 25, INT2")
}
