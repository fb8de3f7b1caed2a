#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_NAME_SEARCH_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_NAME_SEARCH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Finding names that people may have meant.
namespace tidemark::catalog_client {

// Without outer blanks, ASCII letters in lower case.
std::string FoldName(std::string_view text);

// Code points, ASCII letters in lower case; bytes that are no UTF-8 count one each.
std::u32string ToCodePoints(std::string_view text);

// Collects the best candidates for one text. Only the first 64 code points of the text count.
class NearestNames {
 public:
  explicit NearestNames(std::string_view text);

  // `name` is a spelling of the candidate `id`. Ids must stay valid until Best().
  void Offer(std::string_view name, std::string_view id);
  // Best first, ties by id, each once.
  std::vector<std::string> Best(size_t limit);

 private:
  int Score(std::string_view name);

  std::u32string text_;
  int limit_;
  std::u32string scratch_;
  std::vector<std::pair<int, std::string_view>> found_;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_NAME_SEARCH_H_
