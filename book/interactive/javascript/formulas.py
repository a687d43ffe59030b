"""JavaScript for one element: what each element-wise operation of StableHLO does to numbers.

JavaScript computes in double precision.
`Math.fround` (written ``f``) after every float32 operation gives exactly the float32 result for
+, -, *, / and the square root, because a double has more than twice the digits.
Integers wrap around: ``|0`` to int32, ``>>>0`` to uint32.
A formula names each operand once; what needs one twice is a function in `HELPERS`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .stablehlo import Op

HELPERS = {
    "f": "Math.fround",
    "square": "x=>x*x",
    "divide": "(a,b)=>b===0?-1:a/b",
    "remainder": "(a,b)=>b===0?a:a%b",
    "power": "(a,b)=>a===1||a===-1&&Math.abs(b)===1/0?1:Math.pow(a,b)",
    "integerPower": "(a,b)=>{if(b<0)return a===1||a===-1?(b&1?a:1):0;"
    "let r=1;for(;b;b>>>=1){if(b&1)r=Math.imul(r,a);a=Math.imul(a,a)}return r}",
    "roundEven": "x=>{const r=Math.round(x);return r-x===.5?2*Math.round(x/2):r}",
    "roundAway": "x=>Math.sign(x)*Math.round(Math.abs(x))",
    "truncate": "(x,low,high)=>x!==x?0:x<low?low:x>high?high:Math.trunc(x)",
    "below": "(a,b)=>a<b||a===a&&b!==b||Object.is(a,-0)&&Object.is(b,0)",
    "bits": "(F=>(U=>x=>(F[0]=x,U[0]))(new Uint32Array(F.buffer)))(new Float32Array(1))",
    "float": "(U=>(F=>x=>(U[0]=x,F[0]))(new Float32Array(U.buffer)))(new Uint32Array(1))",
    "countBits": "x=>{let n=0;for(;x;x&=x-1)n++;return n}",
    # The series of exp(-x^2) * sum of 2^k x^(2k+1) / (2k+1)!!; beyond 4 it is 1 in float32.
    "erf": "x=>{if(Math.abs(x)>4)return Math.sign(x);let s=x,t=x,k=1;"
    "while(Math.abs(t)>1e-17*Math.abs(s))s+=t*=2*x*x/(k+=2);"
    "return s*Math.exp(-x*x)*2/Math.sqrt(Math.PI)}",
    # Laplace's continued fraction, where 1 - erf(x) would lose its digits.
    "erfc": "x=>{if(x<1)return 1-erf(x);let c=x;for(let k=60;k;k--)c=x+k/2/c;"
    "return Math.exp(-x*x)/Math.sqrt(Math.PI)/c}",
    # M. Giles, Approximating the erfinv function (2012), single precision, as in XLA.
    "erfInverse": "x=>{if(Math.abs(x)===1)return x/0;let w=f(-Math.log1p(f(-f(x*x))));"
    "const c=w<5?(w-=2.5,[2.81022636e-8,3.43273939e-7,-3.5233877e-6,-4.39150654e-6,.00021858087,"
    "-.00125372503,-.00417768164,.246640727,1.50140941]):(w=Math.sqrt(w)-3,[-.000200214257,"
    ".000100950558,.00134934322,-.00367342844,.00573950773,-.0076224613,.00943887047,1.00167406,"
    "2.83297682]);let p=c[0];for(let k=1;k<9;k++)p=c[k]+p*w;return p*x}",
}

Formula = Callable[..., str]


def helpers_in(code: str) -> list[str]:
    """Names of the helper functions that the code calls, each after those that it needs."""
    found: list[str] = []
    for name, body in HELPERS.items():
        if f"{name}(" in code:
            for needed in HELPERS:
                if f"{needed}(" in body and needed != name and needed not in found:
                    found.append(needed)
            if name not in found:
                found.append(name)
    return found


def literal(number: np.generic) -> str:
    """A number, exactly."""
    if number.dtype == bool:
        return "1" if number else "0"
    value = number.item()
    if value != value:
        return "NaN"
    if value in (np.inf, -np.inf):
        return "(1/0)" if value > 0 else "(-1/0)"
    text = repr(value).removesuffix(".0").replace("e+", "e").replace("e-0", "e-")
    if text.startswith(("0.", "-0.")):
        text = text.replace("0.", ".", 1)
    return f"({text})" if text.startswith("-") else text


def rounded(dtype: np.dtype, text: str) -> str:
    """The result of arithmetic, brought back into the dtype."""
    match dtype.name:
        case "float32":
            return f"f({text})"
        case "float64":
            return f"({text})"
        case "int32":
            return f"({text}|0)"
        case "uint32":
            return f"({text}>>>0)"
        case "int8" | "int16":
            return f"(({text})<<{32 - 8 * dtype.itemsize}>>{32 - 8 * dtype.itemsize})"
        case "uint8" | "uint16":
            return f"(({text})&{2 ** (8 * dtype.itemsize) - 1})"
    raise TypeError(f"no arithmetic for {dtype}")


def _arithmetic(operator: str) -> Formula:
    def formula(op: Op, *operands: str) -> str:
        return rounded(op.results[0].dtype, operator.join(operands))

    return formula


def _math(pattern: str) -> Formula:
    def formula(op: Op, *operands: str) -> str:
        if op.results[0].dtype.kind != "f":
            raise op.refuse(f"it is not defined for {op.results[0].dtype}")
        return rounded(op.results[0].dtype, pattern.format(*operands))

    return formula


def _exact(pattern: str) -> Formula:
    return lambda op, *operands: pattern.format(*operands)


def _by_kind(real: Formula, integer: Formula, boolean: Formula | None = None) -> Formula:
    def formula(op: Op, *operands: str) -> str:
        kind = op.results[0].dtype.kind
        if kind == "b" and boolean is not None:
            return boolean(op, *operands)
        return (real if kind == "f" else integer)(op, *operands)

    return formula


def _wrapped(pattern: str) -> Formula:
    return lambda op, *operands: rounded(op.results[0].dtype, pattern.format(*operands))


def _bitwise(sign: str) -> Formula:
    def formula(op: Op, a: str, b: str) -> str:
        text = f"({a}{sign}{b})"  # the wrapping >>>0 binds tighter than the sign
        return text if op.results[0].dtype.kind == "b" else rounded(op.results[0].dtype, text)

    return formula


def _not(op: Op, a: str) -> str:
    dtype = op.results[0].dtype
    return f"(!{a})" if dtype.kind == "b" else rounded(dtype, f"~{a}")


def _compare(op: Op, a: str, b: str) -> str:
    direction = op.attributes["comparison_direction"]
    if op.attributes.get("compare_type") == "TOTALORDER" and direction in ("LT", "GT"):
        return f"below({a},{b})" if direction == "LT" else f"below({b},{a})"
    sign = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}[direction]
    return f"({a}{sign}{b})"


def _convert(op: Op, a: str) -> str:
    before, after = op.operands[0].dtype, op.results[0].dtype
    if after.kind == "b":
        return f"({a}!=0)"
    if after.kind == "f":
        exact = before.kind == "b" or before.itemsize < after.itemsize
        return (f"(+{a})" if before.kind == "b" else a) if exact else rounded(after, a)
    if before.kind == "f":
        limits = np.iinfo(after)
        return f"truncate({a},{limits.min},{limits.max})"
    return rounded(after, f"+{a}" if before.kind == "b" else a)


def _bitcast(op: Op, a: str) -> str:
    before, after = op.operands[0].dtype, op.results[0].dtype
    if before.itemsize != after.itemsize or before.itemsize != 4:
        raise op.refuse(f"only 32-bit patterns can be read anew, not {before} as {after}")
    if before.kind == "f":
        return f"bits({a})" if after.kind == "u" else f"(bits({a})|0)"
    return f"float({a})" if after.kind == "f" else rounded(after, a)


def _shift(sign: str) -> Formula:
    def formula(op: Op, a: str, b: str) -> str:
        dtype = op.results[0].dtype
        bits = 8 * dtype.itemsize
        if sign == ">>>" and dtype.kind == "i" and bits < 32:
            a = f"({a}&{2**bits - 1})"
        if b.isdigit() and int(b) < bits:
            done = sign == ">>>" and dtype.kind == "u"
            return f"({a}>>>{b})" if done else rounded(dtype, f"{a}{sign}{b}")
        if sign == ">>":
            return rounded(dtype, f"{a}>>Math.min({b}>>>0,31)")
        return rounded(
            dtype,
            f"({b}>>>0<{bits}?{a}{sign}{b}:0)"
            if b.isidentifier()
            else f"(s=>s<{bits}?{a}{sign}s:0)({b}>>>0)",
        )

    return formula


def _leading_zeros(op: Op, a: str) -> str:
    return f"(Math.clz32({a})-{32 - 8 * op.results[0].dtype.itemsize})"


def _reduce_precision(op: Op, a: str) -> str:
    if (op.attributes["exponent_bits"], op.attributes["mantissa_bits"]) != (8, 23):
        raise op.refuse("floats shorter than 32 bits are not covered")
    return a


_largest, _smallest = _exact("Math.max({0},{1})"), _exact("Math.min({0},{1})")
_imul = _wrapped("Math.imul({0},{1})")

FORMULAS: dict[str, Formula] = {
    "add": _by_kind(_arithmetic("+"), _arithmetic("+"), _exact("({0}|{1})")),
    "subtract": _arithmetic("-"),
    "multiply": _by_kind(_arithmetic("*"), _imul, _exact("({0}&{1})")),
    "divide": _by_kind(_arithmetic("/"), _wrapped("divide({0},{1})")),
    "remainder": _by_kind(_wrapped("{0}%{1}"), _wrapped("remainder({0},{1})")),
    "power": _by_kind(_wrapped("power({0},{1})"), _wrapped("integerPower({0},{1})")),
    "maximum": _by_kind(_largest, _largest, _exact("({0}|{1})")),
    "minimum": _by_kind(_smallest, _smallest, _exact("({0}&{1})")),
    "clamp": _exact("Math.min(Math.max({1},{0}),{2})"),
    "negate": _by_kind(_exact("(-{0})"), _wrapped("-{0}")),
    "abs": _by_kind(_exact("Math.abs({0})"), _wrapped("Math.abs({0})")),
    "sign": _exact("Math.sign({0})"),
    "floor": _exact("Math.floor({0})"),
    "ceil": _exact("Math.ceil({0})"),
    "round_nearest_even": _exact("roundEven({0})"),
    "round_nearest_afz": _exact("roundAway({0})"),
    "is_finite": _exact("isFinite({0})"),
    "is_inf": _exact("(Math.abs({0})===1/0)"),
    "and": _bitwise("&"),
    "or": _bitwise("|"),
    "xor": _bitwise("^"),
    "not": _not,
    "shift_left": _shift("<<"),
    "shift_right_logical": _shift(">>>"),
    "shift_right_arithmetic": _shift(">>"),
    "popcnt": _exact("countBits({0})"),
    "count_leading_zeros": _leading_zeros,
    "compare": _compare,
    "select": _exact("({0}?{1}:{2})"),
    "convert": _convert,
    "bitcast_convert": _bitcast,
    "reduce_precision": _reduce_precision,
    "square": _math("square({0})"),
    "sqrt": _math("Math.sqrt({0})"),
    "rsqrt": _math("1/Math.sqrt({0})"),
    "cbrt": _math("Math.cbrt({0})"),
    "exponential": _math("Math.exp({0})"),
    "exponential_minus_one": _math("Math.expm1({0})"),
    "log": _math("Math.log({0})"),
    "log_plus_one": _math("Math.log1p({0})"),
    "logistic": _math("1/(1+Math.exp(-{0}))"),
    "sine": _math("Math.sin({0})"),
    "cosine": _math("Math.cos({0})"),
    "atan2": _math("Math.atan2({0},{1})"),
    "erf": _math("erf({0})"),
    "erfc": _math("erfc({0})"),
    "erf_inv": _math("erfInverse({0})"),
    **{
        name: _math(f"Math.{name}({{0}})")
        for name in (
            *("tan", "asin", "acos", "atan"),
            *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
        )
    },
}
