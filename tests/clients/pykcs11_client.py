"""pykcs11_client.py MODULE ID IN OUT: signs a file by PyKCS11. The PIN is in the environment (TOKEN_PIN)."""
import os
import sys

import PyKCS11 as p11


def main(module, identity, source, target):
    library = p11.PyKCS11Lib()
    library.load(module)
    slots = library.getSlotList(tokenPresent=True)
    if not slots:
        sys.exit("no token")
    session = library.openSession(slots[0], p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION)
    try:
        session.login(os.environ["TOKEN_PIN"])
    except p11.PyKCS11Error as error:
        sys.exit(str(error))
    key = session.findObjects([(p11.CKA_CLASS, p11.CKO_PRIVATE_KEY), (p11.CKA_ID, bytes.fromhex(identity))])[0]
    certificate = session.findObjects([(p11.CKA_CLASS, p11.CKO_CERTIFICATE), (p11.CKA_ID, bytes.fromhex(identity))])[0]
    with open(source, "rb") as file, open(target, "wb") as out:
        out.write(bytes(session.sign(key, file.read(), p11.Mechanism(p11.CKM_SHA256_RSA_PKCS))))
    with open(target + ".der", "wb") as out:
        out.write(bytes(session.getAttributeValue(certificate, [p11.CKA_VALUE])[0]))
    session.logout()
    session.closeSession()


if __name__ == "__main__":
    main(*sys.argv[1:])
