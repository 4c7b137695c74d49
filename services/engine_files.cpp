#include "services/engine_files.hpp"

#include <algorithm>

namespace backout::services {

ServiceIndex engine_of(const Plan& plan, ServiceIndex store) {
  const model::Service& service = plan.services[store];
  const std::string path = service.fields.text("path");
  const std::string name = path.substr(path.rfind('/') + 1);
  const bool is_folder =
      service.kind == "sqlite" && !path.empty() && name.find('.') == std::string::npos;
  ServiceIndex in = plan.find_service(service.fields.text("in"));
  if (service.fields.is_unknown("in")) {
    // It may be any that uses it.
    const auto uses = [&](const model::Service& each) {
      return std::ranges::find(each.uses, store) != each.uses.end();
    };
    const auto found = std::ranges::find_if(plan.services, uses);
    if (found != plan.services.end()) in = static_cast<ServiceIndex>(found - plan.services.begin());
  }
  return in == model::kNone || plan.services[in].versions.empty() || !is_folder ? model::kNone : in;
}

bool says_what_it_rewrites(const model::Service& app) {
  return std::ranges::any_of(
      app.versions, [](const model::Version& version) { return version.extra.has("rewrites"); });
}

}  // namespace backout::services
