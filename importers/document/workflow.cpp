// Workflows of GitHub Actions and pipelines of GitLab as documents: a job is a section, what a step
// runs is a block of shell, read as the runner runs it. Nobody sits at a terminal there.
//
// GitHub: `run` without `shell` is `bash -e`, `shell: bash` is `bash -eo pipefail` ("Workflow
// syntax", jobs.<id>.steps[*].shell). GitLab: the lines of before_script, script and after_script
// are one script under `set -eo pipefail` (runner, shells/bash.go); after_script is another one,
// and its failure counts for nothing. appleboy/ssh-action: `script` runs line by line on the
// server, on behind a failure.
#include <algorithm>

#include "importers/document/document.hpp"
#include "importers/document/facts.hpp"
#include "importers/document/limits.hpp"
#include "importers/document/pipeline.hpp"
#include "importers/document/words.hpp"
#include "importers/repository/readers.hpp"
#include "model/yaml.hpp"

namespace backout::importers {

namespace {

using model::Node;

/// Lines of `text` from `begin` to `end`.
struct Lines {
  std::vector<std::pair<std::size_t, std::size_t>> all;
  Lines(std::string_view text, std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t stop = std::min(text.find('\n', begin), end);
      all.emplace_back(begin, stop);
      begin = stop + 1;
    }
  }
};

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// What a block scalar begins with, '|' or '>'; 0 for other scalars. Its span begins with its first
/// line.
char mark_of(const Node& value, std::string_view text) {
  const std::size_t begin = value.span.begin;
  const std::size_t before =
      begin == 0 ? std::string_view::npos : text.find_last_not_of(" \n", begin - 1);
  if (!value.quoted || before == std::string_view::npos ||
      text.substr(before, begin - before).find('\n') == std::string_view::npos)
    return 0;
  const std::size_t from = text.rfind('\n', before) + 1;
  const std::string_view header = text.substr(from, before + 1 - from);
  const std::size_t comment = header.find(" #");
  const std::size_t mark = header.substr(0, comment).find_last_of("|>");
  return mark == std::string_view::npos ? '\0' : header[mark];
}

/// A scalar as it stands in the file, each line at its place. A folded one (`>`) is one line: a
/// backslash ends the others.
Located located(const Node& value, std::string_view text, std::uint32_t file) {
  const std::size_t begin = value.span.begin;
  const std::size_t end = std::min<std::size_t>(value.span.end, text.size());
  if (begin >= end) return Located{value.text, file, {value.span.begin}};
  const char mark = mark_of(value, text);
  if (mark == 0) {
    const bool quoted = text[begin] == '"' || text[begin] == '\'';
    Located plain{value.text, file, {}};
    const auto lines = std::count(value.text.begin(), value.text.end(), '\n') + 1;
    plain.begins.assign(static_cast<std::size_t>(lines),
                        static_cast<std::uint32_t>(begin + (quoted ? 1 : 0)));
    return plain;
  }
  const Lines lines(text, text.rfind('\n', begin) + 1, end);
  std::size_t indent = std::string_view::npos;
  for (const auto& [from, to] : lines.all) {
    const std::string_view line = text.substr(from, to - from);
    if (indent_of(line) < line.size()) indent = std::min(indent, indent_of(line));
  }
  Located made{"", file, {}};
  for (std::size_t i = 0; i < lines.all.size(); ++i) {
    const auto [from, to] = lines.all[i];
    const std::size_t start = std::min(from + (indent == std::string_view::npos ? 0 : indent), to);
    made.begins.push_back(static_cast<std::uint32_t>(start));
    made.text += text.substr(start, to - start);
    const bool next_goes_on =
        i + 1 < lines.all.size() &&
        indent_of(
            text.substr(lines.all[i + 1].first, lines.all[i + 1].second - lines.all[i + 1].first)) <
            lines.all[i + 1].second - lines.all[i + 1].first;
    if (mark == '>' && to > start && next_goes_on) made.text += " \\";
    made.text += '\n';
  }
  return made;
}

class WorkflowReader {
 public:
  WorkflowReader(std::string_view text, std::uint32_t file) : text_(text), file_(file) {
    document_.file = file;
    document_.is_script = true;
    document_.is_workflow = true;
  }

  void read(const Node& root, std::string_view name) {
    whole_ = lower(std::string(name.substr(name.rfind('/') + 1)) + " " + text_of(&root, "name"));
    document_.title = text_of(&root, "name");
    if (const Node* jobs = member(&root, "jobs");
        jobs != nullptr && jobs->type == Node::Type::map) {
      document_.pipeline = read_pipeline(root, text_, file_);
      for (const Node::Entry& job : jobs->entries) github(root, job);
    } else if (is_gitlab_file(name)) {
      for (const Node::Entry& job : root.entries) gitlab(root, job);
    }
  }

  Document take() { return std::move(document_); }

 private:
  std::uint32_t section(const std::string& title, const model::Span& span, std::uint32_t parent,
                        std::string_view about) {
    Section made;
    made.title = title;
    made.span = {file_, span.begin, span.end};
    made.level = parent == kNowhere ? 2 : 3;
    made.parent = parent;
    const bool back = says_way_back(about);
    made.own_role = back || says_deploy(about);
    made.role = back                 ? Role::rollback
                : made.own_role      ? Role::deploy
                : parent == kNowhere ? Role::other
                                     : document_.sections[parent].role;
    document_.sections.push_back(std::move(made));
    return static_cast<std::uint32_t>(document_.sections.size() - 1);
  }

  /// Adds the names of an `env:` or `variables:`.
  static void add_names(const Node* map, std::vector<std::string>& names) {
    if (map == nullptr) return;
    for (const Node::Entry& each : map->entries) names.push_back(each.key);
  }

  /// `echo "TAG=$tag" >> "$GITHUB_ENV"`: the steps behind it have it.
  static void add_exported(const Block& block, std::vector<std::string>& names) {
    if (block.content.text.find("GITHUB_ENV") == std::string::npos) return;
    for (const Command& command : block.script.commands) {
      for (const Word& word : command.words) {
        const std::size_t equals = word.text.find_first_of("=<");
        if (equals != std::string::npos && equals > 0) names.push_back(word.text.substr(0, equals));
      }
    }
  }

  Block& block(Located content, const ShellStart& start, std::uint32_t in, const Node& value) {
    Block made;
    made.fence = "bash";
    made.language = Language::shell;
    made.content = std::move(content);
    made.script = read_shell(made.content, start);
    made.script.whole = true;
    made.section = in;
    made.span = {file_, value.span.begin, value.span.end};
    read_ignores(made.content, document_);
    document_.blocks.push_back(std::move(made));
    return document_.blocks.back();
  }

  void github(const Node& root, const Node::Entry& job) {
    const Node* steps = member(&job.value, "steps");
    const std::string title =
        text_of(&job.value, "name").empty() ? job.key : text_of(&job.value, "name");
    const std::string about = lower(whole_ + " " + job.key + " " + title);
    if (steps == nullptr || (!says_way_back(about) && !says_deploy(about) &&
                             member(&job.value, "environment") == nullptr))
      return;
    const std::uint32_t own = section(title, job.key_span, kNowhere, about);
    std::vector<std::string> environment;
    add_names(member(&root, "env"), environment);
    add_names(member(&job.value, "env"), environment);
    for (const Node& step : steps->items) {
      const bool remote = text_of(&step, "uses").find("/ssh-action@") != std::string::npos;
      const Node* run = remote ? member(step.find("with"), "script") : step.find("run");
      if (!remote) add_use(document_.pipeline, step, text_, file_);
      if (run == nullptr || !run->is_scalar()) continue;
      const std::string name = text_of(&step, "name");
      const std::uint32_t in =
          name.empty() ? own : section(name, step.find("name")->span, own, lower(name));
      std::string shell = remote ? "bash {0}" : text_of(&step, "shell");
      for (const Node* from : {&job.value, &root}) {
        if (shell.empty()) shell = text_of(member(member(from, "defaults"), "run"), "shell");
      }
      const bool posix = shell.empty() || shell.starts_with("bash") || shell.starts_with("sh");
      if (!posix) {
        foreign(shell, in, *run);
        continue;
      }
      const bool custom = shell.find('{') != std::string::npos;
      const ShellStart start{
          custom ? shell.find(" -e") != std::string::npos : true,
          custom ? shell.find("pipefail") != std::string::npos : shell == "bash"};
      Block& made = block(located(*run, text_, file_), start, in, *run);
      if (remote) made.fence = "ssh";
      made.environment = environment;
      add_names(step.find("env"), made.environment);
      add_exported(made, environment);
      if (text_of(&step, "continue-on-error") == "true") hide(made);
    }
  }

  /// What the job goes on behind, whatever it ends with.
  static void hide(Block& block) {
    for (Command& command : block.script.commands)
      command.context.or_else = command.context.or_else_hides = true;
  }

  /// A block in a language that is not read.
  void foreign(const std::string& shell, std::uint32_t in, const Node& value) {
    const bool windows = shell.starts_with("pwsh") || shell.starts_with("powershell");
    if (!windows && !shell.starts_with("cmd")) return;
    Block made;
    made.fence = shell;
    made.language = windows ? Language::powershell : Language::cmd;
    made.content = located(value, text_, file_);
    made.section = in;
    made.span = {file_, value.span.begin, value.span.end};
    document_.blocks.push_back(std::move(made));
  }

  void gitlab(const Node& root, const Node::Entry& job) {
    const std::string about = lower(job.key + " " + text_of(&job.value, "stage"));
    const bool runs = member(&job.value, "script") != nullptr && !job.key.starts_with('.');
    if (!runs || (!says_way_back(about) && !says_deploy(about) &&
                  member(&job.value, "environment") == nullptr))
      return;
    const std::uint32_t own = section(job.key, job.key_span, kNowhere, about);
    const Node* before = member(&job.value, "before_script");
    if (before == nullptr) before = member(member(&root, "default"), "before_script");
    if (before == nullptr) before = member(&root, "before_script");
    std::vector<std::string> environment;
    add_names(member(&root, "variables"), environment);
    add_names(member(&job.value, "variables"), environment);
    lines(before, member(&job.value, "script"), own, environment);
    lines(nullptr, member(&job.value, "after_script"), own, environment);
  }

  /// The items of lists as the lines of one script.
  void lines(const Node* first, const Node* second, std::uint32_t in,
             const std::vector<std::string>& environment) {
    Located all{"", file_, {}};
    const Node* any = nullptr;
    for (const Node* list : {first, second}) {
      if (list == nullptr) continue;
      any = list;
      const std::vector<Node> one = list->is_scalar() ? std::vector<Node>{*list} : list->items;
      for (const Node& item : one) {
        if (!item.is_scalar()) continue;
        Located line = located(item, text_, file_);
        if (!line.text.ends_with('\n')) line.text += '\n';
        all.text += line.text;
        std::ranges::move(line.begins, std::back_inserter(all.begins));
      }
    }
    if (any == nullptr || all.text.empty()) return;
    block(std::move(all), {true, true}, in, *any).environment = environment;
  }

  std::string_view text_;
  std::uint32_t file_;
  std::string whole_;
  Document document_;
};

}  // namespace

bool is_workflow_file(std::string_view path) {
  const bool yaml = path.ends_with(".yml") || path.ends_with(".yaml");
  return yaml &&
         (path.find(".github/workflows/") != std::string_view::npos || is_gitlab_file(path));
}

bool is_gitlab_file(std::string_view path) {
  return path.ends_with(".gitlab-ci.yml") || path.ends_with(".gitlab-ci.yaml");
}

Document read_workflow(std::string_view whole, std::uint32_t file, std::string_view name) {
  const std::string_view text = whole.substr(0, readable(whole));
  model::Sources sources;
  sources.add(std::string(name), std::string(text));
  WorkflowReader reader(text, file);
  model::DocumentStream stream = model::parse_yaml_stream(sources, 0);
  if (!stream.documents.empty()) reader.read(stream.documents.front(), name);
  Document document = reader.take();
  if (stream.mistake && text.size() == whole.size()) {
    document.mistake = std::move(stream.mistake);
    document.mistake->span.file = file;
  }
  finish_facts(document, text, name);
  document.is_runbook = false;  // no plan is drafted of it
  return document;
}

}  // namespace backout::importers
