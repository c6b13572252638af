"""Writes functions.txt: function, arguments and the correctly rounded result, as bit patterns in hexadecimal.

Needs mpmath. The inputs are seeded, so that the table can be made again: python3 goldens.py > functions.txt
"""

import math
import random
import struct

import mpmath as mp

mp.mp.prec = 2400  # sin of 2^1023 needs more than 1100 bits before the first correct one
random.seed(20260)


def bits(value, single):
    return struct.pack(">f" if single else ">d", value).hex()


def correctly_rounded(value, single):
    """The nearest float or double of an mpf, ties to even, with subnormals and overflow."""
    mantissa, lowest, largest = (24, -149, 128) if single else (53, -1074, 1024)
    if value == 0:
        return 0.0
    exponent = int(mp.floor(mp.log(abs(value), 2)))
    unit = max(exponent - mantissa + 1, lowest)
    scaled = int(mp.nint(mp.ldexp(value, -unit)))
    if abs(scaled) >= 2 ** (largest - unit):
        return math.copysign(math.inf, value)
    return math.ldexp(scaled, unit)


def uniform(low, high, count):
    return [random.uniform(low, high) for _ in range(count)]


def spread(low, high, count):
    """Both signs, exponents from low to high."""
    return [random.choice([-1, 1]) * 2 ** random.uniform(low, high) for _ in range(count)]


def quarter_turns():
    return [float(k * mp.pi / 2) for k in (1, 2, 3, 4, 5, 11, 100, 355, 12345, 636619, 636620)]


# The double nearest to a multiple of pi / 2 (Muller, Elementary Functions, 2nd edition, table 10.2).
hardest = [6381956970095103 * 2.0**797]
turns = uniform(-10, 10, 60) + spread(-40, 20, 60) + spread(20, 1023, 40) + quarter_turns() + hardest
table = {
    "exp": (mp.exp, uniform(-745, 709, 60) + uniform(-1, 1, 40) + uniform(-745.1, -708, 40)),
    "log": (mp.log, [abs(x) for x in spread(-1074, 1023, 60)] + uniform(0.6, 1.6, 60)
            + [1 + x for x in spread(-52, -4, 30)]),
    "sin": (mp.sin, turns),
    "cos": (mp.cos, turns),
    "tanh": (mp.tanh, uniform(-3, 3, 80) + spread(-40, 5, 60)),
    "erf": (mp.erf, uniform(-6.5, 6.5, 80) + spread(-40, 2, 60)),
}
singles = {
    "expf": (mp.exp, uniform(-103.5, 88.7, 80) + uniform(-1, 1, 40) + uniform(-103.9, -87, 40)),
    "logf": (mp.log, [abs(x) for x in spread(-148, 127, 60)] + uniform(0.6, 1.6, 60)),
    "tanhf": (mp.tanh, uniform(-3, 3, 60) + spread(-30, 4, 40)),
    "erff": (mp.erf, uniform(-4, 4, 60) + spread(-30, 2, 40)),
    "rsqrtf": (lambda x: 1 / mp.sqrt(x), [abs(x) for x in spread(-148, 127, 80)]),
}


def powers():
    for _ in range(100):
        base = 2 ** random.uniform(-1074, 1023)
        yield base, random.uniform(-1070, 1023) / math.log2(base)
    for _ in range(60):
        base = random.uniform(0.5, 2)
        yield base, random.uniform(-1000, 1000)
    for _ in range(40):
        yield -random.uniform(0.1, 9), float(random.randint(-40, 40))
    for base in (10.0, 2.0, 0.1, 3.0):
        for exponent in (-20.0, -1.0, 0.5, 2.0, 22.0, 0.1):
            yield base, exponent


for name, (function, inputs) in table.items():
    for x in inputs:
        print(name, bits(x, False), bits(correctly_rounded(function(mp.mpf(x)), False), False))
for name, (function, inputs) in singles.items():
    for x in inputs:
        x = struct.unpack(">f", struct.pack(">f", x))[0]
        if x == 0 or (name == "logf" and x == 1):
            continue
        print(name, bits(x, True), bits(correctly_rounded(function(mp.mpf(x)), True), True))
mp.mp.prec = 400
for base, exponent in powers():
    sign = -1 if base < 0 and exponent % 2 else 1
    value = sign * mp.power(abs(mp.mpf(base)), mp.mpf(exponent))
    print("pow", bits(base, False), bits(exponent, False), bits(correctly_rounded(value, False), False))
