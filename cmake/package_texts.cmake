# Part of installing EDA_PACKAGE: the texts that are made at that time. EDA_SOURCE, EDA_LIBRDKAFKA, EDA_EDACTL say where things lie,
# EDA_VERSION which version it is, EDA_CONTACT whom to write to.
set(share "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share")
set(doc "${share}/doc/${EDA_PACKAGE}")

# compressed(FROM TO): as Debian wants them, without a name or a time inside, so that equal sources give equal packages.
function(compressed from to)
  get_filename_component(folder ${to} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND gzip -9 -n -c ${from} OUTPUT_FILE ${to} COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD ${to} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# Notices of the libraries whose code is in the programs. file(INSTALL) puts $DESTDIR in front by itself.
set(linked "${CMAKE_INSTALL_PREFIX}/share/doc/${EDA_PACKAGE}/linked")
set(libraries libgrpc-dev libprotobuf-dev libabsl-dev libre2-dev libc-ares-dev nlohmann-json3-dev libexpected-dev)
if(EDA_PACKAGE STREQUAL edad)
  file(INSTALL "${EDA_LIBRDKAFKA}/share/licenses/librdkafka/LICENSES.txt" DESTINATION "${linked}" RENAME librdkafka)
else()
  list(APPEND libraries libcli11-dev)
endif()
foreach(library IN LISTS libraries)
  file(REAL_PATH "/usr/share/doc/${library}/copyright" notice)
  file(INSTALL "${notice}" DESTINATION "${linked}" RENAME ${library})
endforeach()

compressed("${EDA_SOURCE}/CHANGELOG.md" "${doc}/changelog.gz")
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH
file(WRITE "${doc}/changelog.Debian" "${EDA_PACKAGE} (${EDA_VERSION}-$ENV{EDA_PACKAGE_REVISION}) unstable; urgency=medium

  * What is new in the programs is in changelog.gz.

 -- ${EDA_CONTACT}  ${date}
")
compressed("${doc}/changelog.Debian" "${doc}/changelog.Debian.gz")
file(REMOVE "${doc}/changelog.Debian")

# man(PAGES): those of section N go to share/man/manN.
function(man)
  foreach(page IN LISTS ARGN)
    string(REGEX MATCH "[0-9]$" section ${page})
    get_filename_component(name ${page} NAME)
    compressed(${page} "${share}/man/man${section}/${name}.gz")
  endforeach()
endfunction()

# completion(SHELL FILE): what edactl itself prints.
function(completion shell file)
  execute_process(COMMAND ${EDA_EDACTL} completion ${shell} OUTPUT_VARIABLE script ERROR_VARIABLE said RESULT_VARIABLE ended)
  if(ended EQUAL 0 AND script)
    file(WRITE "${share}/${file}" "${script}")
  else()
    message(NOTICE "this edactl has no completion for ${shell}: it is left out of the package")
  endif()
endfunction()

if(EDA_PACKAGE STREQUAL edad)
  man("${EDA_SOURCE}/packaging/edad/edad.8")
else()
  file(GLOB pages "${EDA_SOURCE}/docs/reference/man/*.[1-9]")
  if(NOT pages)
    message(NOTICE "docs/reference/man has no pages: the package edactl has none")
  endif()
  man(${pages})
  completion(bash bash-completion/completions/edactl)
  completion(zsh zsh/vendor-completions/_edactl)
  completion(fish fish/vendor_completions.d/edactl.fish)
endif()
