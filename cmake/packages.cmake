# Third-party libraries under the short names that CMakeLists.txt uses. All are Debian packages except librdkafka,
# which ./x setup builds into .deps/ (docs/decisions/0001).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Catch2 2 REQUIRED)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(GRAPHVIZ REQUIRED IMPORTED_TARGET libgvc libcgraph)
pkg_check_modules(GRPC REQUIRED grpc++)

set(EDA_DEPS ${CMAKE_SOURCE_DIR}/.deps CACHE PATH "what ./x setup built")
find_package(RdKafka 2.8 CONFIG PATHS ${EDA_DEPS}/librdkafka NO_DEFAULT_PATH)
if(NOT RdKafka_FOUND)
  message(FATAL_ERROR "librdkafka is not in .deps/ yet: run ./x setup, which builds it")
endif()

# lib(name target...): an interface library eda's folders link by its short name.
function(lib name)
  add_library(lib_${name} INTERFACE)
  target_link_libraries(lib_${name} INTERFACE ${ARGN})
endfunction()

# gRPC and protobuf statically: a command that starts in milliseconds must not relocate 40 shared objects
# (docs/decisions/0007). Debian's static archives depend on each other in circles, hence one group.
set(GRPC_STATIC_LINK)
foreach(flag IN LISTS GRPC_STATIC_LDFLAGS)
  if(flag MATCHES "^-l(grpc|gpr|upb|absl|address_sorting|re2|cares)" )
    list(APPEND GRPC_STATIC_LINK ${flag})
  endif()
endforeach()
list(REMOVE_DUPLICATES GRPC_STATIC_LINK)
add_library(lib_grpc INTERFACE)
target_link_libraries(lib_grpc INTERFACE
  -Wl,-Bstatic -Wl,--start-group -lgrpc++_reflection -lgrpc++_error_details ${GRPC_STATIC_LINK} -lprotobuf -Wl,--end-group -Wl,-Bdynamic -lz
  OpenSSL::SSL OpenSSL::Crypto Threads::Threads dl rt)

# The compiler of .proto files as a library: the registry reads Protobuf schemas with it.
add_library(lib_protoc INTERFACE)
target_link_libraries(lib_protoc INTERFACE -Wl,-Bstatic -lprotoc -lprotobuf -Wl,-Bdynamic -lz Threads::Threads)

lib(fmt fmt::fmt)
lib(expected tl::expected)
lib(utf8proc PkgConfig::UTF8PROC)
lib(json nlohmann_json::nlohmann_json)
lib(spdlog spdlog::spdlog)
lib(prometheus prometheus-cpp::core prometheus-cpp::pull)
lib(fyaml PkgConfig::FYAML)
lib(pqxx PkgConfig::PQXX)
lib(sodium PkgConfig::SODIUM)
lib(graphviz PkgConfig::GRAPHVIZ)
lib(openssl OpenSSL::Crypto)
lib(beast OpenSSL::SSL OpenSSL::Crypto)
lib(cli11 CLI11::CLI11)
lib(rdkafka RdKafka::rdkafka)
