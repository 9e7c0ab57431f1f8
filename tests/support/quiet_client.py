"""quiet_client.py MODULE [tokens]: what an application does that only looks whether there is a module: C_Initialize, C_GetInfo,
C_GetSlotList of all slots (tokens: then of those with a token), C_Finalize. It prints how many there are."""
import ctypes
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import p11  # noqa: E402
from strace import step  # noqa: E402

if __name__ == "__main__":
    step("load")
    module = p11.Module(sys.argv[1])
    step("initialize")
    module.initialize(p11.CKF_OS_LOCKING_OK)
    step("info")
    module.call("GetInfo", ctypes.byref((ctypes.c_ubyte * 128)()))
    step("slots")
    slots = module.slots(False)
    if "tokens" in sys.argv:
        step("tokens")
        slots = module.slots(True)
    step("finalize")
    module.finalize()
    step("end")
    print(len(slots))
