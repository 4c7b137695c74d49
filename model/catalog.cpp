#include "model/catalog.hpp"

#include <algorithm>

namespace backout::model {

const KindSpec* Catalog::find(std::string_view name) const {
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const KindSpec& kind) {
    return kind.name == name ||
           std::find(kind.aliases.begin(), kind.aliases.end(), name) != kind.aliases.end();
  });
  return found == kinds.end() ? nullptr : &*found;
}

std::vector<std::string> Catalog::names() const {
  std::vector<std::string> names;
  for (const KindSpec& kind : kinds) {
    names.push_back(kind.name);
    names.insert(names.end(), kind.aliases.begin(), kind.aliases.end());
  }
  return names;
}

const VerbSpec* find_verb(const KindSpec& kind, std::string_view verb) {
  const auto found = std::find_if(kind.verbs.begin(), kind.verbs.end(),
                                  [&](const VerbSpec& v) { return v.name == verb; });
  return found == kind.verbs.end() ? nullptr : &*found;
}

}  // namespace backout::model
