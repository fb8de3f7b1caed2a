# The few functions every CMakeLists.txt is made of. Includes are written from the
# repository root: #include "common/base/mutex.h".
#
#   tidemark_library(NAME <target> [SRCS ...] [HDRS ...] [DEPS ...] [PCH base|grpc|none])
#   tidemark_executable(NAME <target> SRCS ... [DEPS ...] [PCH base|grpc|none])
#   tidemark_test(NAME <target> SRCS ... [DEPS ...] [LABELS unit] [TIMEOUT 120]
#                 [PCH test|grpc|none])
#   tidemark_benchmark(NAME <target> SRCS ... [DEPS ...] [PCH base|grpc|none])
#
# A library without SRCS is header-only. A test is one binary and one ctest entry. Here and in tests/
# COST is the timeout, so that the longest start first and none is left over at the end. Outputs:
# bin/ for executables, test/ for tests, bench/ for benchmarks, all below build/<preset>.
# PCH says which set of precompiled headers to reuse; "grpc" is for files that include
# <grpcpp/...> or generated service code.

set(TIDEMARK_PCH_STD
    <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <memory> <optional> <span>
    <string> <string_view> <tuple> <utility> <vector>
    <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h>
    <absl/functional/any_invocable.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
    <absl/strings/str_format.h> <absl/strings/str_split.h> <absl/time/time.h>)

function(_tidemark_configure_target target)
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_compile_options(${target} PRIVATE ${TIDEMARK_WARNINGS})
endfunction()

function(_tidemark_make_pch name)
  cmake_parse_arguments(ARG "" "" "HEADERS;DEPS" ${ARGN})
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/pch/${name}.cc" CONTENT "")
  add_library(${name} OBJECT "${PROJECT_BINARY_DIR}/pch/${name}.cc")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  _tidemark_configure_target(${name})
endfunction()

if(TIDEMARK_PCH)
  set(_absl absl::flat_hash_map absl::statusor absl::strings absl::str_format absl::time)
  _tidemark_make_pch(tidemark_pch_base HEADERS ${TIDEMARK_PCH_STD} DEPS ${_absl})
  _tidemark_make_pch(tidemark_pch_test DEPS ${_absl} GTest::gmock
      HEADERS ${TIDEMARK_PCH_STD} <gmock/gmock.h> <gtest/gtest.h>)
  _tidemark_make_pch(tidemark_pch_grpc DEPS ${_absl} tidemark_grpc
      HEADERS ${TIDEMARK_PCH_STD} <google/protobuf/message.h> <grpcpp/grpcpp.h>)
endif()

function(_tidemark_use_pch target pch)
  if(TIDEMARK_PCH AND NOT pch STREQUAL "none")
    target_precompile_headers(${target} REUSE_FROM tidemark_pch_${pch})
  endif()
endfunction()

function(_tidemark_add_binary target folder pch)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${target} ${ARG_SRCS})
  tidemark_unity_target(${target})
  target_link_libraries(${target} PRIVATE ${ARG_DEPS})
  set_target_properties(${target} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${folder}")
  _tidemark_configure_target(${target})
  _tidemark_use_pch(${target} ${pch})
endfunction()

macro(_tidemark_parse default_pch)
  cmake_parse_arguments(ARG "" "NAME;PCH;TIMEOUT" "SRCS;HDRS;DEPS;LABELS" ${ARGN})
  if(NOT ARG_NAME OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "NAME is missing or not understood: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_PCH)
    set(ARG_PCH ${default_pch})
  endif()
endmacro()

function(tidemark_library)
  _tidemark_parse(base ${ARGN})
  if(ARG_SRCS)
    add_library(${ARG_NAME} STATIC ${ARG_SRCS} ${ARG_HDRS})
    tidemark_unity_target(${ARG_NAME})
    target_link_libraries(${ARG_NAME} PUBLIC ${ARG_DEPS})
    _tidemark_configure_target(${ARG_NAME})
    _tidemark_use_pch(${ARG_NAME} ${ARG_PCH})
  else()
    add_library(${ARG_NAME} INTERFACE ${ARG_HDRS})
    target_include_directories(${ARG_NAME} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${ARG_NAME} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

function(tidemark_executable)
  _tidemark_parse(base ${ARGN})
  _tidemark_add_binary(${ARG_NAME} bin ${ARG_PCH} SRCS ${ARG_SRCS} DEPS ${ARG_DEPS})
endfunction()

function(tidemark_benchmark)
  _tidemark_parse(base ${ARGN})
  _tidemark_add_binary(${ARG_NAME} bench ${ARG_PCH} SRCS ${ARG_SRCS}
      DEPS ${ARG_DEPS} benchmark::benchmark benchmark::benchmark_main)
endfunction()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  find_program(TIDEMARK_GOLD ld.gold)
  mark_as_advanced(TIDEMARK_GOLD)
endif()

function(tidemark_test)
  _tidemark_parse(test ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  _tidemark_add_binary(${ARG_NAME} test ${ARG_PCH} SRCS ${ARG_SRCS}
      DEPS ${ARG_DEPS} GTest::gtest_main GTest::gmock)
  # A third less time to compile; what a test tests is in libraries, which keep their optimisation.
  target_compile_options(${ARG_NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(TIDEMARK_GOLD) # a third of the time to link
    target_link_options(${ARG_NAME} PRIVATE $<$<CONFIG:Release>:-fuse-ld=gold>)
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES
      LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT})
  if(TIDEMARK_SANITIZE STREQUAL "thread")
    set_property(TEST ${ARG_NAME} APPEND PROPERTY ENVIRONMENT
        "TSAN_OPTIONS=ignore_noninstrumented_modules=1:suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp")
  endif()
endfunction()
