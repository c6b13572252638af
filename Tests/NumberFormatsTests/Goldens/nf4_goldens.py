"""Writes nf4.txt: NF4 and bitsandbytes' FP4 of random numbers, and scales quantized to 8 bits.

Needs numpy (made with 2.4.6): python3 nf4_goldens.py > nf4.txt
Each line is a name and numbers in hexadecimal: fp32 bit patterns (8 digits) or bytes (2 digits).

Written from bitsandbytes' definition, with linear searches and decimal fractions where the Swift code searches a tree
and follows torch's roundings; equal to bitsandbytes 0.50.2 on the same kind of data.
"""

from fractions import Fraction

import numpy as np

f = np.float32
NF4 = np.array(
    [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
     -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
     0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
     0.7229568362236023, 1.0], f)
FP4 = np.array([0, 1 / 192, 2 / 3, 1, 1 / 3, 1 / 2, 1 / 6, 1 / 4], f)
FP4 = np.concatenate([FP4, 0 - FP4])


def dynamic():
    """The 8-bit numbers before torch's roundings: good for choosing codes away from midpoints."""
    values = [0.0, 1.0]
    for decade in range(7):
        steps = 2**decade
        for j in range(steps):
            middle = Fraction(1, 10) + Fraction(9, 10) * Fraction(2 * j + 1, 2 * steps)
            value = float(middle * Fraction(10) ** (decade - 6))
            values += [value, -value]
    return np.array(sorted(values), f)


def encode(values, table, size):
    order = np.argsort(table, kind="stable")
    middles = ((table[order][:-1] + table[order][1:]) * f(0.5)).astype(f)
    codes, absmax = [], []
    for start in range(0, len(values), size):
        block = values[start : start + size]
        largest = np.abs(block).max()
        relative = block * (f(1) / largest) if largest else block * f(0)
        codes.append(order[(relative[:, None] > middles[None, :]).sum(axis=1)])
        absmax.append(largest)
    return np.concatenate(codes).astype(np.uint8), np.array(absmax, f)


def words(values):
    return "".join(f"{int(b):08x}" for b in np.asarray(values, f).ravel().view(np.uint32))


random = np.random.default_rng(4)
values = (random.standard_normal(999) * np.exp2(random.uniform(-8, 2, 999))).astype(f)
values[128:192] = 0
values[192:256] = -0.5
print("input", words(values))
for name, table, size in [("nf4", NF4, 64), ("nf4-b100", NF4, 100), ("fp4-bnb", FP4, 64)]:
    codes, absmax = encode(values, table, size)
    padded = np.append(codes, np.uint8(7 if table is NF4 else 0))
    print(f"{name}.codes", (padded[::2] << 4 | padded[1::2]).astype(np.uint8).tobytes().hex())
    print(f"{name}.absmax", words(absmax))
    print(f"{name}.decoded", words(table[codes] * np.repeat(absmax, size)[: len(codes)]))

scales = np.abs(random.standard_normal(300)).astype(f)
offset = f(scales.astype(np.float64).sum() / 300)
codes, absmax = encode((scales - offset).astype(f), dynamic(), 256)
print("scales.input", words(scales))
print("scales.offset", words([offset]))
print("scales.codes", codes.tobytes().hex())
print("scales.absmax", words(absmax))
