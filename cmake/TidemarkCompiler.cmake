# Language, optimisation, warnings, sanitizers, compiler cache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or Sanitize" FORCE)
endif()
option(TIDEMARK_PCH "Precompile the headers most files share" ON)
set(TIDEMARK_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
option(TIDEMARK_FUZZ "Count coverage for libFuzzer; needs clang, see tests/fuzz" OFF)

set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# Some third-party targets ask for it and some do not; precompiled headers want it everywhere.
add_compile_options(-pthread)

# Ratios must have the same bits on every replica, so no fused multiply-add.
add_compile_options(-ffp-contract=off)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  add_compile_options(-march=x86-64-v2)
endif()

if(TIDEMARK_SANITIZE)
  add_compile_options(-fsanitize=${TIDEMARK_SANITIZE})
  add_link_options(-fsanitize=${TIDEMARK_SANITIZE})
  if(TIDEMARK_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  elseif(TIDEMARK_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Abseil reads flags behind a fence, which GCC's thread sanitizer does not see. A map of protobuf
    # has one more member where it believes that its library is sanitized, too.
    add_compile_options(-Wno-tsan -U__SANITIZE_THREAD__)
  endif()
endif()
if(TIDEMARK_FUZZ)
  # vptr and function compare type information with that of Debian's libraries, which gcc built.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=vptr,function)
endif()

# Applied to our own targets by TidemarkTargets.cmake, never to generated code.
set(TIDEMARK_WARNINGS
    -Wall -Wextra -Werror
    -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wformat=2 -Wimplicit-fallthrough
    # Designated initialisers leave defaulted fields out on purpose.
    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12 sees these in libstdc++ and in what -O2 inlines of it (PR105329, PR105562), and
  # not one of its reports here was a fault; the sanitizers and clang look for the real ones.
  list(APPEND TIDEMARK_WARNINGS -Wno-restrict)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    list(APPEND TIDEMARK_WARNINGS -Wno-maybe-uninitialized -Wno-array-bounds
         -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND TIDEMARK_WARNINGS -Wthread-safety)
endif()

find_program(TIDEMARK_CCACHE ccache)
mark_as_advanced(TIDEMARK_CCACHE)
if(TIDEMARK_CCACHE)
  # The sloppiness is what ccache asks for when precompiled headers are in use.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros" "${TIDEMARK_CCACHE}")
  if(TIDEMARK_UNITY)
    # By the list of included files, not the preprocessed text, an empty cache costs nothing; else up
    # to a tenth of the build.
    list(INSERT CMAKE_CXX_COMPILER_LAUNCHER 4 "CCACHE_DEPEND=1")
  endif()
  if(TIDEMARK_PCH)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      add_compile_options(-fpch-preprocess)
    else()
      add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()
endif()
