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

install(TARGETS jpki-vcard jpki-counter jpki-bench jpki-bench-once-raw jpki-bench-once-module jpki-conformance
  RUNTIME COMPONENT testing)
install(FILES man/jpki-vcard.1 man/jpki-counter.1 man/jpki-bench.1 man/jpki-conformance.1
  DESTINATION "${MAN}/man1" COMPONENT testing)
