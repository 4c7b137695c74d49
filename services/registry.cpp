#include "services/registry.hpp"

#include <algorithm>

namespace backout::services {

#define BACKOUT_KIND(name) const Kind& kind_##name();
#include "services/kinds.inc"
#undef BACKOUT_KIND

namespace {

std::vector<const Kind*>& kinds() {
  static std::vector<const Kind*> all = {
#define BACKOUT_KIND(name) &kind_##name(),
#include "services/kinds.inc"
#undef BACKOUT_KIND
  };
  return all;
}

bool answers_to(const model::KindSpec& kind, const std::string& name) {
  return kind.name == name || std::ranges::find(kind.aliases, name) != kind.aliases.end();
}

}  // namespace

const std::vector<const Kind*>& all_kinds() { return kinds(); }

const Kind* add_kind(std::unique_ptr<const Kind> kind) {
  static std::vector<std::unique_ptr<const Kind>> added;
  std::vector<std::string> names = kind->spec().aliases;
  names.push_back(kind->spec().name);
  for (const Kind* known : kinds()) {
    if (std::ranges::any_of(
            names, [&](const std::string& name) { return answers_to(known->spec(), name); }))
      return nullptr;
  }
  kinds().push_back(kind.get());
  added.push_back(std::move(kind));
  return added.back().get();
}

}  // namespace backout::services
