"""Makes folders of real and quantized ONNX models with the outputs of onnxruntime for ONNXModelTests.

    python -m venv oracle && oracle/bin/pip install numpy onnx onnxruntime
    oracle/bin/pip download --no-deps rapidocr-onnxruntime magika && unzip their wheels into PACKAGES
    oracle/bin/python Tests/ArchitecturesTests/Goldens/onnx_models.py PACKAGES CASES
    QUANTGATE_ONNX_MODELS=CASES swift test

The models (text detection, classification and recognition of PaddleOCR, and magika) lie in those packages; nothing of
them is part of this repository. Every case is laid out as ONNX's own tests: model.onnx, test_data_set_0/input_0.pb and
output_0.pb. onnxruntime computes without graph optimization, so that it rounds where the model says.
"""

import glob
import os
import shutil
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import helper, numpy_helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType
from onnxruntime.quantization import quantize_dynamic, quantize_static

packages, cases = sys.argv[1:]
random = numpy.random.default_rng(1)


def write(name, path, feeds):
    data = os.path.join(cases, name, "test_data_set_0")
    os.makedirs(data)
    shutil.copy(path, os.path.join(cases, name, "model.onnx"))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = [feeds[value.name] for value in session.get_inputs()]
    for kind, arrays in (("input", inputs), ("output", session.run(None, feeds))):
        for index, array in enumerate(arrays):
            with open(os.path.join(data, f"{kind}_{index}.pb"), "wb") as file:
                file.write(numpy_helper.from_array(numpy.asarray(array)).SerializeToString())
    print(name)


class Reader(CalibrationDataReader):
    def __init__(self, name, make):
        self.feeds = iter([{name: make()} for _ in range(8)])

    def get_next(self):
        return next(self.feeds, None)


def image(*shape):
    """Blurred noise, as photographs are smooth."""
    coarse = random.normal(size=(*shape[:2], shape[2] // 8, shape[3] // 8))
    return coarse.repeat(8, axis=2).repeat(8, axis=3).astype(numpy.float32)


def vector(count):
    return random.normal(size=(1, count)).astype(numpy.float32)


def without_sigmoid(path, folder):
    """The model up to its scores: onnxruntime's sigmoid is flat where scores are large."""
    model = onnx.load(path)
    last = model.graph.node[-1]
    if last.op_type == "Sigmoid":
        model.graph.output[0].name = last.input[0]
        del model.graph.node[-1]
    result = os.path.join(folder, os.path.basename(path))
    onnx.save(model, result)
    return result


def inlined(path):
    """The model at opset 15 or later, its constants as initializers, which the quantizer asks for."""
    model = onnx.load(path)
    if model.opset_import[0].version < 13:
        model = version_converter.convert_version(model, 15)
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            tensor = onnx.TensorProto()
            tensor.CopyFrom(node.attribute[0].t)
            tensor.name = node.output[0]
            model.graph.initializer.append(tensor)
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def quantized(name, path, feed, make, folder):
    source = os.path.join(folder, "source.onnx")
    result = os.path.join(folder, "quantized.onnx")
    onnx.save(inlined(path), source)
    for form in (QuantFormat.QDQ, QuantFormat.QOperator):
        for per_channel in (False, True):
            quantize_static(
                source, result, Reader(feed, make), quant_format=form, per_channel=per_channel,
                activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
            write(f"{name}-{form.name}-{'channel' if per_channel else 'tensor'}", result, {feed: make()})
    quantize_dynamic(source, result, weight_type=QuantType.QUInt8)
    write(f"{name}-dynamic", result, {feed: make()})


def perceptron():
    """A small float model whose products the quantizers turn into MatMulInteger, QLinearMatMul and QDQ."""
    rows = [64, 128, 128, 10]
    nodes, tensors, last = [], [], "x"
    for layer in range(3):
        weight = random.normal(size=(rows[layer], rows[layer + 1])) / rows[layer] ** 0.5
        bias = random.normal(size=rows[layer + 1])
        tensors.append(numpy_helper.from_array(weight.astype(numpy.float32), f"w{layer}"))
        tensors.append(numpy_helper.from_array(bias.astype(numpy.float32), f"b{layer}"))
        nodes.append(helper.make_node("MatMul", [last, f"w{layer}"], [f"p{layer}"]))
        nodes.append(helper.make_node("Add", [f"p{layer}", f"b{layer}"], [f"s{layer}"]))
        last = f"s{layer}"
        if layer < 2:
            nodes.append(helper.make_node("Relu", [last], [f"r{layer}"]))
            last = f"r{layer}"
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "perceptron", [value("x", onnx.TensorProto.FLOAT, [1, 64])],
        [value(last, onnx.TensorProto.FLOAT, [1, 10])], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


found = {os.path.basename(path): path for path in glob.glob(packages + "/**/*.onnx", recursive=True)}
images = {
    "classifier": ("ch_ppocr_mobile_v2.0_cls_infer.onnx", (1, 3, 48, 192)),
    "detector": ("ch_PP-OCRv4_det_infer.onnx", (1, 3, 160, 160)),
    "recognizer": ("ch_PP-OCRv4_rec_infer.onnx", (1, 3, 48, 160)),
}
with tempfile.TemporaryDirectory() as folder:
    for name, (file, shape) in images.items():
        path = without_sigmoid(found[file], folder)
        write(name, path, {"x": image(*shape)})
        quantized(name, path, "x", lambda: image(*shape), folder)
    write("magika", found["model.onnx"], {"bytes": random.integers(0, 257, size=(1, 2048)).astype(numpy.int32)})
    path = os.path.join(folder, "perceptron.onnx")
    onnx.save(perceptron(), path)
    write("perceptron", path, {"x": vector(64)})
    quantized("perceptron", path, "x", lambda: vector(64), folder)
