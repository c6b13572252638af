"""GGUF blocks of random codes, and what they stand for, bit by bit from the definitions."""

import numpy as np

F = np.float32
# Name: bytes of a block, and where its half-precision scales are.
BLOCKS = {
    "Q4_0": (18, [0]), "Q4_1": (20, [0, 2]), "Q5_0": (22, [0]), "Q5_1": (24, [0, 2]), "Q8_0": (34, [0]),
    "Q8_1": (36, [0, 2]), "Q2_K": (84, [80, 82]), "Q3_K": (110, [108]), "Q4_K": (144, [0, 2]),
    "Q5_K": (176, [0, 2]), "Q6_K": (210, [208]), "Q8_K": (292, []), "IQ4_NL": (18, [0]),
    "IQ4_XS": (136, [0]), "TQ1_0": (54, [52]), "TQ2_0": (66, [64]),
}
TABLE = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]


def random_block(name, random):
    size, scales = BLOCKS[name]
    block = random.integers(0, 256, size, dtype=np.uint8)
    halves = {}
    for place in scales:
        scale = np.float16(random.standard_normal() * 10.0 ** random.integers(-6, 3))
        block[place:place + 2] = np.frombuffer(scale.tobytes(), np.uint8)
        halves[place] = F(scale)
    if name == "Q8_K":
        halves[0] = F(random.standard_normal())
        block[:4] = np.frombuffer(halves[0].tobytes(), np.uint8)
    b = [int(v) for v in block]
    d = halves[scales[0]] if scales else halves[0]
    m = halves[scales[1]] if len(scales) > 1 else F(0)
    elements = 32 if size <= 36 else 256
    return block.tobytes(), [DECODERS[name](b, d, m, i) for i in range(elements)]


def nibble(b, start, i, run=16):
    byte = b[start + i // (2 * run) * run + i % run]
    return byte >> 4 if i % (2 * run) >= run else byte & 15


def fifth(b, start, i):
    return (b[start + i // 8] >> (i % 8) & 1) << 4


def pair_of(b, start, i):
    return b[start + i // 128 * 32 + i % 32] >> (2 * (i % 128 // 32)) & 3


def column(b, start, i):
    return b[start + i % 32] >> (i // 32) & 1


def signed_byte(v):
    return v - 256 if v > 127 else v


def six_bits(b, g):
    """Scale and minimum of group g of Q4_K and Q5_K."""
    if g < 4:
        return b[4 + g] & 63, b[8 + g] & 63
    return b[8 + g] & 15 | b[g] >> 6 << 4, b[8 + g] >> 4 | b[4 + g] >> 6 << 4


def minimum_value(b, d, m, i, code):
    scale, minimum = six_bits(b, i // 32)
    return d * F(scale) * F(code) - m * F(minimum)


def q2_k(b, d, m, i):
    return d * F(b[i // 16] & 15) * F(pair_of(b, 16, i)) - m * F(b[i // 16] >> 4)


def q3_k(b, d, m, i):
    g = i // 16
    low = b[96 + g % 8] >> (4 if g >= 8 else 0) & 15
    scale = low | (b[104 + g % 4] >> (2 * (g // 4)) & 3) << 4
    return d * F(scale - 32) * F(pair_of(b, 32, i) + 4 * column(b, 0, i) - 4)


def q6_k(b, d, m, i):
    code = nibble(b, 0, i, 64) | pair_of(b, 128, i) << 4
    return d * F(signed_byte(b[192 + i // 16])) * F(code - 32)


def iq4_xs(b, d, m, i):
    g = i // 32
    low = b[4 + g // 2] >> (4 * (g % 2)) & 15
    high = (b[2] | b[3] << 8) >> (2 * g) & 3
    return d * F((low | high << 4) - 32) * F(TABLE[nibble(b, 8, i)])


def tq1_0(b, d, m, i):
    if i < 160:
        byte, k = i % 32, i // 32
    elif i < 240:
        byte, k = 32 + (i - 160) % 16, (i - 160) // 16
    else:
        byte, k = 48 + i % 4, (i - 240) // 4
    return F((b[byte] * 3**k % 256) * 3 // 256 - 1) * d


DECODERS = {
    "Q4_0": lambda b, d, m, i: F(nibble(b, 2, i) - 8) * d,
    "Q4_1": lambda b, d, m, i: F(nibble(b, 4, i)) * d + m,
    "Q5_0": lambda b, d, m, i: F((nibble(b, 6, i) | fifth(b, 2, i)) - 16) * d,
    "Q5_1": lambda b, d, m, i: F(nibble(b, 8, i) | fifth(b, 4, i)) * d + m,
    "Q8_0": lambda b, d, m, i: F(signed_byte(b[2 + i])) * d,
    "Q8_1": lambda b, d, m, i: F(signed_byte(b[4 + i])) * d,
    "Q2_K": q2_k,
    "Q3_K": q3_k,
    "Q4_K": lambda b, d, m, i: minimum_value(b, d, m, i, nibble(b, 16, i, 32)),
    "Q5_K": lambda b, d, m, i: minimum_value(
        b, d, m, i, nibble(b, 48, i, 32) | column(b, 16, i) << 4),
    "Q6_K": q6_k,
    "Q8_K": lambda b, d, m, i: d * F(signed_byte(b[4 + i])),
    "IQ4_NL": lambda b, d, m, i: d * F(TABLE[nibble(b, 2, i)]),
    "IQ4_XS": iq4_xs,
    "TQ1_0": tq1_0,
    "TQ2_0": lambda b, d, m, i: F(pair_of(b, 0, i) - 1) * d,
}
