#include "plans/effects.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "importers/migrations/import.hpp"
#include "model/load.hpp"
#include "services/app.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {

namespace fs = std::filesystem;
using model::FieldSpec;
using model::KindSpec;
using model::Node;
using model::ValueType;

namespace {

constexpr std::size_t kLongest = 3500;  ///< of a plan: longer ones take too long

const model::Catalog& catalog() {
  static const model::Catalog kCatalog = services::catalog();
  return kCatalog;
}

const FieldSpec* find_spec(const std::vector<FieldSpec>& specs, const std::string& name) {
  const auto found = std::ranges::find(specs, name, &FieldSpec::name);
  return found == specs.end() ? nullptr : &*found;
}

/// The fields or arguments that `part` of a kind has: "", "version", or a verb.
const std::vector<FieldSpec>& specs_of(const KindSpec& kind, const std::string& part) {
  static const std::vector<FieldSpec> kNone;
  if (part.empty()) return kind.fields;
  if (part == "version") return kind.version_fields;
  const model::VerbSpec* verb = model::find_verb(kind, part);
  return verb == nullptr ? kNone : verb->args;
}

/// The kind on which what several have in common is tried: apps, and databases whose statements are
/// not executed.
const KindSpec& first_of_its_family(const KindSpec& kind) {
  const bool typed = kind.name == "mysql" || kind.name == "mongodb" || kind.name == "dynamodb";
  if (typed) return *catalog().find("database");
  return kind.has_versions ? *catalog().find("app") : kind;
}

tl::expected<model::Plan, model::LoadError> load(const std::string& file, const std::string& folder,
                                                 const std::string& text) {
  return model::load_plan_text(file, text, folder, catalog(), importers::read_migrations);
}

Place below(Place place, std::size_t index) {
  place.push_back(index);
  return place;
}

/// Goes through a plan and notes what it says of its services.
class Reader {
 public:
  Reader(std::size_t sample, const Node& root, std::map<std::string, std::vector<Use>>& uses)
      : sample_(sample), root_(root), uses_(uses) {}

  void read() {
    const auto services = child(root_, {}, "services");
    if (!services) return;
    for (std::size_t i = 0; i < at(root_, *services).entries.size(); ++i) {
      const Place place = below(*services, i);
      const KindSpec* kind = kind_of(at(root_, place));
      if (kind == nullptr) continue;
      note(*kind, "", place);
      const auto versions = child(root_, place, "versions");
      for (std::size_t v = 0; versions && v < at(root_, *versions).entries.size(); ++v)
        note(*kind, "version", below(*versions, v));
    }
    for (const char* part : {"deploy", "rollback"}) {
      const auto list = child(root_, {}, part);
      const auto steps = list ? child(root_, *list, "steps") : std::nullopt;
      if (steps) read_steps(*steps);
    }
  }

 private:
  static const KindSpec* kind_of(const Node& service) {
    const Node* kind = service.find("kind");
    return kind == nullptr ? nullptr : catalog().find(kind->text);
  }

  void read_steps(const Place& list) {
    const Node* services = root_.find("services");
    for (std::size_t i = 0; i < at(root_, list).items.size(); ++i) {
      const Place place = below(list, i);
      if (const auto members = child(root_, place, "steps")) read_steps(*members);
      const Node* verb = at(root_, place).find("do");
      if (verb == nullptr) continue;
      const Node* target = at(root_, place).find("target");
      const Node* service = target == nullptr ? nullptr : services->find(target->text);
      const KindSpec* kind = target == nullptr    ? catalog().find("manual")
                             : service == nullptr ? nullptr
                                                  : kind_of(*service);
      if (kind != nullptr) note(*kind, verb->text, place);
    }
  }

  void note(const KindSpec& kind, const std::string& part, const Place& map) {
    const Node& node = at(root_, map);
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      const FieldSpec* spec = find_spec(specs_of(kind, part), node.entries[i].key);
      if (spec != nullptr)
        uses_[row_of(kind, part, *spec)].push_back({sample_, below(map, i), *spec});
    }
  }

  std::size_t sample_;
  const Node& root_;
  std::map<std::string, std::vector<Use>>& uses_;
};

}  // namespace

std::string row_of(const KindSpec& kind, const std::string& part, const FieldSpec& spec) {
  for (const char* word : {"command", "provider", "location", "env_file"}) {
    if (spec.name == word) return fmt::format("every {}", word);
  }
  const KindSpec& first = first_of_its_family(kind);
  const FieldSpec* same = find_spec(specs_of(first, part), spec.name);
  const bool is_common = same != nullptr && same->help == spec.help;
  return fmt::format("{} {}{}", is_common ? first.name : kind.name, part.empty() ? "" : part + ".",
                     spec.name);
}

std::set<std::string> all_rows() {
  std::set<std::string> rows;
  for (const KindSpec& kind : catalog().kinds) {
    std::vector<std::string> parts = {"", "version"};
    for (const model::VerbSpec& verb : kind.verbs) parts.push_back(verb.name);
    for (const std::string& part : parts) {
      for (const FieldSpec& spec : specs_of(kind, part)) rows.insert(row_of(kind, part, spec));
    }
  }
  return rows;
}

const std::vector<Sample>& samples() {
  static const std::vector<Sample> kAll = [] {
    std::vector<std::pair<std::string, std::string>> texts;
    for (const char* folder : {"plans", "fixtures/incidents", "fixtures/rules", "tests/plans"}) {
      for (const auto& entry : fs::recursive_directory_iterator(source_path(folder))) {
        if (entry.path().extension() != ".yaml") continue;
        std::string text = read_file(entry.path());
        if (text.find("backout: 1") != std::string::npos && text.size() < kLongest)
          texts.emplace_back(std::move(text), entry.path().string());
      }
    }
    std::ranges::sort(texts, [](const auto& a, const auto& b) {
      const auto rank = [](const auto& each) {
        return std::tuple(each.second.find("/tests/plans/effects/") == std::string::npos,
                          each.first.size(), each.second);
      };
      return rank(a) < rank(b);
    });
    std::vector<Sample> all;
    for (const auto& [text, file] : texts) {
      const std::string folder = fs::path(file).parent_path().string();
      if (load(file, folder, text))
        all.push_back({fs::relative(file, source_path("")).string(), folder, read_tree(text)});
    }
    return all;
  }();
  return kAll;
}

std::map<std::string, std::vector<Use>> uses_of_rows() {
  std::map<std::string, std::vector<Use>> uses;
  for (std::size_t i = 0; i < samples().size(); ++i) Reader(i, samples()[i].tree, uses).read();
  return uses;
}

std::set<std::string> outcome_of(const Sample& sample, const Node& tree, bool with_words) {
  const auto plan = load(sample.file, sample.folder, write_tree(tree));
  if (!plan) return {};
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  const services::Context context(*plan);
  const services::World start = services::initial_world(context, mistakes);
  if (!mistakes.empty()) return {};
  const simulator::Matrix matrix = simulator::explore(context, start, {});
  std::set<std::string> lines = {"read"};
  for (const model::Finding& finding :
       analyzer::report(facts, simulator::findings_of(context, matrix), true, "")) {
    std::string line =
        fmt::format("{} {} {}", finding.rule, static_cast<int>(finding.severity), finding.step);
    for (const std::string& path : finding.paths) line += " " + path;
    if (with_words) line += " " + finding.message;
    lines.insert(line);
  }
  for (const simulator::Cell& cell : matrix.cells) {
    lines.insert(fmt::format("{} {} {} {}", matrix.interruptions[cell.interruption].label,
                             matrix.paths[cell.path], simulator::to_string(cell.verdict),
                             cell.applicable));
  }
  if (matrix.point_of_no_return)
    lines.insert(fmt::format("no return {}", matrix.point_of_no_return->interruption));
  return lines;
}

Verdicts verdicts_of(const Sample& sample, const Node& tree) {
  const auto plan = load(sample.file, sample.folder, write_tree(tree));
  if (!plan) return {true, plan.error().mistakes.front().message, {}};
  std::vector<model::Mistake> mistakes;
  const services::Context context(*plan);
  const services::World start = services::initial_world(context, mistakes);
  if (!mistakes.empty()) return {true, mistakes.front().message, {}};
  const simulator::Matrix matrix = simulator::explore(context, start, {});
  Verdicts all;
  for (const simulator::Cell& cell : matrix.cells) {
    all.cells[matrix.interruptions[cell.interruption].label + ' ' + matrix.paths[cell.path]] =
        cell.verdict;
  }
  return all;
}

}  // namespace backout::tests
