#ifndef TIDEMARK_COMMON_TESTING_GOLDEN_H_
#define TIDEMARK_COMMON_TESTING_GOLDEN_H_

#include <string>
#include <string_view>

namespace tidemark::testing {

// Fails the test when `actual` differs from the checked-in file (path from the repository root),
// and shows the first line that differs. TIDEMARK_UPDATE_GOLDEN=1 in the environment rewrites
// the file instead.
void ExpectGolden(const std::string& path, std::string_view actual);

// The absolute path of a file of the repository.
std::string RepositoryPath(const std::string& path);

// "line 3: want `a`, got `b`", or empty when equal.
std::string FirstDifference(std::string_view want, std::string_view got);

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_GOLDEN_H_
