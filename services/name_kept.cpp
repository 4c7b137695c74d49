#include "services/name_kept.hpp"

#include <fmt/format.h>

#include "model/duration.hpp"
#include "model/mention.hpp"

namespace backout::services {

namespace {

/// Whether a place, as the plan describes it, is one that keeps what was removed for a time of
/// grace: AWS Secrets Manager (7 to 30 days), Azure Key Vault (soft delete), Cloud KMS (names of
/// keys for ever).
bool is_place_that_keeps_names(const std::string& place) {
  return model::mentions(place, {"secrets manager", "secret manager", "key vault", "keyvault",
                                 "recovery window", "soft delete", "soft-delete"});
}

}  // namespace

bool keeps_names(const model::Service& self) {
  if (!self.fields.has("name_kept")) return is_place_that_keeps_names(self.fields.text("location"));
  const auto kept = model::parse_duration(self.fields.text("name_kept"));
  return kept && !kept->unknown && kept->high_ms > 0;
}

std::string why_kept(const model::Service& self, const std::string& key) {
  return fmt::format("'{}' was removed, and its name stays taken for {}", key,
                     self.fields.has("name_kept")
                         ? self.fields.text("name_kept")
                         : "as long as '" + self.fields.text("location") + "' keeps it");
}

Outcome taken(const model::Service& self, const std::string& key) {
  const std::string why = why_kept(self, key);
  if (self.fields.has("name_kept")) return Outcome::refused(why);
  return Outcome::opaque(fmt::format("{}, perhaps: `name_kept` would say it", why));
}

}  // namespace backout::services
