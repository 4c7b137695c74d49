#include "services/cache_engine.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "model/mention.hpp"
#include "services/engine.hpp"
#include "services/entries.hpp"

namespace backout::services {

namespace {

constexpr const char* kEngine = "engine";
constexpr const char* kFile = "file";

bool says_formats(const model::Service& self) { return self.fields.has("file_formats"); }

/// The format in which an engine leaves its file: what the plan says, or the one of its dumps.
std::optional<FileFormat> left_format(const model::Service& self, const std::string& engine) {
  const std::string persistence = persistence_of(self);
  const bool has_file = persistence == "rdb" || persistence == "aof";
  return persistence == "none" || !(says_formats(self) || has_file) ? std::nullopt
                                                                    : file_format(self, engine);
}

/// Of an append-only file nobody knows whether it begins with a dump, unless the plan says formats.
bool may_be_plain(const model::Service& self) {
  return !says_formats(self) && persistence_of(self) == "aof";
}

Outcome unsaid_formats(const Call& call, const Record& next, const std::string& to) {
  return Outcome::opaque(
             fmt::format("whether {} reads the files of {}, the plan does not say (`file_formats`)",
                         to, call.now.get(kEngine)))
      .set(call.action.service, next);
}

Outcome change_engine(const Call& call) {
  const std::string to = call.arg(kUpgradeEngine);
  const std::string from = call.now.get(kEngine);
  const bool empty = call.arg(kUpgradeEmpty);
  if (to == from && !empty) return Outcome::done();
  const Record next = call.now.with(kEngine, to).with("was." + to, "true");
  const std::optional<FileFormat> after = left_format(call.self, to);
  if (empty || persistence_of(call.self) == "none") {
    const Record anew = after ? next.with(kFile, after->name) : next.without(kFile);
    Outcome outcome = emptied_cache({call.context, call.world, call.action, anew, call.self}, "");
    if (outcome.changes.empty()) outcome.set(call.action.service, anew);
    return outcome;
  }
  if (!after || !call.now.has(kFile)) {
    return call.now.has("was." + to) ? unsaid_formats(call, next, to) : call.becomes(next);
  }
  const std::optional<FileFormat> before = left_format(call.self, from);
  const bool older = before && after->place < before->place;
  if (older && after->name != call.now.get(kFile)) {
    if (may_be_plain(call.self)) return unsaid_formats(call, next, to);
    return Outcome::refused(fmt::format("Can't handle RDB format version {}", call.now.get(kFile)));
  }
  return call.becomes(next.with(kFile, older ? call.now.get(kFile) : after->name));
}

Undo undo_engine(const Call& call) {
  const std::string from = call.now.get(kEngine);
  const std::string to = call.arg(kUpgradeEngine);
  if (call.arg(kUpgradeEmpty)) return no_undo("what was there is gone unless it was copied before");
  if (from == to) return nothing_to_undo();
  const std::optional<FileFormat> old_format = left_format(call.self, from);
  const std::optional<FileFormat> new_format = left_format(call.self, to);
  if (from.empty() || !old_format || !new_format) return {};
  if (old_format->name == new_format->name)
    return call.back("upgrade", {{kUpgradeEngine.name(), from}});
  if (may_be_plain(call.self)) return {};
  return no_undo(fmt::format("{} does not read the files of {}", from, to));
}

}  // namespace

std::string persistence_of(const model::Service& self) {
  // Memcached writes no file (docs.memcached.org, "Warm restart" apart).
  const bool has_none = model::mentions(self.fields.text("provider"), {"memcached"});
  return self.fields.text_or("persistence", has_none ? "none" : "unknown");
}

Record with_cache_engine(const model::Service& self, const Record& record) {
  const std::string engine = self.fields.text(kEngine);
  if (engine.empty()) return record;
  const std::optional<FileFormat> format = left_format(self, engine);
  const Record next = record.with(kEngine, engine).with("was." + engine, "true");
  return format ? next.with(kFile, format->name) : next;
}

Outcome emptied_cache(const Call& call, const std::string& format) {
  Record next = without_entries(call.now, format);
  const bool emptied =
      format.empty() || (formats_in(next).empty() && !formats_in(call.now).empty());
  if (emptied && call.self.fields.has("bears_cold")) next = next.with("cold", "true");
  if (next.equals(call.now)) return Outcome::done();
  if (call.self.fields.has(kRebuilds) && !call.self.fields.is_unknown(kRebuilds))
    return call.becomes(next);
  return Outcome::opaque(
             fmt::format(
                 "whether what '{}' holds can be made anew, the plan does not say (`rebuilds`)",
                 call.self.name))
      .set(call.action.service, next);
}

bool reads_dump(const Call& call, const std::string& format) {
  if (format == call.now.get(kFile)) return true;
  const std::optional<FileFormat> own = file_format(call.self, call.now.get(kEngine));
  if (!own) return false;
  const model::Node* formats = call.self.fields.find("file_formats");
  if (formats == nullptr) return std::atoi(format.c_str()) <= own->place;
  const auto made = std::ranges::find(formats->entries, format,
                                      [](const auto& entry) { return entry.value.text; });
  return made != formats->entries.end() && made - formats->entries.begin() <= own->place;
}

Outcome while_it_runs(const Call& call, const std::function<Outcome(const Call&)>& then) {
  return call.now.get("running") == "true"
             ? then(call)
             : Outcome::refused("Could not connect: Connection refused");
}

VerbRow cache_upgrade_row() {
  return {{"upgrade",
           {kUpgradeEngine, kUpgradeEmpty},
           "Runs another version of the engine on the same files."},
          [](const Call& call) { return while_it_runs(call, change_engine); },
          undo_engine,
          [](const Context& context, const Action& action, Traits& traits) {
            const model::Service& self = context.plan().services[action.service];
            if (kUpgradeEmpty.in(action.args) && !self.fields.flag(kRebuilds))
              traits.destroys = "the entries of " + self.name;
          }};
}

}  // namespace backout::services
