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
    def __init__(self, make):
        self.feeds = iter([make() for _ in range(8)])

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


def quantized(name, path, make, folder):
    source = os.path.join(folder, "source.onnx")
    result = os.path.join(folder, "quantized.onnx")
    onnx.save(inlined(path), source)
    for form in (QuantFormat.QDQ, QuantFormat.QOperator):
        for per_channel in (False, True):
            quantize_static(
                source, result, Reader(make), quant_format=form, per_channel=per_channel,
                activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
            write(f"{name}-{form.name}-{'channel' if per_channel else 'tensor'}", result, make())
    quantize_dynamic(source, result, weight_type=QuantType.QUInt8)
    write(f"{name}-dynamic", result, make())


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


class Builder:
    """Appends operators and constants to a graph."""

    def __init__(self):
        self.nodes, self.tensors = [], []

    def constant(self, values, kind=numpy.float32):
        name = f"c{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(numpy.asarray(values, kind), name))
        return name

    def __call__(self, operation, *inputs, **settings):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name, **settings))
        return name

    def linear(self, value, rows, columns):
        weight = self.constant(random.normal(size=(rows, columns)) / rows ** 0.5)
        return self("Add", self("MatMul", value, weight), self.constant(random.normal(size=columns) / 4))

    def normalized(self, value, width):
        rest = self("Sub", value, self("ReduceMean", value, axes=[-1]))
        square = self("Pow", rest, self.constant(2))
        deviation = self("Sqrt", self("Add", self("ReduceMean", square, axes=[-1]), self.constant(1e-5)))
        scaled = self("Mul", self("Div", rest, deviation), self.constant(random.normal(size=width) / 8 + 1))
        return self("Add", scaled, self.constant(random.normal(size=width) / 8))


def transformer(tokens=9, width=32, heads=4, vocabulary=50):
    """A BERT of two layers as exporters spell it: attention, GELU and normalizations in pieces, extents from Shape."""
    graph = Builder()
    value = graph("Gather", graph.constant(random.normal(size=(vocabulary, width))), "ids")
    value = graph("Add", value, graph.constant(random.normal(size=(1, tokens, width)) / 4))
    value = graph.normalized(value, width)
    extents = graph("Slice", graph("Shape", "ids"), *(graph.constant([n], numpy.int64) for n in (0, 2)))
    apart = graph("Concat", extents, graph.constant([heads, width // heads], numpy.int64), axis=0)
    joined = graph("Concat", extents, graph.constant([width], numpy.int64), axis=0)
    seen = graph("Cast", graph("Unsqueeze", "mask", graph.constant([1, 2], numpy.int64)), to=1)
    hidden = graph("Mul", graph("Sub", graph.constant(1), seen), graph.constant(-10_000))
    for _ in range(2):
        query, key, own = (
            graph("Transpose", graph("Reshape", graph.linear(value, width, width), apart), perm=[0, 2, 1, 3])
            for _ in range(3))
        scores = graph("MatMul", query, graph("Transpose", key, perm=[0, 1, 3, 2]))
        scores = graph("Add", graph("Div", scores, graph.constant((width / heads) ** 0.5)), hidden)
        mixed = graph("MatMul", graph("Softmax", scores, axis=-1), own)
        mixed = graph("Reshape", graph("Transpose", mixed, perm=[0, 2, 1, 3]), joined)
        value = graph.normalized(graph("Add", value, graph.linear(mixed, width, width)), width)
        inner = graph.linear(value, width, 2 * width)
        half = graph("Add", graph("Erf", graph("Div", inner, graph.constant(2 ** 0.5))), graph.constant(1))
        inner = graph("Mul", graph("Mul", inner, half), graph.constant(0.5))
        value = graph.normalized(graph("Add", value, graph.linear(inner, 2 * width, width)), width)
    first = graph("Gather", value, graph.constant(0, numpy.int64), axis=1)
    graph.nodes.append(helper.make_node(
        "Gemm", [first, graph.constant(random.normal(size=(5, width)))], ["y"], transB=1))
    value = helper.make_tensor_value_info
    made = helper.make_graph(
        graph.nodes, "transformer",
        [value("ids", onnx.TensorProto.INT64, ["n", tokens]), value("mask", onnx.TensorProto.INT64, ["n", tokens])],
        [value("y", onnx.TensorProto.FLOAT, ["n", 5])], graph.tensors)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def sentence():
    mask = numpy.ones((1, 9), numpy.int64)
    mask[0, 7:] = 0
    return {"ids": random.integers(0, 50, size=(1, 9)), "mask": mask}


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
        quantized(name, path, lambda: {"x": image(*shape)}, folder)
    write("magika", found["model.onnx"], {"bytes": random.integers(0, 257, size=(1, 2048)).astype(numpy.int32)})
    path = os.path.join(folder, "perceptron.onnx")
    onnx.save(perceptron(), path)
    write("perceptron", path, {"x": vector(64)})
    quantized("perceptron", path, lambda: {"x": vector(64)}, folder)
    path = os.path.join(folder, "transformer.onnx")
    onnx.save(transformer(), path)
    onnx.checker.check_model(path)
    write("transformer", path, sentence())
    quantized("transformer", path, sentence, folder)
