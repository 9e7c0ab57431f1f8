# Run by cpack between installing the components into their folders and packing these. Debian Policy: man pages (12.1)
# and changelogs (12.7) are compressed without a time stamp; a copyright file for each package (12.5), which may share
# the folder of documents with one that it depends on in the same version (12.3).
set(source "${CMAKE_CURRENT_LIST_DIR}/..")
set(main "${CPACK_TEMPORARY_DIRECTORY}/jpki/usr/share")
set(testing "${CPACK_TEMPORARY_DIRECTORY}/testing/usr/share")

function(compress)
  foreach(file IN LISTS ARGN)
    execute_process(COMMAND gzip -9nf "${file}" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
endfunction()

# Programs without a page of their own are described in another's.
function(page_of folder page)
  foreach(name IN LISTS ARGN)
    file(CREATE_LINK "${page}.1.gz" "${folder}/man/man1/${name}.1.gz" SYMBOLIC)
  endforeach()
endfunction()

file(COPY "${source}/packaging/copyright" "${source}/packaging/changelog.Debian" DESTINATION "${main}/doc/jpki-pkcs11")
file(RENAME "${main}/doc/jpki-pkcs11/CHANGELOG.md" "${main}/doc/jpki-pkcs11/changelog")
# What the package consists of and needs (SPDX).
file(GLOB built "${CPACK_TEMPORARY_DIRECTORY}/jpki/usr/lib/*/pkcs11/*.so" "${CPACK_TEMPORARY_DIRECTORY}/jpki/usr/bin/jpki")
execute_process(COMMAND /usr/bin/python3 -B "${source}/scripts/sbom.py" --version "${CPACK_PACKAGE_VERSION}" ${built}
  OUTPUT_FILE "${main}/doc/jpki-pkcs11/sbom.spdx.json" COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE pages "${main}/man/*.[15]" "${testing}/man/*.[15]")
compress(${pages} "${main}/doc/jpki-pkcs11/changelog" "${main}/doc/jpki-pkcs11/changelog.Debian")
page_of("${main}" jpki jpki-my-certificate)
page_of("${testing}" jpki-bench jpki-bench-once-raw jpki-bench-once-module)

foreach(name IN ITEMS jpki-pkcs11 jpki-pkcs11-testing)
  if(name STREQUAL "jpki-pkcs11")
    set(share "${main}")
  else()
    set(share "${testing}")
  endif()
  file(MAKE_DIRECTORY "${share}/lintian/overrides")
  configure_file("${source}/packaging/${name}.overrides" "${share}/lintian/overrides/${name}" COPYONLY)
endforeach()

file(MAKE_DIRECTORY "${testing}/doc")
file(CREATE_LINK jpki-pkcs11 "${testing}/doc/jpki-pkcs11-testing" SYMBOLIC)
