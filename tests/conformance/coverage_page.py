"""docs/spec-coverage.md out of what ask.py was told by a token of each kind."""
import os
import re

import coverage_reasons as reasons
import tables
from harness.tools import ROOT

PAGE = os.path.join(ROOT, "docs", "spec-coverage.md")
TEXT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "coverage_text.md")
KINDS = ["card, authentication", "card, signature", "software"]
NO = "CKR_FUNCTION_NOT_SUPPORTED"
# Chapter of a function: the conformance suite's table has it.
CHAPTER = re.compile(r"ROW\([^,]+, (C_\w+), \"(5\.\d+)\.\d+\"")
CHAPTERS = {
    "5.4": "General purpose", "5.5": "Slots and tokens", "5.6": "Sessions", "5.7": "Objects", "5.8": "Encryption",
    "5.9": "Message encryption", "5.10": "Decryption", "5.11": "Message decryption", "5.12": "Digests",
    "5.13": "Signatures", "5.14": "Message signatures", "5.15": "Verification", "5.16": "Message verification",
    "5.17": "Dual-function", "5.18": "Keys", "5.19": "Random numbers", "5.20": "Parallel", "5.22": "Asynchronous",
}
# What a mechanism's flag says it can do (5.5.6), and the functions that need a mechanism with it.
ABILITIES = {
    "CKF_ENCRYPT": ("encrypt", r"C_Encrypt"), "CKF_DECRYPT": ("decrypt", r"C_Decrypt"),
    "CKF_DIGEST": ("digest", r"C_Digest"), "CKF_SIGN": ("sign", r"C_Sign(Init|Update|Final)?$"),
    "CKF_SIGN_RECOVER": ("sign-recover", r"C_SignRecover"),
    "CKF_VERIFY": ("verify", r"C_Verify(Init|Update|Final)?$"),
    "CKF_VERIFY_RECOVER": ("verify-recover", r"C_VerifyRecover"),
    "CKF_GENERATE_KEY_PAIR": ("make pairs", r"C_GenerateKeyPair"),
}
PART = r"(?:Init|Update|Final)?$"
KEY_TYPES = {0: "RSA", 3: "EC", 0x40: "Edwards"}


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def todays(names):
    """Of names for one number the one that the standard uses today, as include/cryptoki/names.hpp has it."""
    with open(os.path.join(ROOT, "include", "cryptoki", "names.hpp"), encoding="ascii") as file:
        used = set(re.findall(r"JPKI_NAME\((\w+)\)", file.read()))
    return next((name for name in names if name in used), names[0])


def by_number(prefix):
    """{number: its name}"""
    found = {}
    for name, number in tables.constants(prefix).items():
        found.setdefault(number, []).append(name)
    return {number: todays(names) for number, names in found.items()}


def code(names):
    return ", ".join(f"`{name}`" for name in names)


def absent(names, prefix, groups, shown):
    """Rows of what is not there, by group: the first pattern of `groups` that a name matches."""
    found = {}
    for name in names:
        bare = name if name.startswith("C_") else name[len(prefix):]
        _, what, why = next(row for row in groups if re.fullmatch(row[0], bare))
        found.setdefault((what, why), []).append(name)
    return table(["not there", "number", "names", "why"],
                 [[what, str(len(those)), shown(those), why] for (what, why), those in found.items()])


def families(names):
    """Many names in few: `CKM_AES_*` (28)."""
    found = {}
    for name in names:
        found.setdefault("_".join(name.split("_")[:2]), []).append(name)
    return ", ".join(f"`{those[0]}`" if len(those) == 1 else f"`{family}…` ({len(those)})"
                     for family, those in found.items())


# --- functions


def chapters():
    with open(os.path.join(ROOT, "conformance", "functions.cpp"), encoding="utf-8") as file:
        return dict(CHAPTER.findall(file.read()))


def no_mechanism(name, told, flags):
    """Whether the function is there, and the token has no mechanism that it could be called with."""
    for flag, (_, pattern) in ABILITIES.items():
        if re.match(pattern if pattern.endswith("$") else pattern + PART, name):
            return not any(info[2] & flags[flag] for info in told["mechanisms"].values())
    return False


def functions(tokens):
    flags, by_chapter, missing = tables.constants("CKF_"), {}, []
    for name in tables.functions():
        answers = {kind: told["functions"].get(name) for kind, told in tokens.items()}
        if NO in answers.values():
            assert set(answers.values()) == {NO}, f"{name} differs by token"
            missing.append(name)
            continue
        idle = [kind for kind, told in tokens.items() if no_mechanism(name, told, flags)]
        by_chapter.setdefault(chapters()[name], {}).setdefault(tuple(idle), []).append(name)
    rows = []
    for chapter, title in CHAPTERS.items():
        for idle, names in by_chapter.get(chapter, {}).items():
            rows.append([f"{chapter} {title}", code(names), *("no mechanism" if kind in idle else "yes" for kind in KINDS)])
    count = len(tables.functions())
    return (f"Of {count} functions {count - len(missing)} are supported; the others answer `{NO}`, on every token.\n\n"
            + table(["chapter", "functions", *KINDS], rows) + "\n\n"
            + absent(missing, "", reasons.FUNCTIONS, code))


# --- mechanisms


def mechanism_cell(info, flags):
    if info is None:
        return "–"
    least, largest, bits = info
    words = [word for flag, (word, _) in ABILITIES.items() if bits & flags[flag]]
    sizes = "" if largest == 0 else f"; {least}" if least == largest else f"; {least} to {largest}"
    return ("hardware: " if bits & flags["CKF_HW"] else "") + ", ".join(words) + sizes


def mechanisms(tokens):
    flags, rows, missing = tables.constants("CKF_"), [], []
    numbers = by_number("CKM_")
    for number, name in numbers.items():
        told = [tokens[kind]["mechanisms"].get(str(number)) for kind in KINDS]
        if any(told):
            rows.append([f"`{name}`", *(mechanism_cell(info, flags) for info in told)])
        else:
            missing.append(name)
    return (f"Of {len(numbers)} mechanisms {len(rows)} are there. Sizes of keys are in bits.\n\n"
            + table(["mechanism", *KINDS], rows) + "\n\n" + absent(missing, "CKM_", reasons.MECHANISMS, families))


# --- objects


def number(text):
    return int.from_bytes(bytes.fromhex(text), "little")


def of_class(told, value):
    return [thing for thing in told["objects"] if number(thing["attributes"]["0"]) == value]


def attribute_cell(things, kind):
    """yes; for which keys only; not revealed."""
    if not things:
        return "–"
    having = [thing for thing in things if str(kind) in thing["attributes"]]
    if not having:
        return "–"
    word = "yes" if any(thing["attributes"][str(kind)] is not None for thing in having) else "not revealed"
    if len(having) == len(things):
        return word
    key_type = str(tables.constants("CKA_")["CKA_KEY_TYPE"])
    types = {KEY_TYPES[number(thing["attributes"][key_type])] for thing in having if key_type in thing["attributes"]}
    return f"{word} ({', '.join(t for t in KEY_TYPES.values() if t in types)})" if types else f"{word} (some)"


def object_cell(things):
    if not things:
        return "–"
    public = {thing["public"] for thing in things}
    return "public" if public == {True} else "after the login" if public == {False} else "both"


def objects(tokens):
    classes = tables.constants("CKO_")
    attributes = {name: value for value, name in by_number("CKA_").items()}
    there = {name: value for name, value in classes.items() if any(of_class(told, value) for told in tokens.values())}
    text = table(["class", *KINDS], [[f"`{name}`", *(object_cell(of_class(tokens[kind], value)) for kind in KINDS)]
                                     for name, value in there.items()])
    text += "\n\n" + absent([name for name in classes if name not in there], "CKO_", reasons.CLASSES, code)
    seen = set()
    for name, value in there.items():
        things = {kind: of_class(tokens[kind], value) for kind in KINDS}
        same = {}
        for attribute, kind in attributes.items():
            cells = tuple(attribute_cell(things[token], kind) for token in KINDS)
            if set(cells) != {"–"}:
                same.setdefault(cells, []).append(attribute)
                seen.add(attribute)
        text += f"\n\n### Attributes of `{name}`\n\n" + table(
            ["attributes", *KINDS], [[code(those), *cells] for cells, those in same.items()])
    missing = [name for name in attributes if name not in seen]
    return text + "\n\n### Attributes of no object\n\n" + absent(missing, "CKA_", reasons.ATTRIBUTES, code)


# --- profiles


def profiles(tokens):
    names = {name: value for name, value in tables.constants("CKP_").items()
             if not re.match(r"CKP_(PKCS5|ML_|SLH_)", name)}
    kind, rows, missing = str(tables.constants("CKA_")["CKA_PROFILE_ID"]), [], []
    claimed = {token: {number(thing["attributes"][kind]) for thing in told["objects"] if kind in thing["attributes"]}
               for token, told in tokens.items()}
    for name, value in names.items():
        cells = ["claimed" if value in claimed[token] else "–" for token in KINDS]
        if set(cells) == {"–"}:
            missing.append(name)
        else:
            rows.append([f"`{name}`", *cells])
    return table(["profile", *KINDS], rows) + "\n\n" + absent(missing, "CKP_", reasons.PROFILES, code)


def page(tokens):
    with open(TEXT, encoding="utf-8") as file:
        text = file.read()
    for name, chapter in (("functions", functions), ("mechanisms", mechanisms), ("objects", objects),
                          ("profiles", profiles)):
        text = text.replace(f"<!-- {name} -->", chapter(tokens))
    return text
