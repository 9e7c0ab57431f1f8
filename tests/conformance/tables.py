"""The standard's tables (tests/vectors/pkcs11-3.2)."""
import os

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "pkcs11-3.2")


def _rows(name):
    with open(os.path.join(VECTORS, name), encoding="ascii") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def functions():
    """{name: types of its parameters}, in the order of the function lists."""
    return {name: [parameter.split()[0] for parameter in parameters.split(";")]
            for name, _, parameters in _rows("functions.tsv")}


def constants(prefix):
    """{name: value}; where a number has two names, both."""
    return {name: int(value.rstrip("UL"), 0) for name, value in _rows("constants.tsv") if name.startswith(prefix)}
