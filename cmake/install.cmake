# What `cmake --install` puts where, below the prefix. Two components: "jpki" is for people with a card, "testing" for
# people without one. The programs find what belongs to them from their own place, so that any prefix will do.
set(MAN "${CMAKE_INSTALL_MANDIR}")

install(TARGETS jpki-pkcs11 jpki-pkcs11-auth jpki-pkcs11-sign
  LIBRARY DESTINATION "${JPKI_MODULE_FOLDER}" COMPONENT jpki)
install(TARGETS jpki RUNTIME COMPONENT jpki)
# bindtextdomain() in src/tool/messages.cpp looks in share/locale.
install(DIRECTORY "${CMAKE_BINARY_DIR}/share/locale" DESTINATION share COMPONENT jpki)

install(FILES man/jpki.1 DESTINATION "${MAN}/man1" COMPONENT jpki)
install(FILES man/jpki-pkcs11.toml.5 DESTINATION "${MAN}/man5" COMPONENT jpki)
install(FILES completions/jpki.bash DESTINATION share/bash-completion/completions RENAME jpki COMPONENT jpki)
install(FILES completions/_jpki DESTINATION share/zsh/site-functions COMPONENT jpki)
install(FILES completions/jpki.fish DESTINATION share/fish/vendor_completions.d COMPONENT jpki)
install(PROGRAMS desktop/jpki-my-certificate TYPE BIN COMPONENT jpki)
install(FILES desktop/jpki-my-certificate.desktop DESTINATION share/applications COMPONENT jpki)

# Where other programs learn of the modules: p11-kit from a file, which counts in the prefix that p11-kit was built for
# (/usr), and builds from pkg-config's, which finds the prefix from its own place.
install(FILES packaging/jpki-pkcs11.module DESTINATION share/p11-kit/modules COMPONENT jpki)
file(RELATIVE_PATH JPKI_PC_UP "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" JPKI_PC_UP "${JPKI_PC_UP}")
configure_file(packaging/jpki-pkcs11.pc.in "${CMAKE_BINARY_DIR}/jpki-pkcs11.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/jpki-pkcs11.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT jpki)

# The links between the pages of docs/ go on working. What is for developers of the module alone stays in the sources.
install(FILES README.md CHANGELOG.md SECURITY.md DESTINATION share/doc/jpki-pkcs11 COMPONENT jpki)
file(GLOB documents CONFIGURE_DEPENDS docs/*.md)
install(FILES ${documents} DESTINATION share/doc/jpki-pkcs11/docs COMPONENT jpki)

install(TARGETS jpki-vcard jpki-counter jpki-bench jpki-bench-once-raw jpki-bench-once-module jpki-conformance
  RUNTIME COMPONENT testing)
install(FILES man/jpki-vcard.1 man/jpki-counter.1 man/jpki-bench.1 man/jpki-conformance.1
  DESTINATION "${MAN}/man1" COMPONENT testing)
