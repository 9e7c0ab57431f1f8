"""A small PKCS #11 client in ctypes, for tests that need a long-lived session.

It talks to any module through C_GetFunctionList (version 2.40) and knows only what the tests use. Everything a
module answers comes back as it is; an answer other than CKR_OK is raised as Refused, which carries its name.
The numbers are those of the PKCS #11 3.2 specification.
"""
import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_ubyte, c_ulong, c_void_p

import rpc

RETURN_VALUES = dict(
    pair.split("=") for pair in """
OK=0x0 CANCEL=0x1 HOST_MEMORY=0x2 SLOT_ID_INVALID=0x3 GENERAL_ERROR=0x5 FUNCTION_FAILED=0x6 ARGUMENTS_BAD=0x7
NO_EVENT=0x8 NEED_TO_CREATE_THREADS=0x9 CANT_LOCK=0xa ATTRIBUTE_READ_ONLY=0x10 ATTRIBUTE_SENSITIVE=0x11
ATTRIBUTE_TYPE_INVALID=0x12 ATTRIBUTE_VALUE_INVALID=0x13 ACTION_PROHIBITED=0x1b DATA_INVALID=0x20
DATA_LEN_RANGE=0x21 DEVICE_ERROR=0x30 DEVICE_MEMORY=0x31 DEVICE_REMOVED=0x32 ENCRYPTED_DATA_INVALID=0x40
ENCRYPTED_DATA_LEN_RANGE=0x41 AEAD_DECRYPT_FAILED=0x42 FUNCTION_CANCELED=0x50 FUNCTION_NOT_PARALLEL=0x51
FUNCTION_NOT_SUPPORTED=0x54 KEY_HANDLE_INVALID=0x60 KEY_SIZE_RANGE=0x62 KEY_TYPE_INCONSISTENT=0x63
KEY_NOT_NEEDED=0x64 KEY_CHANGED=0x65 KEY_NEEDED=0x66 KEY_INDIGESTIBLE=0x67 KEY_FUNCTION_NOT_PERMITTED=0x68
KEY_NOT_WRAPPABLE=0x69 KEY_UNEXTRACTABLE=0x6a MECHANISM_INVALID=0x70 MECHANISM_PARAM_INVALID=0x71
OBJECT_HANDLE_INVALID=0x82 OPERATION_ACTIVE=0x90 OPERATION_NOT_INITIALIZED=0x91 PIN_INCORRECT=0xa0
PIN_INVALID=0xa1 PIN_LEN_RANGE=0xa2 PIN_EXPIRED=0xa3 PIN_LOCKED=0xa4 SESSION_CLOSED=0xb0 SESSION_COUNT=0xb1
SESSION_HANDLE_INVALID=0xb3 SESSION_PARALLEL_NOT_SUPPORTED=0xb4 SESSION_READ_ONLY=0xb5 SESSION_EXISTS=0xb6
SESSION_READ_ONLY_EXISTS=0xb7 SESSION_READ_WRITE_SO_EXISTS=0xb8 SIGNATURE_INVALID=0xc0 SIGNATURE_LEN_RANGE=0xc1
TEMPLATE_INCOMPLETE=0xd0 TEMPLATE_INCONSISTENT=0xd1 TOKEN_NOT_PRESENT=0xe0 TOKEN_NOT_RECOGNIZED=0xe1
TOKEN_WRITE_PROTECTED=0xe2 UNWRAPPING_KEY_HANDLE_INVALID=0xf0 UNWRAPPING_KEY_SIZE_RANGE=0xf1
UNWRAPPING_KEY_TYPE_INCONSISTENT=0xf2 USER_ALREADY_LOGGED_IN=0x100 USER_NOT_LOGGED_IN=0x101
USER_PIN_NOT_INITIALIZED=0x102 USER_TYPE_INVALID=0x103 USER_ANOTHER_ALREADY_LOGGED_IN=0x104
USER_TOO_MANY_TYPES=0x105 WRAPPED_KEY_INVALID=0x110 WRAPPED_KEY_LEN_RANGE=0x112
WRAPPING_KEY_HANDLE_INVALID=0x113 WRAPPING_KEY_SIZE_RANGE=0x114 WRAPPING_KEY_TYPE_INCONSISTENT=0x115
RANDOM_SEED_NOT_SUPPORTED=0x120 RANDOM_NO_RNG=0x121 DOMAIN_PARAMS_INVALID=0x130 CURVE_NOT_SUPPORTED=0x140
BUFFER_TOO_SMALL=0x150 SAVED_STATE_INVALID=0x160 INFORMATION_SENSITIVE=0x170 STATE_UNSAVEABLE=0x180
CRYPTOKI_NOT_INITIALIZED=0x190 CRYPTOKI_ALREADY_INITIALIZED=0x191 MUTEX_BAD=0x1a0 MUTEX_NOT_LOCKED=0x1a1
NEW_PIN_MODE=0x1b0 NEXT_OTP=0x1b1 EXCEEDED_MAX_ITERATIONS=0x1b5 FIPS_SELF_TEST_FAILED=0x1b6
LIBRARY_LOAD_FAILED=0x1b7 PIN_TOO_WEAK=0x1b8 PUBLIC_KEY_INVALID=0x1b9 FUNCTION_REJECTED=0x200
TOKEN_RESOURCE_EXCEEDED=0x201 OPERATION_CANCEL_FAILED=0x202 KEY_EXHAUSTED=0x203 PENDING=0x204
SESSION_ASYNC_NOT_SUPPORTED=0x205 SEED_RANDOM_REQUIRED=0x206 OPERATION_NOT_VALIDATED=0x207
TOKEN_NOT_INITIALIZED=0x208 PARAMETER_SET_NOT_SUPPORTED=0x209
""".split())
NAMES = {int(value, 16): "CKR_" + name for name, value in RETURN_VALUES.items()}

# The members of CK_FUNCTION_LIST after its version, in the order of the specification's section 3.6.
FUNCTIONS = """
Initialize Finalize GetInfo GetFunctionList GetSlotList GetSlotInfo GetTokenInfo GetMechanismList
GetMechanismInfo InitToken InitPIN SetPIN OpenSession CloseSession CloseAllSessions GetSessionInfo
GetOperationState SetOperationState Login Logout CreateObject CopyObject DestroyObject GetObjectSize
GetAttributeValue SetAttributeValue FindObjectsInit FindObjects FindObjectsFinal EncryptInit Encrypt
EncryptUpdate EncryptFinal DecryptInit Decrypt DecryptUpdate DecryptFinal DigestInit Digest DigestUpdate
DigestKey DigestFinal SignInit Sign SignUpdate SignFinal SignRecoverInit SignRecover VerifyInit Verify
VerifyUpdate VerifyFinal VerifyRecoverInit VerifyRecover DigestEncryptUpdate DecryptDigestUpdate
SignEncryptUpdate DecryptVerifyUpdate GenerateKey GenerateKeyPair WrapKey UnwrapKey DeriveKey SeedRandom
GenerateRandom GetFunctionStatus CancelFunction WaitForSlotEvent
""".split()

CKF_RW_SESSION, CKF_SERIAL_SESSION, CKF_DONT_BLOCK, CKF_OS_LOCKING_OK = 2, 4, 1, 2
CKU_SO, CKU_USER, CKU_CONTEXT_SPECIFIC = 0, 1, 2
CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY = 1, 2, 3
MECHANISMS = {"RSA_PKCS": 0x1, "SHA1_RSA_PKCS": 0x6, "SHA256_RSA_PKCS": 0x40, "SHA384_RSA_PKCS": 0x41,
              "SHA512_RSA_PKCS": 0x42, "RSA_X_509": 0x3, "RSA_PKCS_PSS": 0xD}
TOKEN_FLAGS = {"RNG": 0x1, "WRITE_PROTECTED": 0x2, "LOGIN_REQUIRED": 0x4, "USER_PIN_INITIALIZED": 0x8,
               "TOKEN_INITIALIZED": 0x400, "USER_PIN_COUNT_LOW": 0x10000, "USER_PIN_FINAL_TRY": 0x20000,
               "USER_PIN_LOCKED": 0x40000}
SLOT_FLAGS = {"TOKEN_PRESENT": 1, "REMOVABLE_DEVICE": 2, "HW_SLOT": 4}
ATTRIBUTES = {"CLASS": 0x0, "TOKEN": 0x1, "PRIVATE": 0x2, "LABEL": 0x3, "VALUE": 0x11, "SUBJECT": 0x101,
              "ID": 0x102, "MODULUS": 0x120, "MODULUS_BITS": 0x121, "PUBLIC_EXPONENT": 0x122,
              "ALWAYS_AUTHENTICATE": 0x202, "SIGN": 0x108, "KEY_TYPE": 0x100}


class Refused(rpc.Refused):
    """A call answered something else than CKR_OK; str() is the name of the answer."""

    def __init__(self, rv):
        self.rv = rv
        super().__init__(NAMES.get(rv, f"0x{rv:08x}"))


class Version(Structure):
    _fields_ = [("major", c_ubyte), ("minor", c_ubyte)]


class FunctionList(Structure):
    _fields_ = [("version", Version)] + [(name, c_void_p) for name in FUNCTIONS]


class SlotInfo(Structure):
    _fields_ = [("description", c_ubyte * 64), ("manufacturer", c_ubyte * 32), ("flags", c_ulong),
                ("hardware", Version), ("firmware", Version)]


class TokenInfo(Structure):
    _fields_ = ([("label", c_ubyte * 32), ("manufacturer", c_ubyte * 32), ("model", c_ubyte * 16),
                 ("serial", c_ubyte * 16), ("flags", c_ulong)]
                + [(name, c_ulong) for name in ("max_sessions", "sessions", "max_rw_sessions", "rw_sessions",
                                                "max_pin", "min_pin", "total_public", "free_public",
                                                "total_private", "free_private")]
                + [("hardware", Version), ("firmware", Version), ("utc_time", c_ubyte * 16)])


class SessionInfo(Structure):
    _fields_ = [(name, c_ulong) for name in ("slot", "state", "flags", "device_error")]


class Mechanism(Structure):
    _fields_ = [("mechanism", c_ulong), ("parameter", c_void_p), ("length", c_ulong)]


class Attribute(Structure):
    _fields_ = [("type", c_ulong), ("value", c_void_p), ("length", c_ulong)]


class InitializeArgs(Structure):
    _fields_ = [("mutexes", c_void_p * 4), ("flags", c_ulong), ("reserved", c_void_p)]


def text(field):
    return bytes(field).decode("utf-8", "replace").rstrip(" ")


def flag_names(flags, table):
    return sorted(name for name, bit in table.items() if flags & bit)


def template(attributes):
    """CK_ATTRIBUTE array of {name: bytes or int or bool}, and what keeps its values alive."""
    buffers, rows = [], (Attribute * max(1, len(attributes)))()
    for row, (name, value) in zip(rows, attributes.items()):
        if isinstance(value, bool):
            value = bytes([value])
        elif isinstance(value, int):
            value = bytes(c_ulong(value))
        buffer = ctypes.create_string_buffer(value, len(value))
        buffers.append(buffer)
        row.type, row.value, row.length = ATTRIBUTES[name], ctypes.cast(buffer, c_void_p), len(value)
    return rows, buffers


class Module:
    """A loaded module. Methods are the C_ functions in Python's words."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        functions = POINTER(FunctionList)()
        self.library.C_GetFunctionList.restype = c_ulong
        self.check(self.library.C_GetFunctionList(byref(functions)))
        self.list = functions.contents

    @staticmethod
    def check(rv):
        if rv != 0:
            raise Refused(rv)

    def call(self, name, *arguments):
        """Calls C_name; whole numbers go as CK_ULONG. The GIL is released meanwhile."""
        converted = [c_ulong(a) if isinstance(a, int) else a for a in arguments]
        prototype = ctypes.CFUNCTYPE(c_ulong, *[c_void_p if a is None else type(a) if not hasattr(a, "_obj") else
                                                c_void_p for a in converted])
        self.check(prototype(getattr(self.list, name))(*converted))

    def initialize(self, flags=None):
        self.call("Initialize", None if flags is None else byref(InitializeArgs(flags=flags)))

    def finalize(self):
        self.call("Finalize", None)

    def slots(self, present=False):
        count = c_ulong()
        self.call("GetSlotList", c_ubyte(present), None, byref(count))
        while True:
            slots = (c_ulong * max(1, count.value))()
            try:
                self.call("GetSlotList", c_ubyte(present), slots, byref(count))
                return list(slots[:count.value])
            except Refused as refused:
                if str(refused) != "CKR_BUFFER_TOO_SMALL":
                    raise

    def slot_info(self, slot):
        info = SlotInfo()
        self.call("GetSlotInfo", slot, byref(info))
        return {"description": text(info.description), "flags": flag_names(info.flags, SLOT_FLAGS)}

    def token_info(self, slot):
        info = TokenInfo()
        self.call("GetTokenInfo", slot, byref(info))
        return {"label": text(info.label), "serial": text(info.serial), "model": text(info.model),
                "flags": flag_names(info.flags, TOKEN_FLAGS), "min_pin": info.min_pin, "max_pin": info.max_pin}

    def mechanisms(self, slot):
        count = c_ulong()
        self.call("GetMechanismList", slot, None, byref(count))
        values = (c_ulong * max(1, count.value))()
        self.call("GetMechanismList", slot, values, byref(count))
        return list(values[:count.value])

    def mechanism_info(self, slot, kind):
        """Least and largest size of a key, flags."""
        info = (c_ulong * 3)()
        self.call("GetMechanismInfo", slot, kind, byref(info))
        return list(info)

    def open(self, slot, rw=False):
        session = c_ulong()
        self.call("OpenSession", slot, CKF_SERIAL_SESSION | (CKF_RW_SESSION if rw else 0), None, None, byref(session))
        return session.value

    def close(self, session):
        self.call("CloseSession", session)

    def close_all(self, slot):
        self.call("CloseAllSessions", slot)

    def session_state(self, session):
        info = SessionInfo()
        self.call("GetSessionInfo", session, byref(info))
        return info.state

    def login(self, session, pin, user=CKU_USER):
        self.call("Login", session, user, c_char_p(pin.encode()), len(pin.encode()))

    def logout(self, session):
        self.call("Logout", session)

    def set_pin(self, session, old, new):
        self.call("SetPIN", session, c_char_p(old.encode()), len(old), c_char_p(new.encode()), len(new))

    def find(self, session, attributes):
        rows, _keep = template(attributes)
        self.call("FindObjectsInit", session, rows, len(attributes))
        handles, count, found = (c_ulong * 64)(), c_ulong(1), []
        try:
            while count.value:
                self.call("FindObjects", session, handles, 64, byref(count))
                found += handles[:count.value]
        finally:
            self.call("FindObjectsFinal", session)
        return found

    def attribute(self, session, handle, name):
        row = Attribute(ATTRIBUTES[name], None, 0)
        self.call("GetAttributeValue", session, handle, byref(row), 1)
        buffer = ctypes.create_string_buffer(max(1, row.length))
        row.value = ctypes.cast(buffer, c_void_p)
        self.call("GetAttributeValue", session, handle, byref(row), 1)
        return buffer.raw[:row.length]

    def attribute_of_type(self, session, handle, kind):
        """By the number of its type; None where the object has no such attribute or does not reveal it."""
        try:
            row = Attribute(kind, None, 0)
            self.call("GetAttributeValue", session, handle, byref(row), 1)
            buffer = ctypes.create_string_buffer(max(1, row.length))
            row.value = ctypes.cast(buffer, c_void_p)
            self.call("GetAttributeValue", session, handle, byref(row), 1)
            return buffer.raw[:row.length]
        except Refused as refused:
            if str(refused) in ("CKR_ATTRIBUTE_TYPE_INVALID", "CKR_ATTRIBUTE_SENSITIVE"):
                return None
            raise

    def sign_init(self, session, key, mechanism):
        self.call("SignInit", session, byref(Mechanism(MECHANISMS[mechanism], None, 0)), key)

    def sign_now(self, session, data):
        signature, length = (c_ubyte * 1024)(), c_ulong(1024)
        source = (c_ubyte * max(1, len(data))).from_buffer_copy(data or b"\0")
        self.call("Sign", session, source, len(data), signature, byref(length))
        return bytes(signature[:length.value])

    def sign_length(self, session, data):
        length = c_ulong()
        self.call("Sign", session, (c_ubyte * len(data))(*data), len(data), None, byref(length))
        return length.value

    def sign(self, session, key, mechanism, data):
        self.sign_init(session, key, mechanism)
        return self.sign_now(session, data)

    def wait_for_slot_event(self, block=True):
        slot = c_ulong()
        self.call("WaitForSlotEvent", 0 if block else CKF_DONT_BLOCK, byref(slot), None)
        return slot.value
