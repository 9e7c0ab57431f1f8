#!/usr/bin/python3
"""Checks that every arrow between the layers points downward, as ARCHITECTURE.md draws them.

It reads the #include lines of include/, src/, pkcs11/ and conformance/ and compares them with ALLOWED; and it
looks for words that a layer must not know. The linker checks the libraries (cmake/layer.cmake); this checks the headers.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# layer -> the layers whose headers it may include (itself always). Whoever may use core may use the standard's
# types, cryptoki, which core's headers are written in.
ALLOWED = {
    # floor 0
    "base": "",
    # floor 1
    "crypto": "base",
    "apdu": "base",
    "cryptoki": "",
    "vendor": "",
    # floor 2
    "core": "base cryptoki",
    "card": "apdu crypto base",
    "pcsc": "apdu base",
    "jpki": "crypto base",
    # floor 3
    "mechanism": "core crypto base",
    "token": "core card apdu crypto base vendor",
    # floor 4 and 5
    "module": "token mechanism card pcsc core vcard apdu base",
    "pkcs11": "module core cryptoki base",
    # outside the module
    "vcard": "crypto base",
    "client": "cryptoki",
    "web": "crypto base",
    "window": "web jpki crypto base",
    "counter": "client window web vcard jpki crypto base",
    "tool": "client web jpki crypto base vendor",
    "conformance": "cryptoki",
}
ALLOWED = {layer: {*below.split(), layer} | ({"cryptoki"} if "core" in below.split() else set())
           for layer, below in ALLOWED.items()}

# layer -> words that its files must not say (outside comments), and why
FORBIDDEN = {
    "base": (r"\bCK_[A-Z]|\bCKR_|<openssl/|<winscard|<PCSC/", "the base knows no standard and no library"),
    "core": (r"<openssl/|<winscard|<PCSC/|\bSCard|\bAPDU", "the PKCS #11 model knows no OpenSSL, APDU or reader"),
    "card": (r"\bCK[A-Z]?_|\bSCard|<winscard|<PCSC/|<openssl/", "cards speak their own words"),
    "apdu": (r"\bCK[A-Z]?_|\bSCard|<winscard|<PCSC/|<openssl/", "ISO 7816 only"),
    "pcsc": (r"\bCK[A-Z]?_|<openssl/", "readers know no PKCS #11"),
    "jpki": (r"\bCK[A-Z]?_|\bSCard|<winscard|<PCSC/", "the service knows no PKCS #11 and no reader"),
    "vcard": (r"\bCK[A-Z]?_|\bSCard|<winscard|<PCSC/", "bytes in, bytes out"),
    "pkcs11": (r"<openssl/|\bSCard|<winscard|<PCSC/", "the ABI and nothing else"),
    "conformance": (r"<openssl/|\bSCard|<winscard|<PCSC/", "a judge knows PKCS #11 and no module"),
}
# The web library is src/web's, and the responder's, which speaks plain HTTP: no page is written in its words.
for layer in ALLOWED.keys() - {"web", "counter"}:
    word, why = FORBIDDEN.get(layer, (None, ""))
    FORBIDDEN[layer] = (f"{word}|httplib" if word else "httplib", "; ".join(filter(None, [why, "only src/web knows httplib"])))
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
COMMENT = re.compile(r"//.*?$|/\*.*?\*/", re.S | re.M)


def layer_of(path):
    """The layer that a file belongs to. include/jpki is for programs outside: it is no part of src/jpki."""
    parts = path.split(os.sep)
    if path.startswith(os.path.join("include", "jpki")):
        return "vendor"
    return parts[1] if parts[0] in ("src", "include") else parts[0]


def named_layer(header):
    """The layer that an #include names, or None for a header of the system or of the same folder."""
    if header == "jpki/vendor.h":
        return "vendor"
    first = header.split("/")[0]
    return first if "/" in header and first in ALLOWED else None


def sources():
    for top in ("include", "src", "pkcs11", "conformance"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith((".cpp", ".hpp", ".h", ".c", ".def")):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def without_comments(text):
    """The text with comments blanked, its lines kept."""
    return COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment.group()), text)


def faults_of(path, text):
    """(line, what is wrong) for one file."""
    layer = layer_of(path)
    if layer not in ALLOWED:
        yield 1, f"the folder {layer} is not in the drawing"
        return
    word, why = FORBIDDEN.get(layer, (None, None))
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        include = INCLUDE.match(line)
        target = named_layer(include.group(1)) if include else None
        if target and target not in ALLOWED[layer]:
            yield number, f"{layer} must not include {include.group(1)}"
        if word and re.search(word, line):
            yield number, f"{layer} must not say {re.search(word, line).group()}: {why}"


def self_test():
    """The checker finds what it is there to find."""
    for path, text, expected in [
        ("src/core/slot.cpp", '#include "base/hex.hpp"\n#include <vector>\n#include "cryptoki/pkcs11.h"\n', []),
        ("src/core/slot.cpp", '\n#include "crypto/rsa.hpp"\n', [2]),
        ("src/card/jpki/jpki_card.cpp", "// never says CK_RV\nCK_RV x;\n", [2]),
        ("src/card/errors.hpp", '/* CK_RV\n CKR_OK */ int a;\n#include "pcsc/context.hpp"', [3]),
        ("src/core/slot.cpp", "#include <openssl/evp.h>\n", [1]),
        ("src/token/card_errors.hpp", '#include "cryptoki/pkcs11.h"\n#include "pcsc/context.hpp"\n', [2]),
        ("src/vcard/card.cpp", '#include "card/jpki/profile.hpp"\n#include "apdu/transport.hpp"\n', [1, 2]),
        ("pkcs11/sessions.cpp", '#include "arguments.hpp"\n#include "token/card_token.hpp"\n', [2]),
        ("include/jpki/vendor.h", '#define A CKH_B\n#include "cryptoki/pkcs11.h"\n', [2]),
        ("src/token/x.cpp", "#include <jpki/vendor.h>\n", []),
        ("src/core/x.cpp", "#include <jpki/vendor.h>\n", [1]),
        ("conformance/cases/login.cpp", '#include "cryptoki/names.hpp"\n#include "oasis/names.hpp"\n', []),
        ("conformance/run.hpp", '#include "base/hex.hpp"\n\n#include "client/module.hpp"\n', [1, 3]),
        ("src/window/x.cpp", '#include <httplib.h>\n#include "web/server.hpp"\n#include "counter/register.hpp"\n', [1, 3]),
        ("src/novel/x.cpp", "", [1]),
    ]:
        found = [line for line, _ in faults_of(path.replace("/", os.sep), text)]
        assert found == expected, f"self-test: {path}: lines {found}, expected {expected}"


def main():
    self_test()
    files, faults = 0, 0
    for path in sources():
        files += 1
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            for line, fault in faults_of(path, file.read()):
                print(f"{path}:{line}: {fault}")
                faults += 1
    print(f"arrows: {files} files, {faults} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
