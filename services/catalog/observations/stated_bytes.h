#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_STATED_BYTES_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_STATED_BYTES_H_

#include <string_view>

#include "absl/functional/function_ref.h"

// Finds its way in the bytes of a vintage without making messages of its cells, so that a read
// costs what it looks at. Views are into the bytes given; bytes that are no message end a walk.
namespace tidemark::catalog {

// Each element of the repeated message field `number`.
void ForEachElement(std::string_view message, int number,
                    absl::FunctionRef<void(std::string_view element)> visit);

// The first value of the text field `number`; empty when there is none.
std::string_view TextOf(std::string_view message, int number);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_STATED_BYTES_H_
