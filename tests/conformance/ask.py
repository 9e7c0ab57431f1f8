"""ask.py MODULE TOKEN: what a token answers about itself, as JSON. TEST_PIN is the user's PIN.

{"functions": {name: return value}, "mechanisms": {type: [least size, largest size, flags]},
 "objects": [{"public": seen before the login, "attributes": {type: value in hex, or null: not revealed}}]}
"""
import ctypes
import json
import os
import sys
from ctypes import POINTER, Structure, byref, c_char_p, c_ubyte, c_ulong, c_void_p

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support")]
import p11  # noqa: E402
import tables  # noqa: E402

# Not called: they would end what asks. That they are there is clear by then.
IN_USE = {"C_Initialize", "C_Finalize"}
DONT_BLOCK = {"C_WaitForSlotEvent": 1}  # CKF_DONT_BLOCK


class Interface(Structure):
    _fields_ = [("name", c_char_p), ("functions", POINTER(c_void_p)), ("flags", c_ulong)]


def function_list(module):
    """The functions of the module's default interface: {name: pointer}; its list begins with a version (3.6)."""
    interface = POINTER(Interface)()
    module.library.C_GetInterface.restype = c_ulong
    module.check(module.library.C_GetInterface(None, None, byref(interface), c_ulong(0)))
    rows = tables.functions()
    return {name: interface.contents.functions[1 + index] for index, name in enumerate(rows)}


def answer(name, pointer, parameters, slot, session):
    """A call with the token's slot or a session of it, and nothing else."""
    first = {"CK_SLOT_ID": slot, "CK_SESSION_HANDLE": session}
    kinds, values = [], []
    for index, kind in enumerate(parameters):
        pointer_like = kind.endswith("_PTR") or kind.endswith("_PTR_PTR") or kind == "CK_NOTIFY"
        kinds.append(c_void_p if pointer_like else c_ubyte if kind == "CK_BBOOL" else c_ulong)
        value = first.get(kind, DONT_BLOCK.get(name, 0)) if index == 0 else 0
        values.append(None if pointer_like else value)
    return ctypes.CFUNCTYPE(c_ulong, *kinds)(pointer)(*values)


def functions_of(module, slot):
    """Each with a session of its own, for some close what they are given."""
    answers = {}
    for (name, parameters), pointer in zip(tables.functions().items(), function_list(module).values()):
        if name not in IN_USE:
            session = module.open(slot)
            rv = answer(name, pointer, parameters, slot, session)
            answers[name] = p11.NAMES.get(rv, hex(rv))
            module.close_all(slot)
    return answers


def read(module, session, handle, kind):
    """(whether the object has the attribute, its value in hex or None where it is not revealed)"""
    row = p11.Attribute(kind, None, 0)
    try:
        module.call("GetAttributeValue", session, handle, byref(row), 1)
        room = ctypes.create_string_buffer(max(1, row.length))
        row.value = ctypes.cast(room, c_void_p)
        module.call("GetAttributeValue", session, handle, byref(row), 1)
        return True, room.raw[:row.length].hex()
    except p11.Refused as refused:
        if str(refused) == "CKR_ATTRIBUTE_SENSITIVE":
            return True, None
        if str(refused) == "CKR_ATTRIBUTE_TYPE_INVALID":
            return False, None
        raise


def objects_of(module, slot, pin):
    session = module.open(slot)
    unique = tables.constants("CKA_")["CKA_UNIQUE_ID"]
    before = {read(module, session, handle, unique) for handle in module.find(session, {})}
    module.login(session, pin)
    found = []
    for handle in module.find(session, {}):
        shown = {kind: read(module, session, handle, kind) for kind in tables.constants("CKA_").values()}
        found.append({"public": shown[unique] in before,
                      "attributes": {str(kind): value for kind, (has, value) in shown.items() if has}})
    module.close(session)
    return found


def main(path, label):
    module = p11.Module(path)
    module.initialize()
    slot = [slot for slot in module.slots(True) if module.token_info(slot)["label"] == label][0]
    told = {"functions": functions_of(module, slot),
            "mechanisms": {kind: module.mechanism_info(slot, kind) for kind in module.mechanisms(slot)},
            "objects": objects_of(module, slot, os.environ["TEST_PIN"])}
    module.finalize()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
