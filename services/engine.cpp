#include "services/engine.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace backout::services {

using model::ValueType;

namespace {

constexpr const char* kFinalize = "finalize";  // the verb
constexpr const char* kEngine = "engine";
constexpr const char* kDataOf = "data_of";
constexpr TextArg kFinalizeTo{
    "to",
    "Of which engine the features are, which no older one knows (default: the one that runs)."};
constexpr const char* kNewest = "newest";         // that ran on what is there
constexpr const char* kPerhapsOf = "perhaps_of";  // a newer one ran, and nobody says what it left

/// Whether `engine` runs on what `left` left.
Reads engine_reads(const model::Service& self, const std::string& engine, const std::string& left) {
  if (engine == left) return Reads::yes;
  const std::optional<FileFormat> own = file_format(self, engine);
  const std::optional<FileFormat> there = file_format(self, left);
  if (own && there)
    return own->name == there->name || own->place > there->place ? Reads::yes : Reads::no;
  if (part_of(engine, 0) < 0 || part_of(left, 0) < 0) return Reads::unknown;
  const int order = compare_versions(engine, left);
  const bool vague =
      order == 0 && parts_of_version(engine).size() <
                        parts_of_version(left).size();  // "8.0" may be older than "8.0.36"
  const KnownEngine* known = known_engine(self);
  if (order >= 0 && !vague)
    return known != nullptr && known->newer_reads != nullptr ? known->newer_reads(engine, left)
                                                             : Reads::yes;
  if (known == nullptr || known->older_reads == nullptr) return Reads::unknown;
  const Reads read = known->older_reads(engine, left);
  return vague && read == Reads::no ? Reads::unknown : read;
}

/// What an engine leaves, by the name of the oldest one that reads it.
std::string left_by(const model::Service& self, const std::string& engine) {
  const KnownEngine* known = known_engine(self);
  return known != nullptr && known->leaves_series && part_of(engine, 1) >= 0 ? series_of(engine, 2)
                                                                             : engine;
}

std::string refusal(const model::Service& self, const std::string& engine,
                    const std::string& left) {
  const KnownEngine* known = known_engine(self);
  if (known != nullptr) {
    const auto words = compare_versions(engine, left) > 0 ? known->words_up : known->words_back;
    if (words != nullptr) return words(engine, left);
  }
  return fmt::format("{} does not start on what {} left", engine, left);
}

/// Why nobody stands for `engine` where the newest one ran that was there; empty: somebody does, or
/// the plan says what it reads.
std::string unsupported(const Call& call, const std::string& engine) {
  const KnownEngine* known = known_engine(call.self);
  const std::string newest = call.now.get(kNewest);
  if (known == nullptr || known->unsupported == nullptr || newest.empty() ||
      part_of(engine, 0) < 0 || compare_versions(engine, newest) >= 0 ||
      (file_format(call.self, engine) && file_format(call.self, newest)))
    return {};
  return known->unsupported(engine, newest);
}

/// `record` with the newest engine that ran on what is there, where that counts.
Record with_newest(const model::Service& self, const Record& record, const std::string& engine) {
  const KnownEngine* known = known_engine(self);
  if (known == nullptr || known->unsupported == nullptr || part_of(engine, 0) < 0) return record;
  const std::string newest = record.get(kNewest);
  return newest.empty() || compare_versions(engine, newest) > 0 ? record.with(kNewest, engine)
                                                                : record;
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
    return call.becomes(with_newest(call.self, engines.emptied(call.now).without(kNewest), to)
                            .with(kEngine, to)
                            .with(kDataOf, left_by(call.self, to))
                            .without(kPerhapsOf));
  if (call.now.get(kEngine) == to) return Outcome::done();
  const std::string left = call.now.get(kDataOf);
  const Record next = with_newest(call.self, call.now.with(kEngine, to), to);
  const std::string perhaps = call.now.get(kPerhapsOf);
  const bool doubtful = !perhaps.empty() && engine_reads(call.self, to, perhaps) != Reads::yes;
  // Of which engine it was, nobody says: where it waits for a `finalize`, it is of that one still.
  if (left.empty() && !doubtful)
    return call.becomes(next.with(waits(engines, call) == false ? kDataOf : kPerhapsOf, to));
  Reads read = engine_reads(call.self, to, left);
  // What was there came to be of another engine than before the deploy only because no older one
  // reads it.
  const bool raised = engines.finalizes && left != left_by(call.self, call.field(kEngine)) &&
                      part_of(left, 0) >= 0 && compare_versions(to, left) < 0;
  if (read == Reads::unknown && raised) read = Reads::no;
  if (read == Reads::no) return Outcome::refused(refusal(call.self, to, left));
  if (read == Reads::unknown || doubtful) {
    return Outcome::opaque(
               fmt::format("whether {} runs on what {} left, the plan does not say (`{}`)", to,
                           doubtful ? perhaps : left,
                           left.empty()        ? "engine"
                           : engines.finalizes ? "finalizes` or `file_formats"
                                               : "file_formats"))
        .set(call.action.service, next.without(kPerhapsOf));
  }
  if (const std::string why = unsupported(call, to); !why.empty()) {
    return Outcome::opaque(fmt::format("{}: whether {} starts, the plan does not say "
                                       "(`file_formats`)",
                                       why, to))
        .set(call.action.service, next);
  }
  if (engine_reads(call.self, left, to) == Reads::yes)
    return call.becomes(next);  // the one before reads it as well
  std::optional<bool> finalize = waits(engines, call);
  const bool said = file_format(call.self, to) && file_format(call.self, left);
  if (!finalize && said)
    finalize = false;  // its files are of another format, and nothing says that they wait
  if (!finalize) return call.becomes(next.with(kPerhapsOf, to));
  return call.becomes(*finalize ? next : next.with(kDataOf, left_by(call.self, to)));
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

/// What only engines from that one on know, once it is finalized.
std::string finalized_to(const Call& call) {
  const std::string to = call.arg(kFinalizeTo);
  return left_by(call.self, to.empty() ? call.now.get(kEngine) : to);
}

Outcome finalize(const Engines& engines, const Call& call) {
  const std::string to = finalized_to(call);
  if (to.empty() || to == "unknown")
    return Outcome::opaque("what is finalized, the plan does not say (`to`)");
  const std::string from = call.now.get(kDataOf);
  if (to == from) return Outcome::done();
  const std::string engine = call.now.get(kEngine);
  if (!engine.empty() && part_of(to, 0) >= 0 &&
      (compare_versions(to, engine) > 0 || engine_reads(call.self, engine, to) == Reads::no))
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
            const std::string to = finalized_to(call);
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
  if (formats == nullptr) {
    const KnownEngine* known = known_engine(self);
    const std::optional<int> number =
        known != nullptr && known->format != nullptr ? known->format(engine) : std::nullopt;
    return number ? std::optional(FileFormat{std::to_string(*number), *number}) : std::nullopt;
  }
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
  if (engine.empty() || engine == "unknown") return record;
  return with_newest(service, record, engine)
      .with(kEngine, engine)
      .with(kDataOf, left_by(service, engine));
}

Outcome with_files_of(const Engines& engines, const Call& call, const Record& next,
                      const std::string& left) {
  const std::string engine = call.now.get(kEngine);
  if (left.empty() || engine.empty()) return call.becomes(next);
  const Reads read = engine_reads(call.self, engine, left);
  if (read == Reads::no) return Outcome::refused(refusal(call.self, engine, left));
  if (read == Reads::unknown) {
    return Outcome::opaque(fmt::format("whether {} runs on what {} left, the plan does not say "
                                       "(`file_formats`)",
                                       engine, left))
        .set(call.action.service, next);
  }
  const bool stays = engines.finalizes || engine_reads(call.self, left, engine) == Reads::yes;
  return call.becomes(next.with(kDataOf, stays ? left : engine));
}

}  // namespace backout::services
