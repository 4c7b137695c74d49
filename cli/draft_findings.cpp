#include "cli/draft_findings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "analyzer/documents/rule.hpp"
#include "analyzer/rule.hpp"
#include "cli/drafting.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace {

/// They read the order of steps and the meaning of commands, not versions, traffic, schemas or times.
constexpr std::array kRules = {"irreversible-before-check", "version-not-verified", "undo-leaves-rest",
                               "destructive-without-backup", "backup-unchecked", "writers-not-stopped"};

/// A step of the draft in the document's words.
struct Told {
  std::string name;
  model::Span span;
};

std::optional<Told> told(const model::Step& step, const importers::DraftInput& input) {
  const std::size_t colon = step.source.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::size_t line = 0;
  for (const char c : step.source.substr(colon + 1)) line = c < '0' || c > '9' ? 0 : line * 10 + static_cast<std::size_t>(c - '0');
  const model::SourceFile& source = input.sources[input.document.file];
  if (line == 0 || line > source.line_count()) return std::nullopt;
  // A block of SQL is named by its first statement, not by its fence.
  if (source.line(line).find("```") != std::string_view::npos && line < source.line_count()) ++line;
  const std::string_view text = source.line(line);
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t last = text.find_last_not_of(" \t\r\\");
  const auto begin = static_cast<std::uint32_t>(text.data() - source.text().data() + static_cast<std::ptrdiff_t>(first));
  const std::string shown(text.substr(first, last == std::string_view::npos ? 0 : last - first + 1));
  return Told{shown, {input.document.file, begin, begin + static_cast<std::uint32_t>(shown.size())}};
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
  static constexpr std::array kWords = {"version", "Version", "rev-parse", "GIT_SHA", "image tag", "digest"};
  return std::ranges::any_of(kWords, [&](const char* word) { return text.find(word) != std::string_view::npos; });
}

/// Whether the document looks at the version behind `place`: a command or a line to tick asks for it.
bool asks_version(const importers::Document& document, const model::Span& place) {
  for (const importers::Block& block : document.blocks) {
    for (const importers::Command& command : block.script.commands) {
      if (command.span.begin <= place.end || command.name() == "echo" || command.name() == "printf") continue;
      if (std::ranges::any_of(command.words, [](const importers::Word& word) { return says_version(word.text); })) return true;
    }
  }
  return std::ranges::any_of(document.lines, [&](const importers::Line& line) {
    return line.span.begin > place.end && line.kind != importers::Line::Kind::paragraph && says_version(line.text);
  });
}

/// Whether the section is one that people follow when they roll back; a script is.
bool rolls_back(const importers::Document& document, const importers::Block& block) {
  const importers::Role role = document.role(block.section);
  return !block.left_out && (document.is_script || role == importers::Role::rollback);
}

/// The first command that brings another version of the code, and nothing behind it asks which one answers.
std::optional<model::Finding> unasked_version(const importers::Document& document) {
  for (const importers::Block& block : document.blocks) {
    if (!rolls_back(document, block)) continue;
    bool turned = false;
    for (const importers::Command& command : block.script.commands) {
      const catalogue::Known& known = command.known();
      const std::vector<std::string> argv = command.argv();
      const bool git = known.tool == "git" && argv.size() > 1;
      turned = turned || (git && (argv[1] == "revert" || argv[1] == "reset" || argv[1] == "commit" || argv[1] == "checkout"));
      const bool pushes = git && argv[1] == "push" && turned;
      const bool of_pods = known.tool != "kubectl" || known.path == "rollout undo" || known.path == "set image";
      const bool serves = of_pods && (known.does == "roll_back" || known.does == "deploy") && known.tool != "git" && known.tool != "terraform" && known.path != "apply";
      if ((!pushes && !serves) || command.has("--dry-run") || command.has("--help") || asks_version(document, command.span)) continue;
      std::string shown;
      for (const std::string& word : argv) shown += (shown.empty() ? "" : " ") + word;
      if (shown.size() > 80) shown = shown.substr(0, 77) + "...";
      model::Finding made;
      made.rule = "version-not-verified";
      made.severity = model::Severity::warning;
      made.span = command.span;
      made.message = fmt::format("after '{}' nothing asks which version answers: a healthy answer of the bad version passes", shown);
      made.fix = "a look at the version that answers, compared with the one that was meant";
      return made;
    }
  }
  return std::nullopt;
}

/// A text of the draft as it was loaded last: the one that loads without mistakes is the draft.
struct Loaded {
  std::string text;
  std::unique_ptr<const model::Plan> plan;  ///< that `facts` points into
  std::unique_ptr<const analyzer::Facts> facts;

  std::vector<model::Mistake> load(const std::string& from) {
    facts.reset();
    plan.reset();
    text = from;
    auto read = model::load_plan_text("plan.yaml", from, "", kinds());
    if (!read) return read.error().mistakes;
    plan = std::make_unique<const model::Plan>(std::move(*read));
    std::vector<model::Mistake> mistakes;
    facts = std::make_unique<const analyzer::Facts>(analyzer::derive_facts(*plan, mistakes));
    if (!mistakes.empty()) facts.reset();
    return mistakes;
  }

  static const model::Catalog& kinds() {
    static const model::Catalog kAll = services::catalog();
    return kAll;
  }
};

std::vector<model::Finding> findings_of_draft(const importers::DraftInput& input) {
  Loaded loaded;
  const importers::Draft draft = importers::draft_plan(input, [&](const std::string& text) { return loaded.load(text); });
  if (loaded.text != draft.text) loaded.load(draft.text);
  if (loaded.facts == nullptr) return {};
  const model::Plan* plan = loaded.plan.get();
  const analyzer::Facts& facts = *loaded.facts;
  std::map<std::string, Told> steps;
  std::map<std::string, std::string> names = draft.titles;
  for (const model::Step& step : plan->steps) {
    if (const auto found = told(step, input)) {
      steps.emplace(step.id, *found);
      names.insert_or_assign(step.id, found->name);
    }
  }
  std::vector<model::Finding> findings;
  for (const char* id : kRules) {
    const analyzer::Rule* rule = analyzer::find_rule(id);
    // Where the class has a rule of documents, that one knows more.
    if (rule == nullptr || analyzer::find_document_rule(id) != nullptr) continue;
    for (model::Finding& finding : rule->check(facts)) {
      const auto step = steps.find(finding.step);
      if (step == steps.end()) continue;
      finding.rule = id;
      finding.span = step->second.span;
      // What a command removes on a machine, and SQL of an example, the text does not say enough about.
      if (finding.rule == "irreversible-before-check" && !step->second.name.starts_with("git ")) continue;
      // A check in words of the document is one that the plan language does not type.
      if (finding.rule == "version-not-verified" && asks_version(input.document, finding.span)) continue;
      finding.message = in_words(finding.message, names);
      finding.fix = in_words(finding.fix, names);
      finding.step.clear();
      finding.related.clear();
      // The same of each step is one finding: the document lacks it everywhere.
      const auto same = std::ranges::find_if(findings, [&](const model::Finding& each) {
        return each.rule == finding.rule && (finding.rule == "version-not-verified" || finding.rule == "undo-leaves-rest");
      });
      if (same == findings.end()) findings.push_back(std::move(finding));
      else if (same->span != finding.span) same->related.push_back({finding.span, "here, too"});
    }
  }
  return findings;
}

}  // namespace

std::vector<model::Finding> draft_findings(const importers::DraftInput& input) {
  std::vector<model::Finding> findings = findings_of_draft(input);
  const bool told = std::ranges::any_of(findings, [](const model::Finding& each) { return each.rule == "version-not-verified"; });
  if (!told) {
    if (auto finding = unasked_version(input.document)) findings.push_back(std::move(*finding));
  }
  return findings;
}

}  // namespace backout::cli
