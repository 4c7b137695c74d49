#include "cli/draft_findings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/rule.hpp"
#include "analyzer/documents/scripts.hpp"
#include "analyzer/documents/ways_back.hpp"
#include "analyzer/rule.hpp"
#include "cli/draft_meant.hpp"
#include "cli/drafting.hpp"
#include "cli/load_plan.hpp"
#include "model/load.hpp"
#include "simulator/matrix.hpp"

namespace backout::cli {

namespace {

/// They read the order of steps and the meaning of commands, not versions, traffic, schemas or
/// times.
constexpr std::array kRules = {"irreversible-before-check", "version-not-verified",
                               "undo-leaves-rest",          "destructive-without-backup",
                               "backup-unchecked",          "writers-not-stopped",
                               "unverified-step",           "step-refused"};

/// How many states the search of a draft may visit.
constexpr std::uint64_t kMostStates = 5'000;

/// A step of the draft in the document's words.
struct Told {
  std::string name;
  model::Span span;
};

std::optional<Told> told(const std::string& said, const importers::DraftInput& input) {
  const std::size_t colon = said.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::size_t line = 0;
  for (const char c : said.substr(colon + 1))
    line = c < '0' || c > '9' ? 0 : line * 10 + static_cast<std::size_t>(c - '0');
  const model::SourceFile& source = input.sources[input.document.file];
  if (line == 0 || line > source.line_count()) return std::nullopt;
  // A block of SQL is named by its first statement, not by its fence.
  if (source.line(line).find("```") != std::string_view::npos && line < source.line_count()) ++line;
  const std::string_view text = source.line(line);
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t last = text.find_last_not_of(" \t\r\\");
  const auto begin = static_cast<std::uint32_t>(text.data() - source.text().data() +
                                                static_cast<std::ptrdiff_t>(first));
  const std::string shown(
      text.substr(first, last == std::string_view::npos ? 0 : last - first + 1));
  return Told{shown,
              {input.document.file, begin, begin + static_cast<std::uint32_t>(shown.size())}};
}

/// `text` with the draft's ids in quotes replaced by what the document calls them.
std::string in_words(std::string text, const std::map<std::string, std::string>& names) {
  for (std::size_t at = text.find('\''); at != std::string::npos; at = text.find('\'', at)) {
    const std::size_t end = text.find('\'', at + 1);
    if (end == std::string::npos) break;
    const auto name = names.find(text.substr(at + 1, end - at - 1));
    if (name == names.end()) {
      at = end + 1;
      continue;
    }
    text.replace(at + 1, end - at - 1, name->second);
    at += name->second.size() + 2;
  }
  return text;
}

bool says_version(std::string_view text) {
  static constexpr std::array kWords = {"version", "Version",   "rev-parse",
                                        "GIT_SHA", "image tag", "digest"};
  return std::ranges::any_of(
      kWords, [&](const char* word) { return text.find(word) != std::string_view::npos; });
}

/// Whether a command reads which image or task definition is there, and somebody compares it: a
/// script, which puts it into a variable or a filter, or the reader.
bool reads_image(const importers::Document& document, const importers::Command& command) {
  static constexpr std::array kWords = {".image", ".Image", "taskDefinition"};
  const bool compared = !document.is_script || command.context.pipe_length > 1 ||
                        (command.context.substitution && !command.context.assigns.empty());
  const bool looks = analyzer::documents::effect_of(command) == analyzer::documents::Effect::look;
  return looks && compared && std::ranges::any_of(command.words, [](const importers::Word& word) {
           return std::ranges::any_of(
               kWords, [&](const char* each) { return word.text.find(each) != std::string::npos; });
         });
}

/// Whether a command looks at which version is there: not the version of a tool, and not a step
/// that only names one.
bool looks_at_version(const importers::Command& command) {
  static constexpr std::array kTools = {
      "node", "npm",     "python",    "python3", "docker", "docker-compose", "kubectl", "helm",
      "psql", "pg_dump", "terraform", "aws",     "php",    "java",           "nginx",   "git"};
  if (command.name() == "echo" || command.name() == "printf") return false;
  const bool of_tool =
      command.has("--version") && std::ranges::find(kTools, command.name()) != kTools.end();
  return !of_tool && std::ranges::any_of(command.words, [](const importers::Word& word) {
    return says_version(word.text);
  });
}

/// Whether people still look there once they have rolled back.
bool is_read_afterwards(const importers::Document& document, std::uint32_t section) {
  using importers::Role;
  const Role role = document.role(section);
  return role != Role::prevention && role != Role::drill && role != Role::contacts &&
         role != Role::follow_up && role != Role::template_text && role != Role::reference &&
         role != Role::communication;
}

/// Where the document looks at a version, and in which section: a command or a line to tick asks
/// for it.
std::vector<std::pair<std::uint32_t, std::uint32_t>> version_questions(
    const importers::Document& document) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
  for (const importers::Block& block : document.blocks) {
    if (!is_read_afterwards(document, block.section)) continue;
    for (const importers::Command& command : block.script.commands) {
      if (looks_at_version(command) || reads_image(document, command))
        all.emplace_back(command.span.begin, block.section);
    }
  }
  for (const importers::Line& line : document.lines) {
    const bool listed = line.kind != importers::Line::Kind::paragraph && says_version(line.text);
    if (listed && is_read_afterwards(document, line.section))
      all.emplace_back(line.span.begin, line.section);
  }
  return all;
}

/// Whether a look at a version stands behind `place`: in the same way back, or in what belongs to
/// none.
bool asks_version(const importers::DraftInput& input, const model::Span& place) {
  const importers::Document& document = input.document;
  auto& questions = document.low().version_questions;
  if (!questions) questions = version_questions(document);
  std::uint32_t around = importers::kNowhere;
  for (std::uint32_t i = 0;
       i < document.sections.size() && document.sections[i].span.begin <= place.begin; ++i)
    around = i;
  const analyzer::DocumentFacts facts{document, input.sources};
  // A deploy is looked at wherever the document looks.
  const bool back = analyzer::documents::is_in_way_back(facts, around);
  const std::uint32_t way = document.procedure_of(around);
  return std::ranges::any_of(*questions, [&](const auto& question) {
    return question.first > place.end &&
           (!back || analyzer::documents::belongs(facts, way, question.second));
  });
}

/// Whether the section is one that people follow when they roll back; a script is.
bool rolls_back(const importers::Document& document, const importers::Block& block) {
  const importers::Role role = document.role(block.section);
  return !block.left_out && (document.is_script || role == importers::Role::rollback);
}

/// The commands that bring another version of the code, one of a procedure, where nothing behind
/// them asks which one answers.
std::optional<model::Finding> unasked_version(const importers::DraftInput& input) {
  const importers::Document& document = input.document;
  std::optional<model::Finding> first;
  std::set<std::uint32_t> told;
  for (const importers::Block& block : document.blocks) {
    if (!rolls_back(document, block) || told.contains(document.procedure_of(block.section)))
      continue;
    bool turned = false;
    for (const importers::Command& command : block.script.commands) {
      const catalogue::Known& known = command.known();
      const std::vector<std::string> argv = command.argv();
      const bool git = known.tool == "git" && argv.size() > 1;
      turned = turned || (git && (argv[1] == "revert" || argv[1] == "reset" ||
                                  argv[1] == "commit" || argv[1] == "checkout"));
      const bool of_text = std::ranges::any_of(argv, [](const std::string& word) {
        return word.find("runbook") != std::string::npos || word.starts_with("docs");
      });
      const bool pushes = git && argv[1] == "push" && turned && !of_text;
      const bool of_pods =
          known.tool != "kubectl" || known.path == "rollout undo" || known.path == "set image";
      const bool serves = of_pods && (known.does == "roll_back" || known.does == "deploy") &&
                          known.tool != "git" && known.tool != "terraform" && known.path != "apply";
      if ((command.has("--force-recreate") && !command.has("--build")) ||
          is_rehearsed(document, command.span))
        continue;
      if ((!pushes && !serves) || brings_data_back(document, command.span) ||
          command.has("--dry-run") || command.has("--help") || asks_version(input, command.span))
        continue;
      told.insert(document.procedure_of(block.section));
      if (first) {
        first->related.push_back({command.span, "here, too"});
        break;
      }
      std::string shown;
      for (const std::string& word : argv) shown += (shown.empty() ? "" : " ") + word;
      if (shown.size() > 80) shown = shown.substr(0, 77) + "...";
      model::Finding made;
      made.rule = "version-not-verified";
      made.severity = model::Severity::warning;
      made.span = command.span;
      made.message = fmt::format(
          "after '{}' nothing asks which version answers: a healthy answer of the bad version "
          "passes",
          shown);
      made.fix = "a look at the version that answers, compared with the one that was meant";
      first = std::move(made);
      break;
    }
  }
  return first;
}

/// A text of the draft as it was loaded last: the one that loads without mistakes is the draft.
struct Loaded {
  /// Steps times services: each step is held against the whole world. Of the public runbooks at
  /// hand none has a thousandth of it.
  static constexpr std::size_t kMostWork = 30'000'000;

  std::string text;
  bool is_too_large = false;
  std::unique_ptr<const model::Plan> plan;  ///< that `facts` points into
  std::unique_ptr<const analyzer::Facts> facts;

  std::vector<model::Mistake> load(const std::string& from) {
    facts.reset();
    plan.reset();
    text = from;
    auto read = model::load_plan_text("plan.yaml", from, "", known_kinds());
    if (!read) return read.error().mistakes;
    plan = std::make_unique<const model::Plan>(std::move(*read));
    std::vector<model::Mistake> mistakes;
    is_too_large = plan->steps.size() * plan->services.size() > kMostWork;
    if (is_too_large) return mistakes;
    facts = std::make_unique<const analyzer::Facts>(analyzer::derive_facts(*plan, mistakes));
    if (!mistakes.empty()) facts.reset();
    return mistakes;
  }
};

/// Where the document says what stands at a place of the plan: by its step, else by the `source` of
/// the plan's own entry.
class Places {
 public:
  Places(const model::Plan& plan, const importers::DraftInput& input) : plan_(plan), input_(input) {
    for (const model::Step& step : plan.steps) {
      if (auto found = told(step.source, input)) steps_.emplace(step.id, std::move(*found));
    }
  }

  const std::map<std::string, Told>& steps() const { return steps_; }

  std::optional<Told> of(const model::Finding& finding) const {
    const auto step = steps_.find(finding.step);
    if (step != steps_.end()) return step->second;
    return finding.step.empty() ? of(finding.span) : std::nullopt;
  }

 private:
  std::optional<Told> of(const model::Span& span) const {
    const model::SourceFile& draft = (*plan_.sources)[0];
    const std::size_t line = draft.line_of(span.begin);
    // An entry of several lines says its source below its first.
    for (std::size_t at = line; at <= std::min(line + 3, draft.line_count()); ++at) {
      const std::string_view text = draft.line(at);
      const std::size_t found = text.find(input_.shown + ":");
      if (found == std::string_view::npos) continue;
      const std::size_t end = text.find_first_not_of("0123456789", found + input_.shown.size() + 1);
      return told(std::string(text.substr(found, end - found)), input_);
    }
    return std::nullopt;
  }

  const model::Plan& plan_;
  const importers::DraftInput& input_;
  std::map<std::string, Told> steps_;
};

/// What the search finds of the ways back, within a bound that keeps a document fast.
std::vector<model::Finding> searched(const analyzer::Facts& facts,
                                     const simulator::SearchOptions& limits) {
  simulator::SearchOptions options;
  options.go_on = limits.go_on;
  options.max_states = kMostStates;
  options.faults = 0;  // what a fault of a step brings about, a text does not say enough for
  return simulator::findings_of(facts.context,
                                simulator::explore(facts.context, facts.start, options));
}

/// What was played and holds whatever the text leaves open. A file, table or container that the
/// text does not speak of may be there; what only a fault of a step brings about is for a plan; "if
/// x works" says that nobody can tell.
bool is_of_search(const model::Finding& finding) {
  static constexpr std::array kSearched = {"step-refused", "matrix-stuck", "matrix-down",
                                           "matrix-data-lost"};
  static constexpr std::array kOpen = {
      "No such file", "does not exist", "already exists", "already in use",
      "not found",    "unknown",        ": if '",         "one more thing goes wrong",
      "violates",     "duplicate",      "syntax error"};
  return std::ranges::find(kSearched, finding.rule) != kSearched.end() &&
         std::ranges::none_of(kOpen, [&](const char* word) {
           return finding.message.find(word) != std::string::npos;
         });
}

/// Whether a command makes a copy of something.
bool copies(std::string_view command) {
  static constexpr std::array kTools = {"tar ",     "cp ",     "mv ",       "rsync ",
                                        "zip ",     "pg_dump", "mysqldump", "mongodump",
                                        "sqlite3 ", "aws s3 ", "gsutil "};
  if (command.starts_with("sudo ")) command.remove_prefix(5);
  return std::ranges::any_of(kTools, [&](const char* tool) { return command.starts_with(tool); });
}

/// Whether a command of the document reads what a dump holds.
bool lists_dump(const importers::Document& document) {
  return std::ranges::any_of(document.blocks, [](const importers::Block& block) {
    return !block.left_out &&
           std::ranges::any_of(block.script.commands, [](const importers::Command& command) {
             return command.known().tool == "pg_restore" &&
                    (command.has("--list") || command.has("-l"));
           });
  });
}

bool is_taken(const model::Finding& finding, const std::string& name,
              const importers::DraftInput& input) {
  const importers::Document& document = input.document;
  // What a command removes on a machine, and SQL of an example, the text does not say enough about.
  if (finding.rule == "irreversible-before-check" && !name.starts_with("git ")) return false;
  // A check in words of the document is one that the plan language does not type.
  if (finding.rule == "version-not-verified" && asks_version(input, finding.span)) return false;
  // A container that is made again has the version that it had, and what is stopped in a rehearsal
  // may stay so.
  const bool again = name.find("--force-recreate") != std::string::npos &&
                     name.find("--build") == std::string::npos &&
                     name.find("--pull") == std::string::npos;
  if (finding.rule == "version-not-verified" && (again || brings_data_back(document, finding.span)))
    return false;
  if ((finding.rule == "version-not-verified" || finding.rule == "matrix-down") &&
      is_rehearsed(document, finding.span))
    return false;
  // What was tried and served nobody may stay down.
  if (finding.rule == "matrix-down" &&
      (name.find("preview") != std::string::npos || name.find("canary") != std::string::npos))
    return false;
  if (finding.rule == "matrix-down" &&
      (analyzer::documents::starts_in_words(document, finding.span.end) ||
       analyzer::documents::starts_at_exit(document, finding.span)))
    return false;
  // A list of what the dump holds is a look at it.
  if (finding.rule == "backup-unchecked" && lists_dump(document)) return false;
  // That nothing looks behind the last command every text may be told; that a copy is trusted and
  // the original destroyed, not.
  if (finding.rule == "unverified-step")
    return finding.message.find("then destroys") != std::string::npos && copies(name);
  return true;
}

/// What the rules that need no more than a text, and the search, say of a plan.
std::vector<model::Finding> found_in(const analyzer::Facts& facts, bool search,
                                     const simulator::SearchOptions& limits) {
  std::vector<model::Finding> found =
      search ? searched(facts, limits) : std::vector<model::Finding>();
  std::erase_if(found, [](const model::Finding& finding) { return !is_of_search(finding); });
  for (const char* id : kRules) {
    const analyzer::Rule* rule = analyzer::find_rule(id);
    // Where the class has a rule of documents, that one knows more.
    if (rule == nullptr || analyzer::find_document_rule(id) != nullptr) continue;
    for (model::Finding& finding : rule->check(facts)) {
      finding.rule = id;
      if (finding.rule != "step-refused" || is_of_search(finding))
        found.push_back(std::move(finding));
    }
  }
  return found;
}

/// That only rules looked at the document.
model::Finding too_large(const model::Plan& plan, const importers::Document& document) {
  model::Finding finding;
  finding.rule = "runbook-not-read";
  finding.severity = model::Severity::warning;
  finding.span = {document.file, 0, 1};
  finding.message = fmt::format(
      "{} steps on {} services are more than are played: the ways back are read, and what they "
      "come to is not said",
      plan.steps.size(), plan.services.size());
  finding.fix = "a document for each group of services";
  return finding;
}

std::vector<model::Finding> findings_of_draft(const importers::DraftInput& input, bool search,
                                              const simulator::SearchOptions& limits) {
  Loaded loaded;
  const importers::Draft draft =
      importers::draft_plan(input, [&](const std::string& text) { return loaded.load(text); });
  if (loaded.text != draft.text) loaded.load(draft.text);
  if (loaded.is_too_large) return {too_large(*loaded.plan, input.document)};
  if (loaded.facts == nullptr) return {};
  const Places places(*loaded.plan, input);
  std::map<std::string, std::string> names = draft.titles;
  for (const auto& [id, place] : places.steps()) names.insert_or_assign(id, place.name);
  std::vector<model::Finding> findings;
  for (model::Finding& finding : found_in(*loaded.facts, search, limits)) {
    const auto place = places.of(finding);
    if (!place) continue;
    finding.span = place->span;
    if (!is_taken(finding, place->name, input)) continue;
    finding.message = in_words(finding.message, names);
    if (finding.rule == "unverified-step" && destroys_nothing(finding.message)) continue;
    finding.fix = in_words(finding.fix, names);
    finding.step.clear();
    finding.related.clear();
    finding.edits.clear();  // of the draft: the text of the document says it in its own way
    finding.also.clear();
    finding.because.reset();
    finding.paths.clear();
    // The same of each step is one finding: the document lacks it everywhere.
    const auto same = std::ranges::find_if(findings, [&](const model::Finding& each) {
      return each.rule == finding.rule &&
             (finding.rule == "version-not-verified" || finding.rule == "undo-leaves-rest");
    });
    if (same == findings.end())
      findings.push_back(std::move(finding));
    else if (same->span != finding.span)
      same->related.push_back({finding.span, "here, too"});
  }
  return findings;
}

}  // namespace

std::vector<model::Finding> draft_findings(const importers::DraftInput& input, bool search,
                                           const simulator::SearchOptions& limits) {
  std::vector<model::Finding> findings = findings_of_draft(input, search, limits);
  const bool told = std::ranges::any_of(
      findings, [](const model::Finding& each) { return each.rule == "version-not-verified"; });
  if (!told) {
    if (auto finding = unasked_version(input)) findings.push_back(std::move(*finding));
  }
  return findings;
}

}  // namespace backout::cli
