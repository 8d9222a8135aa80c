# Language, warnings, optimisation, sanitizers, compiler cache. Presets choose; nothing here is per folder.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

set(EDA_SANITIZE "" CACHE STRING "address,undefined | thread | empty")
option(EDA_WERROR "warnings are errors" ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

add_compile_options(-pthread -Wno-psabi)
add_compile_definitions(EDA_VERSION="${PROJECT_VERSION}")
add_link_options(-pthread -Wl,--as-needed)
if(EDA_SANITIZE)
  add_compile_options(-fsanitize=${EDA_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EDA_SANITIZE})
endif()

# Our own code only; generated code and third-party headers are compiled without these.
set(EDA_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
                 -Wimplicit-fallthrough -Wunused
                 # gcc 12 sees these where there is nothing, in std::string and std::variant, once it optimises
                 -Wno-restrict -Wno-null-dereference -Wno-maybe-uninitialized)
if(EDA_WERROR)
  list(APPEND EDA_WARNINGS -Werror)
endif()
