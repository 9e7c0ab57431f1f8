"""Writes the C++ sources of the ABI test that are made from the tables.

emit.py expected FILE         what the tables say: values, and layouts as ctypes lays the members out
emit.py probe NAME HEADER FILE  what a PKCS #11 header says of the same names
emit.py signatures FILE       compile-time checks of the functions' types in our header
"""
import ctypes
import sys

import tables

HEAD = "// Made from tests/vectors/pkcs11-3.2 by tests/abi/emit.py.\n"


def ctypes_of(kind, built):
    """The ctypes twin of a C type: a structure, a byte, a CK_ULONG, or else a pointer."""
    if kind in built:
        return built[kind]
    if kind.endswith("_PTR") or kind.startswith("CK_C_") or kind in (
            "CK_CREATEMUTEX", "CK_DESTROYMUTEX", "CK_LOCKMUTEX", "CK_UNLOCKMUTEX"):
        return ctypes.c_void_p
    scalars = {"unsigned char": ctypes.c_ubyte, "unsigned long int": ctypes.c_ulong}
    while kind not in scalars:
        kind = tables.typedefs()[kind]
    return scalars[kind]


def layouts():
    """(structure, member, offset, size); the whole structure first, with an empty member name"""
    built = {}
    for name, members in tables.all_members().items():
        fields = []
        for kind, member, length in members:
            twin = ctypes_of(kind, built)
            fields.append((member, twin * length if length else twin))
        built[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
        yield name, "", 0, ctypes.sizeof(built[name])
        for member, _ in fields:
            field = getattr(built[name], member)
            yield name, member, field.offset, field.size


def expected():
    yield HEAD + '#include "table.hpp"\n\nTable table_of_expected() {\n  Table table;\n'
    for name, value in tables.constants().items():
        yield f'  table.constants["{name}"] = {value:#x}UL;\n'
    for name, member, offset, size in layouts():
        yield f'  table.members["{name}.{member}"] = {{{offset}, {size}}};\n'
    yield "  return table;\n}\n"


def probe(name, header):
    """The header is read inside a namespace: a structure that it lacks is found outside instead, incomplete."""
    members = tables.all_members()
    yield HEAD + f'#include "probe.hpp"\n\nnamespace {name} {{\n#include <{header}>\n}}  // namespace {name}\n\n'
    yield "".join(f"struct {structure};\n" for structure in members)
    yield f"\nnamespace {name} {{\nnamespace {{\n\n"
    for structure, fields in members.items():
        yield f"template <class T>\nvoid probe_{structure}([[maybe_unused]] Table& table) {{\n"
        yield f'  WHOLE("{structure}");\n'
        yield "".join(f'  MEMBER("{structure}", {member});\n' for _, member, _ in fields) + "}\n\n"
    yield "void constants(Table& table) {\n"
    for constant in tables.constants():
        yield f'#ifdef {constant}\n  table.constants["{constant}"] = static_cast<unsigned long>({constant});\n#endif\n'
    yield f"}}\n\n}}  // namespace\n\nTable table_of() {{\n  Table table;\n  constants(table);\n"
    yield "".join(f"  probe_{structure}<{structure}>(table);\n" for structure in members)
    yield f"  return table;\n}}\n\n}}  // namespace {name}\n\nTable table_of_{name}() {{ return {name}::table_of(); }}\n"


def signatures():
    yield HEAD + "#include <type_traits>\n\n#include \"cryptoki/pkcs11.h\"\n\n"
    lists = tables.function_lists()
    for name, _, arguments in tables.functions():
        types = ", ".join(argument.rsplit(" ", 1)[0] for argument in arguments)
        yield f"using Type_{name} = CK_RV (*)({types});\n"
        yield f"static_assert(std::is_same_v<decltype(&{name}), Type_{name}>);\n"
        yield f"static_assert(std::is_same_v<CK_{name}, Type_{name}>);\n"
        yield "".join(f"static_assert(std::is_same_v<decltype({structure}::{name}), Type_{name}>);\n"
                      for structure, names in lists.items() if name in names)


def main():
    kind, *arguments, path = sys.argv[1:]
    with open(path, "w", encoding="utf-8") as out:
        out.writelines({"expected": expected, "probe": probe, "signatures": signatures}[kind](*arguments))


main()
