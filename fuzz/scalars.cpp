// Single values of plans: durations, rates, plain words, ids, hints; what is printed reads back as
// the same.
#include <string>

#include "fuzz/check.hpp"
#include "model/duration.hpp"
#include "model/language.hpp"
#include "model/load.hpp"
#include "model/mention.hpp"
#include "model/printable.hpp"
#include "model/rate.hpp"
#include "model/scalar.hpp"

namespace {

using namespace backout;

void read_duration(std::string_view text) {
  const auto read = model::parse_duration(text);
  if (!read) return fuzz::demand(!read.error().empty(), "a duration is refused with a reason");
  const auto again = model::parse_duration(model::to_string(*read));
  fuzz::demand(again && *again == *read, "a printed duration reads back");
  fuzz::demand(read->low_ms <= read->high_ms, "a duration's low end is not above its high end");
  model::format_range_ms(read->low_ms, read->high_ms);
  model::format_rough_ms(read->high_ms);
}

void show(std::string_view text) {
  const std::string once = model::printable(text);
  fuzz::demand(model::first_invalid_utf8(once) == once.size(), "what is shown is UTF-8");
  fuzz::demand(model::printable(once) == once, "what is shown needs no second look");
  for (const char c : once)
    fuzz::demand(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f,
                 "what is shown steers nothing");
  const std::string screened = model::screened(text);
  fuzz::demand(model::first_invalid_utf8(screened) == screened.size(), "what is screened is UTF-8");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  switch (fuzz::choose(text, 4)) {
    case 0:
      read_duration(text);
      break;
    case 1:
      show(text);
      break;
    case 2:
      model::mentioned(text, {"rollback", "roll back", "restor*", "down"});
      break;
    default:
      model::per_hour(text);
      model::plain_scalar_type(text);
      model::is_id(text);
      model::nearest(text, {"deploy", "rollback", "services", "takes", "target"});
  }
  return 0;
}
