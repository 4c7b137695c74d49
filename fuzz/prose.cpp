// What words of runbooks say: times, thresholds, numbers of steps, answers, roles.
#include <string>

#include "fuzz/check.hpp"
#include "importers/document/words.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  using namespace backout::importers;
  std::string_view text = fuzz::text_of(data, size);
  switch (fuzz::choose(text, 4)) {
    case 0: {
      std::size_t before = 0;
      for (const FoundTime& time : find_times(text)) {
        fuzz::demand(before <= time.begin && time.begin <= time.end && time.end <= text.size(),
                     "times lie in the text, in order");
        before = time.end;
      }
      break;
    }
    case 1:
      find_thresholds(text);
      break;
    case 2:
      read_number(text);
      break;
    default:
      read_answer(text);
      role_of_title(lower(text));
      read_metric(lower(text));
      contains_word(text, "deploy");
      fuzz::demand(lower(lower(text)) == lower(text), "lower case stays");
  }
  return 0;
}
