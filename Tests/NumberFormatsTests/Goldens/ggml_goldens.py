"""Writes ggml.safetensors: inputs, blocks and decoded values of GGUF's formats.

Needs numpy (made with 2.4.6): python3 ggml_goldens.py ggml.safetensors

Written from the formats' definitions, independently of the Swift code. Arrays: `input` [7, 256] fp32; per type T
`T.encoded` [7, bytes of 256 elements], `T.random` [1, the same] random codes under finite scales, `T.decoded` [256]
what those stand for. Every fp32 operation is rounded on its own and sums run in ascending order (numpy's accumulate
does both).
"""

import json
import struct
import sys

import numpy as np

F = np.float32
TABLE = np.array(
    [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], F)


def inputs():
    random = np.random.default_rng(31)
    signs = np.where(np.arange(256) % 2 == 0, 1, -1)
    rows = [
        random.standard_normal(256) * 0.02,
        random.standard_t(2, 256),
        np.repeat([0, -0.37, 0, 1 / 3, 5, -5, 2**-20, 0], 32),
        np.resize(np.concatenate([[-8, 7], np.arange(-30, 31) / 4]), 256) / 16,  # ties of several types
        np.ldexp(random.standard_normal(256), random.integers(-140, -10, 256)),
        signs * (60000 - random.integers(0, 5000, 256) * (np.arange(256) % 3)),
        np.where(random.random(256) < 0.9, 0, 5 + random.standard_normal(256)),
    ]
    return np.array(rows).astype(F)


def total(terms):
    return np.add.accumulate(terms.astype(F))[-1]


def extreme(x):
    return x[np.argmax(np.abs(x))]


def inverse(d):
    with np.errstate(divide="ignore", over="ignore"):
        i = F(1) / F(d)
    return i if np.isfinite(i) else F(0)


def half(d):
    """The bytes of a scale, and the scale as stored."""
    h = np.float16(d)
    return h.tobytes(), F(h)


def away(x):
    """To the nearest integer, halves away from zero, exactly."""
    x = x.astype(np.float64)
    return np.sign(x) * np.floor(np.abs(x) + 0.5)


def pack(codes, bits):
    """One integer's bytes from fields, the first the lowest."""
    number = sum(int(c) << (bits * i) for i, c in enumerate(codes))
    return number.to_bytes(len(codes) * bits // 8, "little")


def nibbles(codes, run=16):
    """Element i and element i + run share a byte."""
    pairs = codes.reshape(-1, 2, run)
    return (pairs[:, 0] | pairs[:, 1] << 4).astype(np.uint8).tobytes()


def planes(codes):
    quads = codes.reshape(2, 4, 32)
    return sum(quads[:, i] << (2 * i) for i in range(4)).astype(np.uint8).tobytes()


def columns(bits):
    """Bit g of byte i is that of element 32 g + i."""
    return sum(bits.reshape(8, 32)[g] << g for g in range(8)).astype(np.uint8).tobytes()


def signed(x, half_range):
    d = extreme(x) / F(-half_range)
    codes = np.clip(np.floor(x * inverse(d) + F(half_range + 0.5)), 0, 2 * half_range - 1).astype(int)
    return half(d)[0], codes


def offset(x, top):
    d = (x.max() - x.min()) / F(top)
    codes = np.clip(np.floor((x - x.min()) * inverse(d) + F(0.5)), 0, top).astype(int)
    return half(d)[0] + half(x.min())[0], codes


def q4_0(x):
    head, codes = signed(x, 8)
    return head + nibbles(codes)


def q5_0(x):
    head, codes = signed(x, 16)
    return head + pack(codes >> 4, 1) + nibbles(codes & 15)


def q4_1(x):
    head, codes = offset(x, 15)
    return head + nibbles(codes)


def q5_1(x):
    head, codes = offset(x, 31)
    return head + pack(codes >> 4, 1) + nibbles(codes & 15)


def q8_0(x):
    d = np.abs(x).max() / F(127)
    return half(d)[0] + away(x * inverse(d)).astype(np.int8).tobytes()


def q8_1(x):
    d = np.abs(x).max() / F(127)
    codes = away(x * inverse(d)).astype(np.int8)
    return half(d)[0] + half(F(codes.sum(dtype=int)) * d)[0] + codes.tobytes()


def q8_k(x):
    with np.errstate(divide="ignore"):
        i = F(-127) / extreme(x)
    codes = np.rint(x * i).astype(np.int8) if np.isfinite(i) else np.zeros(256, np.int8)
    d = F(1) / i if np.isfinite(i) else F(0)
    return d.tobytes() + codes.tobytes() + codes.reshape(16, 16).sum(1, dtype="<i2").tobytes()


def fit_minimum(x, w, top, first, steps, magnitude):
    """x ≈ scale · code − minimum: (scale, minimum, codes)."""
    low, high = min(x.min(), F(0)), x.max()
    if low == high:
        return F(0), -low, np.zeros(x.size, int)
    sum_w, sum_x = total(w), total(w * x)

    def codes_at(i):
        return np.clip(np.rint(i * (x - low)), 0, top).astype(int)

    def error(scale, low, codes):
        e = scale * codes.astype(F) + low - x
        return total(w * (np.abs(e) if magnitude else e * e))

    i = F(top) / (high - low)
    scale, codes = F(1) / i, codes_at(i)
    best = error(scale, low, codes)
    for step in range(steps + 1):
        with np.errstate(over="ignore"):
            trial = codes_at((F(first) + F(0.1) * F(step) + F(top)) / (high - low))
        l = trial.astype(F)
        sum_l, sum_ll, sum_lx = total(w * l), total(w * l * l), total(w * l * x)
        determinant = sum_w * sum_ll - sum_l * sum_l
        if not determinant > 0:
            continue
        this_scale = (sum_w * sum_lx - sum_x * sum_l) / determinant
        this_low = (sum_ll * sum_x - sum_l * sum_lx) / determinant
        if this_low > 0:
            this_low, this_scale = F(0), sum_lx / sum_ll
        e = error(this_scale, this_low, trial)
        if e < best:
            best, scale, low, codes = e, this_scale, this_low, trial
    return scale, -low, codes


def minimum_groups(x, size, scale_top, weigh, top, *search):
    groups = x.reshape(-1, size)
    fits = [fit_minimum(g, weigh(g), top, *search) for g in groups]
    stored, steps = [], []
    for numbers in ([f[0] for f in fits], [f[1] for f in fits]):
        largest = max(max(numbers), F(0)) + F(0)  # never -0
        i = F(scale_top) / largest if largest > 0 else F(0)
        stored.append([int(min(np.rint(i * n), scale_top)) for n in numbers])
        steps.append(half(largest / F(scale_top)))
    codes = []
    for g, (group, fit) in enumerate(zip(groups, fits)):
        d, low = steps[0][1] * F(stored[0][g]), steps[1][1] * F(stored[1][g])
        again = np.clip(np.rint((group + low) / d), 0, top).astype(int) if d else fit[2]
        codes.append(again)
    return stored, steps[0][0] + steps[1][0], np.concatenate(codes)


def six_bit_pairs(scales, minima):
    out = [s | (t >> 4) << 6 for s, t in zip(scales[:4], scales[4:])]
    out += [m | (n >> 4) << 6 for m, n in zip(minima[:4], minima[4:])]
    out += [(t & 15) | (n & 15) << 4 for t, n in zip(scales[4:], minima[4:])]
    return bytes(out)


def loud(g):
    return np.sqrt(total(g * g) / F(32)) + np.abs(g)


def q4_k(x):
    stored, steps, codes = minimum_groups(x, 32, 63, loud, 15, -1, 20, False)
    return steps + six_bit_pairs(*stored) + nibbles(codes, 32)


def q5_k(x):
    stored, steps, codes = minimum_groups(x, 32, 63, loud, 31, -0.5, 15, False)
    return steps + six_bit_pairs(*stored) + columns(codes >> 4) + nibbles(codes & 15, 32)


def q2_k(x):
    stored, steps, codes = minimum_groups(x, 16, 15, np.abs, 3, -0.5, 15, True)
    pairs = bytes(s | m << 4 for s, m in zip(*stored))
    return pairs + planes(codes) + steps


def products(x, l):
    w = x * x
    l = l.astype(F)
    return total(w * x * l), total(w * l * l)


def fit_divisors(x):
    m = extreme(x)
    if abs(m) < F(1e-15):
        return F(0), np.zeros(16, int)
    best = None
    for step in [0] + [s for s in range(-9, 10) if s]:
        codes = np.clip(np.rint(-(F(32) + F(0.1) * F(step)) / m * x), -32, 31).astype(int)
        lx, ll = products(x, codes)
        if best is None or (ll > 0 and lx * lx > best[2] * ll):
            scale = lx / ll if ll else F(0)
            best = scale, codes + 32, scale * lx
    return best[:2]


def fit_coordinates(x):
    m = extreme(x)
    if abs(m) < F(1e-15):
        return F(0), np.zeros(16, int)
    codes = np.clip(np.rint(F(-4) / m * x), -4, 3).astype(int)
    lx, ll = products(x, codes)
    for _ in range(5):
        before = codes.copy()
        for i, v in enumerate(x):
            w = v * v
            part = lx - w * v * F(codes[i])
            if not part > 0:
                continue
            square = ll - w * F(codes[i]) * F(codes[i])
            code = int(np.clip(np.rint(v * square / part), -4, 3))
            if code == codes[i]:
                continue
            part, square = part + w * v * F(code), square + w * F(code) * F(code)
            if square > 0 and part * part * ll > lx * lx * square:
                codes[i], lx, ll = code, part, square
        if (before == codes).all():
            break
    return (lx / ll if ll > 0 else F(0)), codes + 4


def again(x, fits, steps, half_range):
    codes = []
    for group, fit, d in zip(x.reshape(16, 16), fits, steps):
        code = np.clip(np.rint(group / d), -half_range, half_range - 1) + half_range if d else fit[1]
        codes.append(code)
    return np.concatenate(codes).astype(int)


def q6_k(x):
    fits = [fit_divisors(g) for g in x.reshape(16, 16)]
    m = extreme(np.array([f[0] for f in fits]))
    if abs(m) < F(1e-15):
        return bytes(210)
    i = F(-128) / m
    head, d = half(F(1) / i)
    scales = [int(min(np.rint(i * f[0]), 127)) for f in fits]
    codes = again(x, fits, [d * F(s) for s in scales], 32)
    return nibbles(codes & 15, 64) + planes(codes >> 4) + np.array(scales, np.int8).tobytes() + head


def q3_k(x):
    fits = [fit_coordinates(g) for g in x.reshape(16, 16)]
    m = extreme(np.array([f[0] for f in fits]))
    scales, head, d = np.zeros(16, int), half(0)[0], F(0)
    if m:
        i = F(-32) / m
        head, d = half(F(1) / i)
        scales = np.array([int(np.clip(np.rint(i * f[0]), -32, 31)) + 32 for f in fits])
    codes = again(x, fits, [d * F(s - 32) for s in scales], 4)
    tops = sum((scales >> 4).reshape(4, 4)[g] << (2 * g) for g in range(4))
    packed = nibbles(scales & 15, 8) + tops.astype(np.uint8).tobytes()
    return columns(codes >> 2) + planes(codes & 3) + packed + head


def nearest_entry(x):
    distance = np.abs(TABLE[None, :].astype(np.float64) - x[:, None].astype(np.float64))
    return 15 - np.argmin(distance[:, ::-1], axis=1)


def fit_table(x):
    m = extreme(x)
    if abs(m) < F(1e-15):
        return F(0)
    best = None
    w = x * x
    for i in [F(1) / (-m / F(-127))] + [F(t - 127) / m for t in range(-7, 8)]:
        q = TABLE[nearest_entry(i * x)]
        qx, qq = total(w * q * x), total(w * q * q)
        if best is None or (qq > 0 and qx * qx > best[1] * qq):
            scale = qx / qq if qq > 0 else F(0)
            best = scale, scale * qx
    return best[0]


def iq4_nl(x):
    scale = fit_table(x)
    return half(scale)[0] + nibbles(nearest_entry((F(1) / scale if scale else F(0)) * x))


def iq4_xs(x):
    scales = [fit_table(g) for g in x.reshape(8, 32)]
    d = -extreme(np.array(scales)) / F(32)
    i = F(1) / d if d else F(0)
    stored, body = [], b""
    for group, scale in zip(x.reshape(8, 32), scales):
        s = np.clip(np.rint(i * scale), -32, 31)
        stored.append(int(s) + 32)
        body += nibbles(nearest_entry((F(1) / (d * F(s)) if d * F(s) else F(0)) * group))
    return half(d)[0] + pack([s >> 4 for s in stored], 2) + pack([s & 15 for s in stored], 4) + body


def digits(x):
    d = np.abs(x).max()
    return away(x * inverse(d)).astype(int) + 1, half(d)[0]


def tq1_0(x):
    t, d = digits(x)
    rows = [(t[:160].reshape(5, 32)), (t[160:240].reshape(5, 16))]
    rows.append(np.vstack([t[240:].reshape(4, 4), np.zeros((1, 4), int)]))
    numbers = np.concatenate([sum(r[k] * 3 ** (4 - k) for k in range(5)) for r in rows])
    return bytes(-(-int(n) * 256 // 243) for n in numbers) + d


def tq2_0(x):
    t, d = digits(x)
    return planes(t) + d


ENCODERS = {
    "Q4_0": (32, q4_0), "Q4_1": (32, q4_1), "Q5_0": (32, q5_0), "Q5_1": (32, q5_1),
    "Q8_0": (32, q8_0), "Q8_1": (32, q8_1), "Q2_K": (256, q2_k), "Q3_K": (256, q3_k),
    "Q4_K": (256, q4_k), "Q5_K": (256, q5_k), "Q6_K": (256, q6_k), "Q8_K": (256, q8_k),
    "IQ4_NL": (32, iq4_nl), "IQ4_XS": (256, iq4_xs), "TQ1_0": (256, tq1_0), "TQ2_0": (256, tq2_0),
}


def encode(name, row):
    size, encoder = ENCODERS[name]
    return b"".join(encoder(block) for block in row.reshape(-1, size))


def main(path):
    from ggml_decoders import random_block

    np.seterr(over="ignore")  # comparisons of squares may, as in ggml

    rows = inputs()
    arrays = {"input": rows}
    random = np.random.default_rng(32)
    for name, (size, _) in ENCODERS.items():
        encoded = [np.frombuffer(encode(name, row), np.uint8) for row in rows]
        arrays[f"{name}.encoded"] = np.array(encoded)
        blocks = [random_block(name, random) for _ in range(256 // size)]
        arrays[f"{name}.random"] = np.frombuffer(b"".join(b for b, _ in blocks), np.uint8)[None]
        arrays[f"{name}.decoded"] = np.concatenate([v for _, v in blocks]).astype(F)
    header, payload = {}, b""
    for name, array in arrays.items():
        kind = "F32" if array.dtype == F else "U8"
        end = len(payload) + array.nbytes
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [len(payload), end]}
        payload += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + payload)


if __name__ == "__main__":
    main(sys.argv[1])
