"""JavaScript for one element: what each element-wise operation of StableHLO does to numbers.

JavaScript computes in double precision.
`Math.fround` (written ``f``) after every float32 operation gives exactly the float32 result for
+, -, *, / and the square root, because a double has more than twice the digits.
Integers wrap around: ``|0`` to int32, ``>>>0`` to uint32.
A formula names each operand once; what needs one twice is a function of `HELPERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from book.interactive.javascript.rule import Rule
from book.interactive.javascript.stablehlo import Op, Value, constant
from book.interactive.javascript.writer import Writer

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
    # C. Lanczos, A precision approximation of the gamma function (1964), and its reflection.
    "logGamma": "x=>{if(x===-1/0)return 1/0;if(x<.5)return Math.log(Math.PI/Math.sin(Math.PI*"
    "(Math.abs(x)%1)))-logGamma(1-x);let s=.9999999999998099,k=0;for(const c of[676.5203681218851,"
    "-1259.1392167224028,771.3234287776531,-176.6150291621406,12.507343278686905,"
    "-.13857109526572012,9.984369578019572e-6,1.5056327351493116e-7])s+=c/(x+k++);"
    "return(x-.5)*(Math.log(x+6.5)-1)-7+Math.log(s*Math.sqrt(2*Math.PI))}",
}

# Helpers that a helper calls.
NEEDS = {"erfc": {"erf"}, "erfInverse": {"f"}}

Formula = Callable[..., str]


def _exact(code: str) -> Formula:
    """A formula that needs no rounding: a pattern, or the name of a function to call."""
    if "{" in code:
        return lambda writer, op, *operands: code.format(*operands)
    return lambda writer, op, *operands: writer.call(code, *operands)


def _rounded(code: str) -> Formula:
    exact = _exact(code)
    return lambda writer, op, *operands: writer.rounded(op, exact(writer, op, *operands))


def _by_kind(
    real: Formula, integer: Formula | None = None, boolean: Formula | None = None
) -> Formula:
    kinds = {"i": integer or real, "u": integer or real, "b": boolean or real}
    return lambda writer, op, *operands: kinds.get(op.results[0].dtype.kind, real)(
        writer, op, *operands
    )


def _bitwise(sign: str) -> Formula:
    # The wrapping >>>0 binds tighter than the sign.
    code = f"({{0}}{sign}{{1}})"
    return _by_kind(_rounded(code), boolean=_exact(code))


def _bits(op: Op, a: str) -> str:
    """An integer without the copies of its sign that a JavaScript number has in front."""
    bits = 8 * op.results[0].dtype.itemsize
    return a if bits == 32 else f"({a}&{2**bits - 1})"


def _leading_zeros(writer: Writer, op: Op, a: str) -> str:
    return f"(Math.clz32({_bits(op, a)})-{32 - 8 * op.results[0].dtype.itemsize})"


def _compare(writer: Writer, op: Op, a: str, b: str) -> str:
    direction = op.attributes["comparison_direction"]
    if op.attributes.get("compare_type") == "TOTALORDER" and direction in ("LT", "GT"):
        return writer.call("below", *((a, b) if direction == "LT" else (b, a)))
    sign = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}[direction]
    return f"({a}{sign}{b})"


def _convert(writer: Writer, op: Op, a: str) -> str:
    before, after = op.operands[0].dtype, op.results[0].dtype
    if after.kind == "b":
        return f"({a}!=0)"
    if after.kind == "f":
        exact = before.kind == "b" or before.itemsize < after.itemsize
        return (f"(+{a})" if before.kind == "b" else a) if exact else writer.rounded(op, a)
    if before.kind == "f":
        limits = np.iinfo(after)
        return writer.call("truncate", a, str(limits.min), str(limits.max))
    return writer.rounded(op, f"+{a}" if before.kind == "b" else a)


def _bitcast(writer: Writer, op: Op, a: str) -> str:
    before, after = op.operands[0].dtype, op.results[0].dtype
    if before.kind == "f":
        bits = writer.call("bits", a)
        return bits if after.kind == "u" else f"({bits}|0)"
    return writer.call("float", a) if after.kind == "f" else writer.rounded(op, a)


def _no_bitcast(op: Op) -> str | None:
    before, after = op.operands[0].dtype, op.results[0].dtype
    if before == after or before.itemsize == after.itemsize == 4:
        return None
    return f"only 32-bit patterns can be read anew, not {before} as {after}"


def _shift(sign: str) -> Formula:
    def formula(writer: Writer, op: Op, a: str, b: str) -> str:
        dtype = op.results[0].dtype
        bits = 8 * dtype.itemsize
        if sign == ">>>" and dtype.kind == "i":
            a = _bits(op, a)
        if b.isdigit() and int(b) < bits:
            done = sign == ">>>" and dtype.kind == "u"
            return f"({a}>>>{b})" if done else writer.rounded(op, f"{a}{sign}{b}")
        if sign == ">>":
            return writer.rounded(op, f"{a}>>Math.min({b}>>>0,31)")
        return writer.rounded(
            op,
            f"({b}>>>0<{bits}?{a}{sign}{b}:0)"
            if b.isidentifier()
            else f"(s=>s<{bits}?{a}{sign}s:0)({b}>>>0)",
        )

    return formula


def _no_reduced_precision(op: Op) -> str | None:
    if (op.attributes["exponent_bits"], op.attributes["mantissa_bits"]) == (8, 23):
        return None
    return "floats shorter than 32 bits are not covered"


def _numpy(function: Callable[..., Any]) -> Callable[..., Any]:
    """Folding by a function that needs to know nothing but the operands."""
    return lambda op, *arrays: function(*arrays)


def _fold_compare(op: Op, a: np.ndarray, b: np.ndarray) -> Any:
    names = {"EQ": "equal", "NE": "not_equal", "LT": "less"}
    names |= {"LE": "less_equal", "GT": "greater", "GE": "greater_equal"}
    return getattr(np, names[op.attributes["comparison_direction"]])(a, b)


# What becomes of floats out of range, and of a division of integers by zero, is in the formulas.


def _fold_convert(op: Op, a: np.ndarray) -> Any:
    dtype = op.results[0].dtype
    return None if a.dtype.kind == "f" and dtype.kind != "f" else a.astype(dtype)


def _fold_divide(op: Op, a: np.ndarray, b: np.ndarray) -> Any:
    return a / b if a.dtype.kind == "f" else None


def _fold_left(op: Op, a: np.ndarray, b: np.ndarray) -> Any:
    return np.where(b < 8 * a.itemsize, a << b, 0)


def _fold_right(op: Op, a: np.ndarray, b: np.ndarray) -> Any:
    unsigned = np.dtype(f"u{a.itemsize}")
    return np.where(b < 8 * a.itemsize, a.astype(unsigned) >> b.astype(unsigned), 0)


def _neutral(number: int) -> Callable[[Op], Value | None]:
    """The first operand of an operation on integers whose second one changes nothing."""

    def simpler(op: Op) -> Value | None:
        other = constant(op.operands[1])
        if op.results[0].dtype.kind not in "iu" or other is None or (other != number).any():
            return None
        return op.operands[0]

    return simpler


def same_type(op: Op) -> Value | None:
    """The operand, when the result has its shape and dtype."""
    before, after = op.operands[0], op.results[0]
    return before if (before.shape, before.dtype) == (after.shape, after.dtype) else None


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


_or, _and = _exact("({0}|{1})"), _exact("({0}&{1})")
_largest, _smallest = _exact("Math.max"), _exact("Math.min")

RULES = {
    "add": Rule(
        _by_kind(_rounded("{0}+{1}"), boolean=_or), fold=_numpy(np.add), simpler=_neutral(0)
    ),
    "subtract": Rule(_rounded("{0}-{1}"), fold=_numpy(np.subtract)),
    "multiply": Rule(
        _by_kind(_rounded("{0}*{1}"), _rounded("Math.imul"), _and),
        fold=_numpy(np.multiply),
        simpler=_neutral(1),
    ),
    "divide": Rule(_by_kind(_rounded("{0}/{1}"), _rounded("divide")), fold=_fold_divide),
    "remainder": Rule(_by_kind(_rounded("{0}%{1}"), _rounded("remainder"))),
    "power": Rule(_by_kind(_rounded("power"), _rounded("integerPower"))),
    "maximum": Rule(_by_kind(_largest, boolean=_or), fold=_numpy(np.maximum)),
    "minimum": Rule(_by_kind(_smallest, boolean=_and), fold=_numpy(np.minimum)),
    "clamp": Rule(
        _exact("Math.min(Math.max({1},{0}),{2})"), fold=lambda op, a, x, b: np.clip(x, a, b)
    ),
    "negate": Rule(_by_kind(_exact("(-{0})"), _rounded("-{0}")), fold=_numpy(np.negative)),
    "abs": Rule(_by_kind(_exact("Math.abs"), _rounded("Math.abs"))),
    "sign": Rule(_exact("Math.sign")),
    "floor": Rule(_exact("Math.floor")),
    "ceil": Rule(_exact("Math.ceil")),
    "round_nearest_even": Rule(_exact("roundEven")),
    "round_nearest_afz": Rule(_exact("roundAway")),
    "is_finite": Rule(_exact("isFinite")),
    "is_inf": Rule(_exact("(Math.abs({0})===1/0)")),
    "and": Rule(_bitwise("&"), fold=_numpy(np.bitwise_and)),
    "or": Rule(_bitwise("|"), fold=_numpy(np.bitwise_or)),
    "xor": Rule(_bitwise("^"), fold=_numpy(np.bitwise_xor)),
    "not": Rule(_by_kind(_rounded("~{0}"), boolean=_exact("(!{0})")), fold=_numpy(np.invert)),
    "shift_left": Rule(_shift("<<"), fold=_fold_left),
    "shift_right_logical": Rule(_shift(">>>"), fold=_fold_right),
    "shift_right_arithmetic": Rule(_shift(">>")),
    "popcnt": Rule(lambda writer, op, a: writer.call("countBits", _bits(op, a))),
    "count_leading_zeros": Rule(_leading_zeros),
    "compare": Rule(_compare, fold=_fold_compare),
    "select": Rule(_exact("({0}?{1}:{2})"), fold=_numpy(np.where)),
    "convert": Rule(_convert, fold=_fold_convert, simpler=same_type),
    "bitcast_convert": Rule(_bitcast, refuse=_no_bitcast, simpler=same_type),
    "reduce_precision": Rule(_exact("{0}"), refuse=_no_reduced_precision),
    "square": Rule(_rounded("square")),
    "sqrt": Rule(_rounded("Math.sqrt")),
    "rsqrt": Rule(_rounded("1/Math.sqrt({0})")),
    "cbrt": Rule(_rounded("Math.cbrt")),
    "exponential": Rule(_rounded("Math.exp")),
    "exponential_minus_one": Rule(_rounded("Math.expm1")),
    "log": Rule(_rounded("Math.log")),
    "log_plus_one": Rule(_rounded("Math.log1p")),
    "logistic": Rule(_rounded("1/(1+Math.exp(-{0}))")),
    "sine": Rule(_rounded("Math.sin")),
    "cosine": Rule(_rounded("Math.cos")),
    "atan2": Rule(_rounded("Math.atan2")),
    "erf": Rule(_rounded("erf")),
    "erfc": Rule(_rounded("erfc")),
    "erf_inv": Rule(_rounded("erfInverse")),
    "lgamma": Rule(_rounded("logGamma")),
    **{
        name: Rule(_rounded(f"Math.{name}"))
        for name in (
            *("tan", "asin", "acos", "atan"),
            *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
        )
    },
}
