#pragma once
// A base for kinds whose state is a Record, and the small pieces that most of them share.

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "services/arg.hpp"
#include "services/service.hpp"

namespace backout::services {

/// Facts are the record's; keys below one of `incidental()` need not be restored by a rollback.
class RecordKind : public Kind {
 public:
  explicit RecordKind(model::KindSpec spec) : spec_(std::move(spec)) {}

  const model::KindSpec& spec() const override { return spec_; }
  std::vector<Fact> facts(const Context& context, ServiceIndex self,
                          const State& state) const override;

 protected:
  /// Prefixes of facts that a rollback need not restore: histories, backups, messages.
  virtual std::vector<std::string> incidental() const { return {}; }
  const Record& record(const World& world, ServiceIndex self) const { return world.record(self); }

 private:
  model::KindSpec spec_;
};

/// FieldSpecs in one line: `field("file", ValueType::string, "help")`.
inline model::FieldSpec field(std::string name, model::ValueType type, std::string help,
                              bool required = false) {
  return {std::move(name), type, required, {}, std::move(help)};
}
inline model::FieldSpec choice(std::string name, std::vector<std::string> choices,
                               std::string help) {
  return {std::move(name), model::ValueType::choice, false, std::move(choices), std::move(help)};
}

// Arguments that rows of several kinds list and that others read.
/// The one that every verb has: the command behind it, for people and for rules about commands.
inline constexpr TextArg kCommand{"command", "The command as people type it, or unknown."};
/// Which part of an action it is: said by whoever split it, never by a plan.
inline constexpr TextArg kPart{"part", "Of an action that was split."};
/// What is deployed, and where it comes from.
inline constexpr TextArg kDeployedVersion =
    TextArg("version", "The version.").of(model::ValueType::version).required();
inline constexpr TextArg kDeployedRef{"ref", "Git ref, image or digest that is deployed."};
inline constexpr TextArg kDeployedImage{"image", "The image."};
/// What it goes back to.
inline constexpr TextArg kBackTo{"to",
                                 "Version, `previous`, or a deployment that is known to be good."};
/// What it does, in words.
inline constexpr TextArg kSaidText{"text", "What is done."};
inline constexpr ListArg kSaidContains{"contains", "What it does, in words."};

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

inline bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// The end of a kind's apply (or parts, undo, footprint): throws an internal error that names kind
/// and verb. A verb that stands in a kind's table and has no meaning must never pass for one that
/// did something.
[[noreturn]] void unhandled(const model::KindSpec& kind, const Action& action,
                            std::string_view what);

/// The items of a fact that holds a list ("a,b"), and back.
std::vector<std::string> split_list(std::string_view text);
std::string join_list(const std::vector<std::string>& items);
/// Whether a step of the plan, of its deploy or of a path, takes this verb of the service.
bool has_step(const Plan& plan, ServiceIndex service, std::string_view verb);
/// "db.tables.x" from a service of the plan and a path below it.
std::string resource(const Context& context, ServiceIndex service, std::string_view path = {});
/// An action of the same service.
Action same_service(const Action& action, std::string verb,
                    std::vector<std::pair<std::string, std::string>> args);
/// `action` with one more argument, typed as if it stood unquoted in a plan.
Action with_arg(Action action, std::string name, std::string value);
/// `record` with everything below `to` replaced by what stands below `from`.
Record copy_area(const Record& record, const std::string& from, const std::string& to);
/// `record` with everything below `to` replaced by what stands below `from` in `source`.
Record copy_area(const Record& source, const std::string& from, const Record& record,
                 const std::string& to);
/// `record` with nothing below `area`.
Record without_area(const Record& record, const std::string& area);
/// The services that `field` of a service names, resolved; unknown names are left out (the loader
/// reported them).
std::vector<ServiceIndex> named_services(const Plan& plan, const Args& fields,
                                         std::string_view field);
/// What a word that names no fixed thing points to: "`HEAD` need not be the bad commit"; empty for
/// fixed names.
std::string moving_target(const std::string& word);
/// The same for an image or a ref that is deployed: a tag that is no digest, commit, build number
/// or full version number moves too ("app:stable", "app:v1", "app:1.2").
std::string moving_tag(const std::string& word);
/// The same of what a deploy fetches: the `ref` or `image` that it names, or else what its version
/// is of.
std::string moving_artefact(const Context& context, const Action& action);

}  // namespace backout::services
