# Generated protobuf and gRPC code, made once into <build>/gen.
#
#   tidemark_proto_library(NAME <target> ROOT <import root> PROTOS <files> [DEPS ...])
#
# Files that declare a service get gRPC stubs as well. Included as
# "tidemark/ingest/v1/event.pb.h".

find_path(TIDEMARK_GOOGLEAPIS_DIR google/rpc/error_details.proto
    PATHS /usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
          /usr/include /usr/share/bazel/third_party/googleapis
    DOC "Folder that holds google/rpc/*.proto"
    NO_DEFAULT_PATH)
if(NOT TIDEMARK_GOOGLEAPIS_DIR)
  message(FATAL_ERROR "google/rpc/error_details.proto not found; run deploy/install-packages.sh")
endif()

set(TIDEMARK_GEN_DIR "${PROJECT_BINARY_DIR}/gen")
set(TIDEMARK_PROTO_PATHS "${PROJECT_SOURCE_DIR}/protos" "${TIDEMARK_GOOGLEAPIS_DIR}"
    ${Protobuf_INCLUDE_DIRS})
file(MAKE_DIRECTORY "${TIDEMARK_GEN_DIR}")

function(tidemark_proto_library)
  cmake_parse_arguments(ARG "" "NAME;ROOT" "PROTOS;DEPS" ${ARGN})
  set(paths "${ARG_ROOT}" ${TIDEMARK_PROTO_PATHS})
  list(REMOVE_DUPLICATES paths)
  list(TRANSFORM paths PREPEND "-I" OUTPUT_VARIABLE import_flags)
  set(sources)
  set(runtime protobuf::libprotobuf)
  foreach(proto ${ARG_PROTOS})
    cmake_path(RELATIVE_PATH proto BASE_DIRECTORY "${ARG_ROOT}" OUTPUT_VARIABLE relative)
    string(REGEX REPLACE "\\.proto$" "" stem "${relative}")
    set(outputs "${TIDEMARK_GEN_DIR}/${stem}.pb.cc" "${TIDEMARK_GEN_DIR}/${stem}.pb.h")
    set(flags "--cpp_out=${TIDEMARK_GEN_DIR}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${proto}")
    file(STRINGS "${proto}" services REGEX "^service ")
    if(services)
      set(runtime tidemark_grpc)
      # In the order of the depfile, which is by name: ninja takes it for another file's
      # otherwise, and generates again at every build.
      list(PREPEND outputs "${TIDEMARK_GEN_DIR}/${stem}.grpc.pb.cc"
                           "${TIDEMARK_GEN_DIR}/${stem}.grpc.pb.h")
      list(APPEND flags "--grpc_out=${TIDEMARK_GEN_DIR}"
           "--plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
    endif()
    set(depfile "${TIDEMARK_GEN_DIR}/${stem}.d")
    add_custom_command(
        OUTPUT ${outputs}
        COMMAND protobuf::protoc ${import_flags} ${flags} "--dependency_out=${depfile}" ${relative}
        DEPENDS "${proto}" gRPC::grpc_cpp_plugin
        DEPFILE "${depfile}"
        COMMENT "protoc ${relative}"
        VERBATIM)
    # No fuzzer makes a call, so its build need not wait for the stubs; their headers are there.
    if(TIDEMARK_FUZZ)
      list(FILTER outputs EXCLUDE REGEX "\\.grpc\\.pb\\.cc$")
    endif()
    list(APPEND sources ${outputs})
  endforeach()
  add_library(${ARG_NAME} STATIC ${sources})
  tidemark_unity_generated(${ARG_NAME})
  target_include_directories(${ARG_NAME} SYSTEM PUBLIC "${TIDEMARK_GEN_DIR}")
  target_link_libraries(${ARG_NAME} PUBLIC ${runtime} ${ARG_DEPS})
  # Generated code: our warnings do not apply, and unoptimised it is too slow to debug with.
  target_compile_options(${ARG_NAME} PRIVATE -w -O2)
  if(TIDEMARK_FUZZ)
    # Not what is tested, and half of the build when instrumented.
    target_compile_options(${ARG_NAME} PRIVATE -O1 -fno-sanitize=all)
  endif()
endfunction()
