# Debian builds abseil with its own absl::string_view, a class that neither converts to nor from
# std::string_view: absl::StrCat(view) or status.message() == view would not compile. Choosing
# the standard type by macro changes the mangled names and does not link.
#
# So three abseil headers are taken from the build tree instead: copies of the installed ones
# with inline conversions added. The layout and every symbol stay as they were. Nothing happens
# where abseil uses the standard type, and an abseil the edits do not fit stops the configuration.

find_path(TIDEMARK_ABSL_INCLUDE absl/base/options.h REQUIRED)
mark_as_advanced(TIDEMARK_ABSL_INCLUDE)

function(_tidemark_edit_absl header)
  file(READ "${TIDEMARK_ABSL_INCLUDE}/absl/strings/${header}" text)
  while(ARGN)
    list(POP_FRONT ARGN anchor_name insertion_name)
    set(anchor "${${anchor_name}}")
    string(FIND "${text}" "${anchor}" first)
    string(FIND "${text}" "${anchor}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last)
      message(FATAL_ERROR "absl/strings/${header}: expected exactly one \"${anchor}\"")
    endif()
    string(REPLACE "${anchor}" "${${insertion_name}}${anchor}" text "${text}")
  endwhile()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/absl-compat/absl/strings/${header}"
      CONTENT "@text@" @ONLY)
endfunction()

file(STRINGS "${TIDEMARK_ABSL_INCLUDE}/absl/base/options.h" _own_string_view
    REGEX "define ABSL_OPTION_USE_STD_STRING_VIEW 0")
if(_own_string_view)
  # Templates limited to exactly std::string_view: a std::string must not find two ways.
  set(_only_std "template <typename T,
            std::enable_if_t<std::is_same_v<T, std::string_view>, int> = 0>")

  set(_include_anchor "#include <algorithm>\n")
  set(_include "#include <string_view>\n#include <type_traits>\n")
  set(_constructor_anchor "  // Implicit constructor of a `string_view` from NUL-terminated `str`.")
  set(_constructor "  ${_only_std}
  constexpr string_view(T str) noexcept : ptr_(str.data()), length_(str.size()) {}\n")
  set(_conversion_anchor "  // Converts to `std::basic_string`.\n")
  set(_conversion "  constexpr operator std::string_view() const noexcept {
    return std::string_view(ptr_, length_);
  }\n")
  set(_comparison_anchor "// IO Insertion Operator\nstd::ostream& operator<<")
  set(_comparison "")
  foreach(operator == != < > <= >=)
    string(APPEND _comparison "${_only_std}
constexpr bool operator${operator}(string_view x, T y) noexcept {
  return x ${operator} string_view(y);
}
${_only_std}
constexpr bool operator${operator}(T x, string_view y) noexcept {
  return string_view(x) ${operator} y;
}\n")
  endforeach()
  _tidemark_edit_absl(string_view.h _include_anchor _include _constructor_anchor _constructor
      _conversion_anchor _conversion _comparison_anchor _comparison)

  set(_alpha_anchor "  // Use string literals \":\" instead of character literals ':'.\n")
  set(_alpha "  ${_only_std}
  AlphaNum(T pc) : piece_(pc) {}\n")
  _tidemark_edit_absl(str_cat.h _alpha_anchor _alpha)

  set(_split_anchor "  // Disable conversion from rvalue strings.\n")
  set(_split "  ${_only_std}
  ConvertibleToStringView(T s) : value_(s) {}\n")
  _tidemark_edit_absl(internal/str_split_internal.h _split_anchor _split)

  include_directories(BEFORE SYSTEM "${PROJECT_BINARY_DIR}/absl-compat")
endif()
