extension AffineFormat {
  /// 4-bit integers: −8…7, symmetric −7…7; two to a byte in a checkpoint.
  public static let int4 = AffineFormat(
    name: "int4", bits: 4, source: "ONNX QuantizeLinear, opset 21, INT4")
}
