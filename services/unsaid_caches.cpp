#include "services/unsaid_caches.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/mention.hpp"
#include "services/features.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

std::string words_of(const model::Service& service) {
  std::string words =
      service.name + ' ' + service.fields.text("provider") + ' ' + service.fields.text("location");
  std::ranges::replace(words, '_', ' ');
  return words;
}

bool names_cache(const model::Service& service) {
  return model::mentions(words_of(service),
                         {"cdn", "cloudfront", "cloudflare", "fastly", "akamai", "varnish", "vcl",
                          "edge", "edges", "cache", "caching"});
}

/// Whether a cache of the plan stands in front of the app: then its copies are facts. Something
/// that keeps values for a while and is named like a cache is one, too, by another kind.
bool is_fronted(const Plan& plan, ServiceIndex app) {
  const std::string& name = plan.services[app].name;
  return std::ranges::any_of(plan.services, [&](const model::Service& service) {
    const auto names_app = [&](const char* field) {
      const std::vector<std::string> apps = service.fields.strings(field);
      return std::ranges::find(apps, name) != apps.end();
    };
    if (features_of(*find_kind(service.kind)).keeps_answers) return names_app("fronts");
    return service.fields.find("cache_ttl") != nullptr && names_cache(service) &&
           names_app("read_by");
  });
}

/// An app that is files behind caches: a static host, a CDN, object storage.
bool is_behind_caches(const Plan& plan, ServiceIndex app) {
  const model::Service& service = plan.services[app];
  const std::string place = service.fields.text("provider") + ' ' + service.fields.text("location");
  return !service.versions.empty() && !is_fronted(plan, app) &&
         model::mentions(
             place, {"static", "cdn", "cloudfront", "fastly", "akamai", "s3", "netlify", "pages"});
}

/// Rules of a cache, written as a configuration.
bool may_hold_rules(const model::Service& service) {
  return features_of(*find_kind(service.kind)).is_configuration && names_cache(service);
}

/// Whether an item of it says what is kept: of a cache by name every one, else one that speaks of
/// caching.
bool is_rule(const model::Service& service, const std::string& item) {
  std::string words = item;
  std::ranges::replace(words, '_', ' ');
  return model::mentions(words_of(service), {"cdn", "varnish", "vcl", "cache", "caching"}) ||
         model::mentions(words, {"cache*", "caching", "ttl", "max-age", "s-maxage", "vary",
                                 "surrogate*", "cookie*"});
}

std::string changed_rule(const model::Service& service, const Record& before, const Record& after) {
  for (const auto& [key, value] : before.facts()) {
    if (!key.starts_with("items.") || after.get(key) == value) continue;
    const std::string item = key.substr(6);
    if (is_rule(service, item + ' ' + value))
      return fmt::format("what they kept by '{}: {}' of '{}'", item, value, service.name);
  }
  return {};
}

}  // namespace

bool has_unsaid_caches(const Plan& plan) {
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (is_behind_caches(plan, i) || may_hold_rules(plan.services[i])) return true;
  }
  return false;
}

std::string left_in_caches(const Context& context, const World& before, const World& after,
                           ServiceIndex service) {
  const Plan& plan = context.plan();
  if (service == model::kNone) return {};
  const model::Service& each = plan.services[service];
  if (may_hold_rules(each))
    return changed_rule(each, before.record(service), after.record(service));
  if (!is_behind_caches(plan, service)) return {};
  const std::vector<std::string> live =
      context.kind(service).live_versions(context, before, service);
  if (live.empty() || live == context.kind(service).live_versions(context, after, service))
    return {};
  return fmt::format("what {} of '{}' answered under the same names", live.front(), each.name);
}

bool purges_in_words(const model::Step& step) {
  std::string words = kCommand.in(step.args) + ' ' + kSaidText.in(step.args);
  for (const std::string& command : kSaidContains.in(step.args)) words += ' ' + command;
  return model::mentions(words, {"purge*", "invalidat*", "create-invalidation"});
}

}  // namespace backout::services
