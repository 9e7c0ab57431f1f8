"""sign.py MODULE FILE SIGNATURE: signs a file. The PIN comes from the terminal, or from the file that PIN_FILE names."""
import getpass
import os
import sys

import PyKCS11 as p11


def pin():
    if "PIN_FILE" in os.environ:
        with open(os.environ["PIN_FILE"], encoding="ascii") as file:
            return file.read().strip()
    return getpass.getpass("PIN: ")


def main(module, source, target):
    library = p11.PyKCS11Lib()
    library.load(module)
    session = library.openSession(library.getSlotList(tokenPresent=True)[0])
    session.login(pin())
    key = session.findObjects([(p11.CKA_CLASS, p11.CKO_PRIVATE_KEY)])[0]
    with open(source, "rb") as file, open(target, "wb") as out:
        out.write(bytes(session.sign(key, file.read(), p11.Mechanism(p11.CKM_SHA256_RSA_PKCS))))
    session.logout()
    session.closeSession()


main(*sys.argv[1:])
