# Many source files compiled as one, for builds from nothing: headers are what most of the time goes
# into. The preset `ci` does so. A build to work with does not: there a change should cost
# one file, and a file that lacks an include should be noticed.
#
# unity_batches.py puts together only files whose names cannot collide, so nothing is asked of a file.
# (Only an edit made after configuring can make two names collide; `cmake --preset ci` parts them.)

set(TIDEMARK_UNITY "" CACHE STRING "Folders, of the first or second level, whose targets compile many source files as one")

# tidemark_unity_target(<target>): its sources may be put together.
function(tidemark_unity_target target)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REGEX REPLACE "/.*" "" top "${folder}")
  string(REGEX REPLACE "^([^/]+/[^/]+)/.*" "\\1" second "${folder}")
  if(NOT top IN_LIST TIDEMARK_UNITY AND NOT second IN_LIST TIDEMARK_UNITY)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY TIDEMARK_UNITY_TARGETS ${target})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # To gcc every source of a batch is a header, whose unnamed namespaces it warns of.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# What protoc makes keeps few names to itself, and always the same.
function(tidemark_unity_generated target)
  if("protos" IN_LIST TIDEMARK_UNITY)
    set_target_properties(${target} PROPERTIES
        UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 11
        UNITY_BUILD_UNIQUE_ID TIDEMARK_UNITY_FILE
        UNITY_BUILD_CODE_BEFORE_INCLUDE "\
#define TIDEMARK_UNITY_JOIN(name, file) name##file
#define TIDEMARK_UNITY_NAME(name, file) TIDEMARK_UNITY_JOIN(name, file)
#define schemas TIDEMARK_UNITY_NAME(schemas_, TIDEMARK_UNITY_FILE)
#define file_default_instances TIDEMARK_UNITY_NAME(file_default_instances_, TIDEMARK_UNITY_FILE)"
        UNITY_BUILD_CODE_AFTER_INCLUDE "\
#undef schemas
#undef file_default_instances
#undef TIDEMARK_UNITY_NAME
#undef TIDEMARK_UNITY_JOIN")
  endif()
endfunction()

# Once, after all targets are made.
function(tidemark_unity_batches)
  if(NOT TIDEMARK_UNITY)
    return()
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  get_property(targets GLOBAL PROPERTY TIDEMARK_UNITY_TARGETS)
  set(rows "")
  foreach(target ${targets})
    get_target_property(folder ${target} SOURCE_DIR)
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "\\.cc$")
    string(APPEND rows "${target};${folder};${sources}\n")
  endforeach()
  set(rows_file "${PROJECT_BINARY_DIR}/unity-targets.txt")
  set(batches_file "${PROJECT_BINARY_DIR}/unity-batches.cmake")
  file(WRITE "${rows_file}" "${rows}")
  execute_process(
      COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/cmake/unity_batches.py"
              "${PROJECT_SOURCE_DIR}" "${rows_file}" "${batches_file}"
      COMMAND_ERROR_IS_FATAL ANY)
  include("${batches_file}")
endfunction()
