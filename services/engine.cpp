#include "services/engine.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

namespace backout::services {

using model::ValueType;

namespace {

constexpr const char* kFinalize = "finalize";  // the verb
constexpr const char* kEngine = "engine";
constexpr const char* kDataOf = "data_of";
constexpr TextArg kUpgradeEngine =
    TextArg(kEngine, "The version of the engine, newer or older.").required();
constexpr FlagArg kUpgradeEmpty{
    "empty",
    "It starts on an empty directory: what was there is gone unless a copy is restored (default "
    "false)."};
constexpr TextArg kFinalizeTo{
    "to",
    "Of which engine the features are, which no older one knows (default: the one that runs)."};
constexpr const char* kPerhapsOf = "perhaps_of";  // a newer one ran, and nobody says what it left

std::vector<std::string> parts_of_version(const std::string& version) {
  std::vector<std::string> parts;
  std::string rest = version;
  if (rest.size() > 1 && rest.front() == 'v' &&
      std::isdigit(static_cast<unsigned char>(rest[1])) != 0)
    rest.erase(0, 1);
  for (std::size_t from = 0; from <= rest.size();) {
    const std::size_t dot = std::min(rest.find_first_of(".-", from), rest.size());
    parts.push_back(rest.substr(from, dot - from));
    from = dot + 1;
  }
  return parts;
}

/// Whether `engine` runs on what `left` left.
Engines::Reads engine_reads(const Engines& engines, const model::Service& self,
                            const std::string& engine, const std::string& left) {
  if (engine == left) return Engines::Reads::yes;
  const std::optional<FileFormat> own = file_format(self, engine);
  const std::optional<FileFormat> there = file_format(self, left);
  if (own && there)
    return own->name == there->name || own->place > there->place ? Engines::Reads::yes
                                                                 : Engines::Reads::no;
  if (part_of(engine, 0) < 0 || part_of(left, 0) < 0) return Engines::Reads::unknown;
  const int order = compare_versions(engine, left);
  const bool vague =
      order == 0 && parts_of_version(engine).size() <
                        parts_of_version(left).size();  // "8.0" may be older than "8.0.36"
  if (order >= 0 && !vague) return Engines::Reads::yes;
  const Engines::Reads read = engines.reads(engine, left);
  return vague && read == Engines::Reads::no ? Engines::Reads::unknown : read;
}

/// Whether what an engine leaves waits for a `finalize`; nullopt: nobody says.
std::optional<bool> waits(const Engines& engines, const Call& call) {
  if (!engines.finalizes) return false;
  if (call.self.fields.has("finalizes") && !call.self.fields.is_unknown("finalizes"))
    return call.self.fields.flag("finalizes");
  if (engines.lowers || has_step(call.context.plan(), call.action.service, kFinalize)) return true;
  return std::nullopt;
}

Outcome upgrade_engine(const Engines& engines, const Call& call) {
  const std::string to = call.arg(kUpgradeEngine);
  if (to == "unknown") return Outcome::opaque("which engine runs then, the plan does not say");
  if (call.arg(kUpgradeEmpty))
    return call.becomes(
        engines.emptied(call.now).with(kEngine, to).with(kDataOf, to).without(kPerhapsOf));
  if (call.now.get(kEngine) == to) return Outcome::done();
  const std::string left = call.now.get(kDataOf);
  const Record next = call.now.with(kEngine, to);
  const std::string perhaps = call.now.get(kPerhapsOf);
  const bool doubtful =
      !perhaps.empty() && engine_reads(engines, call.self, to, perhaps) != Engines::Reads::yes;
  // Of which engine it was, nobody says: where it waits for a `finalize`, it is of that one still.
  if (left.empty() && !doubtful)
    return call.becomes(next.with(waits(engines, call) == false ? kDataOf : kPerhapsOf, to));
  Engines::Reads read = engine_reads(engines, call.self, to, left);
  // What was there came to be of another engine than before the deploy only because no older one
  // reads it.
  const bool raised = engines.finalizes && left != call.field(kEngine) && part_of(left, 0) >= 0 &&
                      compare_versions(to, left) < 0;
  if (read == Engines::Reads::unknown && raised) read = Engines::Reads::no;
  if (read == Engines::Reads::no) return Outcome::refused(engines.words(to, left));
  if (read == Engines::Reads::unknown || doubtful) {
    return Outcome::opaque(
               fmt::format("whether {} runs on what {} left, the plan does not say (`{}`)", to,
                           doubtful ? perhaps : left,
                           left.empty()        ? "engine"
                           : engines.finalizes ? "finalizes` or `file_formats"
                                               : "file_formats"))
        .set(call.action.service, next.without(kPerhapsOf));
  }
  if (engine_reads(engines, call.self, left, to) == Engines::Reads::yes)
    return call.becomes(next);  // the one before reads it as well
  std::optional<bool> finalize = waits(engines, call);
  const bool said = file_format(call.self, to) && file_format(call.self, left);
  if (!finalize && said)
    finalize = false;  // its files are of another format, and nothing says that they wait
  if (!finalize) return call.becomes(next.with(kPerhapsOf, to));
  return call.becomes(*finalize ? next : next.with(kDataOf, to));
}

Undo undo_upgrade(const Engines& engines, const Call& call) {
  const std::string from = call.now.get(kEngine);
  const std::string to = call.arg(kUpgradeEngine);
  if (call.arg(kUpgradeEmpty)) return no_undo("what was there is gone unless it was copied before");
  if (from == to) return nothing_to_undo();
  if (from.empty()) return {};
  const World after = with_changes(call.world, upgrade_engine(engines, call).changes);
  const Action back = same_service(call.action, "upgrade", {{kUpgradeEngine.name(), from}});
  const Outcome again = upgrade_engine(
      engines, {call.context, after, back, after.record(call.action.service), call.self});
  if (again.result == Outcome::Result::refused) return no_undo(again.message);
  return again.ok() ? Undo{Undo::Class::exact, "", {back}} : Undo{};
}

Outcome finalize(const Engines& engines, const Call& call) {
  const std::string to =
      call.arg(kFinalizeTo).empty() ? call.now.get(kEngine) : call.arg(kFinalizeTo);
  if (to.empty() || to == "unknown")
    return Outcome::opaque("what is finalized, the plan does not say (`to`)");
  const std::string from = call.now.get(kDataOf);
  if (to == from) return Outcome::done();
  const std::string engine = call.now.get(kEngine);
  if (!engine.empty() && part_of(to, 0) >= 0 && compare_versions(to, engine) > 0)
    return Outcome::refused(fmt::format("{} is not known to {}", to, engine));
  const bool lower = !from.empty() && part_of(to, 0) >= 0 && part_of(from, 0) >= 0 &&
                     compare_versions(to, from) < 0;
  if (lower && !engines.lowers)
    return Outcome::refused(fmt::format("{} is final: it cannot be lowered to {}", from, to));
  return call.becomes(call.now.with(kDataOf, to).without(kPerhapsOf));
}

VerbRow upgrade_row(const Engines& engines) {
  return {{"upgrade",
           {kUpgradeEngine, kUpgradeEmpty},
           "Runs another version of the engine on the same files."},
          [engines](const Call& call) { return upgrade_engine(engines, call); },
          [engines](const Call& call) { return undo_upgrade(engines, call); },
          [](const Context& context, const Action& action, Traits& traits) {
            if (kUpgradeEmpty.in(action.args))
              traits.destroys = "what " + context.plan().services[action.service].name + " holds";
          }};
}

VerbRow finalize_row(const Engines& engines) {
  return {{kFinalize,
           {kFinalizeTo},
           "Lets the features of the newer engine in: from now on no older one runs."},
          [engines](const Call& call) { return finalize(engines, call); },
          [engines](const Call& call) {
            const std::string from = call.now.get(kDataOf);
            const std::string to =
                call.arg(kFinalizeTo).empty() ? call.now.get(kEngine) : call.arg(kFinalizeTo);
            if (!from.empty() && from == to) return nothing_to_undo();
            if (!engines.lowers) return no_undo("what is finalized cannot be lowered");
            if (from.empty()) return Undo{};
            return Undo{Undo::Class::conditional,
                        "nothing uses what only the newer one has",
                        {same_service(call.action, kFinalize, {{kFinalizeTo.name(), from}})}};
          },
          no_traits};
}

}  // namespace

std::optional<FileFormat> file_format(const model::Service& self, const std::string& engine) {
  const model::Node* formats = self.fields.find("file_formats");
  if (formats == nullptr) return std::nullopt;
  const auto same = [&](const model::Node::Entry& each) { return each.key == engine; };
  const auto found = std::ranges::find_if(formats->entries, same);
  if (found == formats->entries.end()) return std::nullopt;
  return FileFormat{found->value.text, found - formats->entries.begin()};
}

std::vector<model::FieldSpec> engine_fields(const Engines& engines) {
  std::vector<model::FieldSpec> all = {
      field(kEngine, ValueType::string, "Version of the engine before the deploy."),
      field("file_formats", ValueType::map,
            "engine: format of its files, the oldest engine first; engines of one format run on "
            "each other's files.")};
  if (engines.finalizes)
    all.push_back(field("finalizes", ValueType::boolean,
                        "A newer engine leaves what the older one reads until a `finalize`."));
  return all;
}

std::vector<VerbRow> engine_rows(const Engines& engines) {
  std::vector<VerbRow> rows = {upgrade_row(engines)};
  if (engines.finalizes) rows.push_back(finalize_row(engines));
  return rows;
}

Record with_engine(const model::Service& service, const Record& record) {
  const std::string engine = service.fields.text(kEngine);
  return engine.empty() || engine == "unknown" ? record
                                               : record.with(kEngine, engine).with(kDataOf, engine);
}

int part_of(const std::string& version, int part) {
  const std::vector<std::string> parts = parts_of_version(version);
  if (static_cast<std::size_t>(part) >= parts.size()) return -1;
  const std::string& text = parts[static_cast<std::size_t>(part)];
  const bool number =
      !text.empty() && text.size() < 9 &&
      std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  return number ? std::atoi(text.c_str()) : -1;
}

int compare_versions(const std::string& a, const std::string& b) {
  for (int part = 0; part_of(a, part) >= 0 && part_of(b, part) >= 0; ++part) {
    if (const int difference = part_of(a, part) - part_of(b, part); difference != 0)
      return difference;
  }
  return 0;
}

std::string series_of(const std::string& version, int parts) {
  const std::vector<std::string> all = parts_of_version(version);
  std::string series;
  for (int i = 0; i < parts && static_cast<std::size_t>(i) < all.size(); ++i)
    series += (i == 0 ? "" : ".") + all[static_cast<std::size_t>(i)];
  return series;
}

Engines::Reads within_series(const std::string& older, const std::string& newer) {
  return series_of(older, 2) == series_of(newer, 2) ? Engines::Reads::yes : Engines::Reads::no;
}

}  // namespace backout::services
