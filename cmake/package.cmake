# `cpack` (scripts/dev package) makes two Debian packages of the two components of install.cmake. What Debian wants
# otherwise than `cmake --install` puts it (compressed pages, its own changelog) is done in debian_touches.cmake.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME jpki-pkcs11)
set(CPACK_PACKAGE_CONTACT "The jpki-pkcs11 developers <jpki-pkcs11@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "PKCS#11 module for Japan's My Number Card (JPKI)")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/debian_touches.cmake")

set(CPACK_COMPONENTS_ALL jpki testing)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SOURCE jpki-pkcs11)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_JPKI_PACKAGE_NAME jpki-pkcs11)
set(CPACK_DEBIAN_JPKI_PACKAGE_RECOMMENDS pcscd)
set(CPACK_DEBIAN_JPKI_PACKAGE_SUGGESTS "libnss3-tools, p11-kit, pinentry-curses | pinentry, jpki-pkcs11-testing")
set(CPACK_COMPONENT_JPKI_DESCRIPTION
  "With this module, programs that know PKCS #11 (Firefox, Chromium, OpenSSH,
OpenSSL, Java and others) use the two keys on an IC card of the Japanese
public personal authentication service: to log in, and to sign documents.
The command jpki shows and checks the certificates of the card, signs and
verifies files, and sets the module up in browsers.")

set(CPACK_DEBIAN_TESTING_PACKAGE_NAME jpki-pkcs11-testing)
set(CPACK_DEBIAN_TESTING_PACKAGE_DEPENDS "jpki-pkcs11 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_TESTING_PACKAGE_SUGGESTS "vsmartcard-vpcd, opensc")
set(CPACK_COMPONENT_TESTING_DESCRIPTION
  "For whoever writes programs for the card and has none at hand: jpki-counter
issues certificates of a test hierarchy and cards with them, jpki-vcard is
such a card in a virtual reader. jpki-conformance judges a PKCS #11 module
by the sentences of the standard, jpki-bench tells what its calls cost.")

include(CPack)
cpack_add_component(jpki DISPLAY_NAME "module and tool" DESCRIPTION "${CPACK_COMPONENT_JPKI_DESCRIPTION}")
cpack_add_component(testing DISPLAY_NAME "virtual card and tools for tests" DEPENDS jpki
  DESCRIPTION "${CPACK_COMPONENT_TESTING_DESCRIPTION}")
