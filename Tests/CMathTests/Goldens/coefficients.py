"""Prints the constants of Sources/CMath, and those of GELU in Sources/CKernels. Needs mpmath.

Every polynomial interpolates a smooth function at the Chebyshev points of its interval, with 60 digits,
which is within a small factor of the minimax polynomial (Powell 1967: below 4 for these degrees); the degree
is chosen so that the truncation error stays under a few hundredths of a unit in the last place, and the coefficients are then
rounded to the working precision. `error` is the largest relative error of the rounded polynomial.
"""

import mpmath as mp

mp.mp.dps = 80


def fit(g, low, high, degree, bits=53, pinned=()):
    """Monomial coefficients, ascending, of the interpolant of g; the first ones may be pinned."""
    low, high = mp.mpf(low), mp.mpf(high)
    free = degree + 1 - len(pinned)
    nodes = [
        (low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * free))
        for i in range(free)
    ]
    nodes = [x if x else mp.mpf(10) ** -30 for x in nodes]

    def rest(x):
        return (g(x) - sum(mp.mpf(c) * x**i for i, c in enumerate(pinned))) / x ** len(pinned)

    matrix = mp.matrix(free, free)
    right = mp.matrix(free, 1)
    for i, x in enumerate(nodes):
        right[i] = rest(x)
        for j in range(free):
            matrix[i, j] = x**j
    solution = mp.lu_solve(matrix, right)
    coefficients = [rounded(mp.mpf(c), bits) for c in pinned]
    return coefficients + [rounded(solution[i], bits) for i in range(free)]


def rounded(value, bits):
    with mp.workprec(bits):
        return +value


def show(name, coefficients, g, low, high, single=False):
    worst = mp.mpf(0)
    for i in range(401):
        x = mp.mpf(low) + (mp.mpf(high) - mp.mpf(low)) * i / 400
        if x == 0:
            continue
        value = sum(c * x**j for j, c in enumerate(coefficients))
        worst = max(worst, abs(value / g(x) - 1))
    print(f"// {name}: error 2^{mp.nstr(mp.log(worst, 2), 4)}")
    for c in coefficients:
        print(f"  {hexadecimal(c)}{'f' if single else ''},")


def hexadecimal(value):
    return float(value).hex()


def constant(name, value, single=False):
    print(f"{name} {hexadecimal(value)}{'f' if single else ''}")


def parts(value, widths):
    """Splits a constant into pieces of the given widths in bits, truncated, the last one rounded."""
    out = []
    for width in widths[:-1]:
        exponent = mp.floor(mp.log(abs(value), 2))
        unit = mp.mpf(2) ** (exponent - width + 1)
        piece = mp.floor(value / unit) * unit
        out.append(piece)
        value -= piece
    out.append(rounded(value, widths[-1]))
    return out


half_ln2 = mp.log(2) / 2 * mp.mpf("1.001")

# exp(r) = 1 + r + r^2 * E(r)
def exp_tail(r):
    return (mp.expm1(r) - r) / r**2 if abs(r) > mp.mpf(10) ** -20 else mp.mpf(1) / 2 + r / 6


for name, value in zip(("LN2_HIGH", "LN2_LOW"), parts(mp.log(2), [42, 53])):
    constant(name, value)
constant("LOG2_E", rounded(1 / mp.log(2), 53))
show("exp", fit(exp_tail, -half_ln2, half_ln2, 10), exp_tail, -half_ln2, half_ln2)
for name, value in zip(("LN2_HIGHF", "LN2_LOWF"), parts(mp.log(2), [16, 24])):
    constant(name, value, True)
constant("LOG2_EF", rounded(1 / mp.log(2), 24), True)
show("expf", fit(exp_tail, -half_ln2, half_ln2, 5, 24), exp_tail, -half_ln2, half_ln2, True)

# log((1 + s) / (1 - s)) = 2 s + s * z * L(z), z = s^2, |s| <= (sqrt 2 - 1) / (sqrt 2 + 1)
limit = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.001")


def log_tail(z):
    if z < mp.mpf(10) ** -25:
        return mp.mpf(2) / 3 + 2 * z / 5
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / (s * z)


show("log", fit(log_tail, 0, limit, 7), log_tail, 0, limit)


# pow: atanh(s) = s + s * z * (1/3 + z/5 + z^2 * M(z)); 1/3 and 1/5 as two doubles each
def pow_tail(z):
    if z < mp.mpf(10) ** -15:
        return sum(z**i / (2 * i + 7) for i in range(6))
    s = mp.sqrt(z)
    return (mp.atanh(s) / s - 1 - z / 3 - z**2 / 5) / z**3


show("pow", fit(pow_tail, 0, limit, 6), pow_tail, 0, limit)
for name, value in (("THIRD", mp.mpf(1) / 3), ("FIFTH", mp.mpf(1) / 5), ("LN2", mp.log(2))):
    constant(name + "_HIGH", rounded(value, 53))
    constant(name + "_LOW", rounded(value - rounded(value, 53), 53))

# sin(r) = r + r * z * S(z); cos(r) = 1 - z/2 + z^2 * C(z); z = r^2, |r| <= pi/4
quarter = (mp.pi / 4) ** 2 * mp.mpf("1.001")


def sin_tail(z):
    if z < mp.mpf(10) ** -25:
        return -mp.mpf(1) / 6 + z / 120
    r = mp.sqrt(z)
    return (mp.sin(r) - r) / (r * z)


def cos_tail(z):
    if z < mp.mpf(10) ** -20:
        return mp.mpf(1) / 24 - z / 720
    r = mp.sqrt(z)
    return (mp.cos(r) - 1 + z / 2) / z**2


show("sin", fit(sin_tail, 0, quarter, 6), sin_tail, 0, quarter)
show("cos", fit(cos_tail, 0, quarter, 6), cos_tail, 0, quarter)
for index, value in enumerate(parts(mp.pi / 2, [30, 30, 53])):
    constant(f"HALF_PI_{index + 1}", value)
constant("HALF_PI_HIGH", rounded(mp.pi / 2, 53))
constant("HALF_PI_LOW", rounded(mp.pi / 2 - rounded(mp.pi / 2, 53), 53))
constant("TWO_OVER_PI", rounded(2 / mp.pi, 53))
with mp.workprec(1400):
    bits = int(mp.floor(2 / mp.pi * mp.mpf(2) ** 1280))
print("// 2/pi, most significant 64 bits first")
for i in range(20):
    print(f"  0x{(bits >> (64 * (19 - i))) & (2**64 - 1):016x},")

# tanh(x) = x + x * z * T(z), z = x^2, |x| <= 3/4
top = mp.mpf(9) / 16 * mp.mpf("1.001")


def tanh_tail(z):
    if z < mp.mpf(10) ** -25:
        return -mp.mpf(1) / 3 + 2 * z / 15
    x = mp.sqrt(z)
    return (mp.tanh(x) - x) / (x * z)


show("tanh", fit(tanh_tail, 0, top, 12), tanh_tail, 0, top)


# erf(x) = x * (2/sqrt(pi) + z * F(z)), z = x^2, |x| <= 1
def erf_tail(z):
    two = 2 / mp.sqrt(mp.pi)
    if z < mp.mpf(10) ** -25:
        return two * (-mp.mpf(1) / 3 + z / 10)
    x = mp.sqrt(z)
    return (mp.erf(x) / x - two) / z


show("erf", fit(erf_tail, 0, 1, 12), erf_tail, 0, 1)
constant("ERF_SLOPE_HIGH", rounded(2 / mp.sqrt(mp.pi), 53))
constant(
    "ERF_SLOPE_LOW", rounded(2 / mp.sqrt(mp.pi) - rounded(2 / mp.sqrt(mp.pi), 53), 53)
)


# erfc(x) = exp(-x^2) * H(t), t = (x - 2) / (x + 2), 1 <= x <= 6
def erfc_scaled(t):
    x = 2 * (1 + t) / (1 - t)
    return mp.erfc(x) * mp.exp(x * x)


show(
    "erfc", fit(erfc_scaled, mp.mpf(-1) / 3, mp.mpf(1) / 2, 15), erfc_scaled,
    mp.mpf(-1) / 3, mp.mpf(1) / 2,
)


def gelu_tail(t):
    a = 3 * (1 + t) / (1 - t)
    return (a + 3) * mp.exp(a * a / 2) * mp.erfc(a / mp.sqrt(2)) / 2


farthest = mp.mpf(15 - 3) / (15 + 3)
show("gelu", fit(gelu_tail, -1, farthest, 9, 24), gelu_tail, -1, farthest, True)
