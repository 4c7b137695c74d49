// LIKE and regular expressions, "pattern NUL text": samples match their pattern.
#include <string>

#include "fuzz/check.hpp"
#include "model/scalar.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/pattern.hpp"
#include "postgres/witness/pattern_sample.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  using namespace backout::postgres;
  std::string_view rest = fuzz::text_of(data, size);
  const unsigned how = fuzz::choose(rest, 4);
  const auto both = fuzz::parts(rest, '\0', 2);
  const std::string_view pattern = both.front();
  if (how < 2) {
    const std::string_view text = both.back();
    if (like(text, pattern, false))
      fuzz::demand(like(text, pattern, true), "what is like with its case is like without");
    const std::string sample = sample_of_like(pattern, 7);
    const bool is_text = model::first_invalid_utf8(pattern) == pattern.size();
    fuzz::demand(!is_text || like(sample, pattern, false), "a sample is like its pattern");
    return 0;
  }
  matches_pattern(both.back(), pattern, how == 3);
  const auto sample = sample_of_regex(pattern, 7);
  if (sample)
    fuzz::demand(matches_pattern(*sample, pattern, false) != Truth::no,
                 "a sample matches its pattern");
  return 0;
}
