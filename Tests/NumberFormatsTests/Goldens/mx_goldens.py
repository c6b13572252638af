"""Writes mx.txt: inputs, encoded bytes and decoded values of the OCP MX formats and of NVFP4.

Needs numpy and ml_dtypes (made with 2.4.6 and 0.6.0): python3 mx_goldens.py > mx.txt
Each line is a name and numbers in hexadecimal: fp32 bit patterns (8 digits) or bytes (2 digits).

Written from the OCP Microscaling Formats Specification 1.0, section 6.3, independently of the Swift code: the shared
exponent from frexp, elements by ml_dtypes' casts after clipping, packing with Python's big integers (scale byte, then
elements from the lowest bit on).
"""

import ml_dtypes
import numpy as np

TYPES = {  # name: (element type, exponent of the largest element, bits)
    "mxfp8-e4m3": (ml_dtypes.float8_e4m3fn, 8, 8),
    "mxfp8-e5m2": (ml_dtypes.float8_e5m2, 15, 8),
    "mxfp6-e2m3": (ml_dtypes.float6_e2m3fn, 2, 6),
    "mxfp6-e3m2": (ml_dtypes.float6_e3m2fn, 4, 6),
    "mxfp4": (ml_dtypes.float4_e2m1fn, 2, 4),
    "mxint8": (None, 0, 8),
}


def inputs():
    random = np.random.default_rng(20)
    f = np.float32
    tiny = np.ldexp(random.standard_normal(32), -146)
    rows = [
        random.standard_normal(32) * 0.02,
        random.standard_t(2, 32),
        np.zeros(32),
        np.full(32, -0.37),
        np.concatenate([[1.99], np.arange(31) / 16]),  # ties of the coarse types, and saturation
        np.concatenate([[-(2 - 2**-6)], np.arange(31) / 128 + 1 / 256]),  # ties of int8
        tiny,
        np.concatenate([[3.4028234e38, -3.4028234e38], random.standard_normal(30) * 1e37]),
        np.concatenate([[1, -0.0], np.ldexp(1.0, -np.arange(30))]),
        random.standard_normal(32) * np.exp2(random.uniform(-20, 20, 32)),
    ]
    return np.concatenate(rows).astype(f)


def element_codes(values, kind):
    """Codes and their values for numbers that the shared scale has divided."""
    dtype, _, _ = TYPES[kind]
    if dtype is None:
        codes = np.clip(np.rint(values * 64), -127, 127).astype(np.int8)
        return codes.view(np.uint8), codes.astype(np.float64) / 64
    top = float(ml_dtypes.finfo(dtype).max)
    numbers = np.clip(values, -top, top).astype(np.float32).astype(dtype)
    return numbers.view(np.uint8), numbers.astype(np.float64)


def mx(values, kind):
    _, largest_exponent, bits = TYPES[kind]
    data, decoded = b"", []
    for block in values.astype(np.float64).reshape(-1, 32):
        amax = np.abs(block).max()
        shared = int(np.frexp(amax)[1]) - 1 - largest_exponent if amax else -127
        shared = max(shared, -127)
        codes, numbers = element_codes(np.ldexp(block, -shared), kind)
        stream = sum(int(c) << (bits * i) for i, c in enumerate(codes))
        data += bytes([shared + 127]) + stream.to_bytes(4 * bits, "little")
        decoded.append(np.ldexp(numbers, shared))
    return data, np.concatenate(decoded).astype(np.float32)


def nvfp4(values):
    f = np.float32
    amax = np.abs(values).max()
    tensor = max(f(amax / f(6 * 448)), np.finfo(f).tiny)
    scales, codes, decoded = b"", b"", []
    for block in values.reshape(-1, 16):
        largest = np.abs(block).max()
        wanted = min(f(f(largest / f(6)) / tensor), f(448))
        scale = wanted.astype(ml_dtypes.float8_e4m3fn) if largest else ml_dtypes.float8_e4m3fn(0)
        if largest and float(scale) == 0:
            scale = ml_dtypes.float8_e4m3fn(2.0**-9)
        step = f(f(scale) * tensor)
        with np.errstate(all="ignore"):
            quotient = np.clip((block / step).astype(f), -6, 6) if largest else np.zeros(16, f)
        numbers = quotient.astype(ml_dtypes.float4_e2m1fn)
        stored = numbers.view(np.uint8)
        scales += np.asarray(scale).tobytes()
        codes += bytes(int(a) | int(b) << 4 for a, b in zip(stored[::2], stored[1::2]))
        decoded.append((numbers.astype(f) * step).astype(f))
    return tensor, scales, codes, np.concatenate(decoded)


def words(values):
    return "".join(f"{int(bits):08x}" for bits in np.asarray(values, np.float32).ravel().view(np.uint32))


values = inputs()
print("input", words(values))
for name in TYPES:
    data, decoded = mx(values, name)
    print(f"{name}.bytes", data.hex())
    print(f"{name}.decoded", words(decoded))
# The blocks of extreme magnitude would leave nothing of the others under one tensor scale.
tame = np.concatenate([values[:192], values[256:]])
tensor, scales, codes, decoded = nvfp4(tame)
print("nvfp4.input", words(tame))
print("nvfp4.tensor", words([tensor]))
print("nvfp4.scales", scales.hex())
print("nvfp4.codes", codes.hex())
print("nvfp4.decoded", words(decoded))
