#pragma once
// The services that a draft speaks of: what commands name, matched to what the repository says.

#include <string>
#include <vector>

#include "catalogue/catalogue.hpp"
#include "importers/draft/text.hpp"
#include "importers/repository/deployed.hpp"
#include "model/catalog.hpp"

namespace backout::importers {

struct DraftService {
  std::string id;
  std::string kind;
  std::string name;  ///< as commands or files call it; empty when nothing does
  std::string image;
  std::string source;  ///< file:line that it was first seen at
};

class DraftServices {
 public:
  DraftServices(const Repository& repository, const model::Catalog& kinds, Ids& ids);

  /// The service that an effect acts on, made when it is new; empty when its kind is none of the
  /// plan language.
  std::string of(const catalogue::Effect& effect, const std::string& source);
  /// The only database, made when there is none yet.
  std::string database(const std::string& source);

  const std::vector<DraftService>& all() const { return services_; }
  bool is_app(const DraftService& service) const;

 private:
  std::string find_or_add(const std::string& kind, const std::string& name,
                          const std::string& source);

  std::vector<Deployed> deployed_;  ///< what the repository deploys
  const model::Catalog& kinds_;
  Ids& ids_;
  std::vector<DraftService> services_;
};

/// Whether a word can stand for itself in a plan: nothing in it is expanded or has to be filled in.
bool is_plain(std::string_view word);

}  // namespace backout::importers
