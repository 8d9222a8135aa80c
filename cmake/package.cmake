# What the packages edad and edactl put where (docs/decisions/0011). tools/package runs CPack with it, on programs that are built.

# CPack installs what it is told to: the tests and the benches are nothing it has to wait for.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_PACKAGE_CONTACT "edactl + edad maintainers <maintainers@edactl.example>")
set(EDA_PACKAGING ${CMAKE_SOURCE_DIR}/packaging)

# packed(COMPONENT FILE DESTINATION [NAME]): a file as it is.
function(packed component file destination)
  set(rename "")
  if(ARGC GREATER 3)
    set(rename RENAME ${ARGV3})
  endif()
  install(FILES ${file} DESTINATION ${destination} COMPONENT ${component} ${rename})
endfunction()

foreach(name edad edactl)
  install(TARGETS ${name} RUNTIME DESTINATION bin COMPONENT ${name})
  packed(${name} ${EDA_PACKAGING}/copyright share/doc/${name})
  packed(${name} ${EDA_PACKAGING}/${name}/lintian-overrides share/lintian/overrides ${name})
  # Notices of what is linked statically or compiled in, the compressed texts and what is made by running edactl.
  install(CODE "set(EDA_PACKAGE ${name})\nset(EDA_SOURCE \"${CMAKE_SOURCE_DIR}\")\nset(EDA_LIBRDKAFKA \"${EDA_DEPS}/librdkafka\")
set(EDA_EDACTL \"$<TARGET_FILE:edactl>\")\nset(EDA_VERSION ${PROJECT_VERSION})\nset(EDA_CONTACT \"${CPACK_PACKAGE_CONTACT}\")\ninclude(\"${CMAKE_SOURCE_DIR}/cmake/package_texts.cmake\")" COMPONENT ${name})
endforeach()

packed(edad ${EDA_PACKAGING}/edad/edad.service lib/systemd/system)
packed(edad ${CMAKE_SOURCE_DIR}/docs/operations.md share/doc/edad)
install(FILES ${EDA_PACKAGING}/edad/edad.yaml DESTINATION /etc/edad COMPONENT edad PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
packed(edactl ${CMAKE_SOURCE_DIR}/docs/ci.md share/doc/edactl)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples/ DESTINATION share/doc/edactl/examples COMPONENT edactl)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL edad edactl)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_VENDOR "edactl + edad")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip) # xz makes them a quarter smaller, in five times the time
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

set(CPACK_DEBIAN_EDAD_PACKAGE_NAME edad)
set(CPACK_DEBIAN_EDAD_PACKAGE_SECTION net)
set(CPACK_DEBIAN_EDAD_PACKAGE_DEPENDS "adduser, fonts-dejavu-core")
set(CPACK_DEBIAN_EDAD_PACKAGE_RECOMMENDS "edactl, ca-certificates")
set(CPACK_DEBIAN_EDAD_PACKAGE_SUGGESTS "postgresql (>= 15)")
set(CPACK_DEBIAN_EDAD_PACKAGE_CONTROL_EXTRA "${EDA_PACKAGING}/edad/conffiles;${EDA_PACKAGING}/edad/postinst;${EDA_PACKAGING}/edad/prerm;${EDA_PACKAGING}/edad/postrm")
set(CPACK_COMPONENT_EDAD_DESCRIPTION "control plane for event-driven microservices on Apache Kafka
Keeps in Postgres who owns which stream and how it is meant to be, makes
Kafka clusters equal to that, finds drift, and keeps an audit trail that
shows when it was tampered with. Teams use it through edactl.")

set(CPACK_DEBIAN_EDACTL_PACKAGE_NAME edactl)
set(CPACK_DEBIAN_EDACTL_PACKAGE_SECTION net)
set(CPACK_DEBIAN_EDACTL_PACKAGE_SUGGESTS "edad, bash-completion")
set(CPACK_COMPONENT_EDACTL_DESCRIPTION "manifests, owners and drift of streams on Apache Kafka
The command of edad, the control plane for event-driven microservices: plans
and applies manifests of teams, services and streams, finds owners, shows
drift and history, for people and for CI.")

include(CPack)
