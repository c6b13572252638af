extension AffineFormat {
  /// 8-bit integers: −128…127, symmetric −127…127.
  public static let int8 = AffineFormat(
    name: "int8", bits: 8, source: "ONNX QuantizeLinear, opset 21, INT8")
}
