# Every third-party library, as imported targets. All come from Debian 12 packages;
# deploy/install-packages.sh installs them.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(benchmark CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS i18n uc data)

# Debian's Hiredis CMake package aborts the configuration, so pkg-config it is.
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
# Its -D_FILE_OFFSET_BITS=64 means nothing on 64 bits, but keeps precompiled headers from use.
set_target_properties(PkgConfig::hiredis PROPERTIES INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(mpfr REQUIRED IMPORTED_TARGET mpfr gmp)

# Short names used in DEPS lists.
#   tidemark_hiredis tidemark_zstd tidemark_yaml_cpp tidemark_sqlite tidemark_crypto
#   tidemark_mpfr tidemark_zlib tidemark_icu tidemark_cli11 tidemark_json tidemark_grpc
function(tidemark_third_party name)
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE ${ARGN})
endfunction()
tidemark_third_party(tidemark_hiredis PkgConfig::hiredis)
tidemark_third_party(tidemark_mpfr PkgConfig::mpfr)
tidemark_third_party(tidemark_zstd PkgConfig::libzstd)
tidemark_third_party(tidemark_yaml_cpp yaml-cpp)
tidemark_third_party(tidemark_sqlite SQLite::SQLite3)
tidemark_third_party(tidemark_crypto OpenSSL::Crypto)
tidemark_third_party(tidemark_zlib ZLIB::ZLIB)
tidemark_third_party(tidemark_icu ICU::i18n ICU::uc ICU::data)
tidemark_third_party(tidemark_cli11 CLI11::CLI11)
tidemark_third_party(tidemark_json nlohmann_json::nlohmann_json)
tidemark_third_party(tidemark_grpc gRPC::grpc++ protobuf::libprotobuf)
