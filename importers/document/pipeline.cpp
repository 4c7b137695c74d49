// Inputs with their defaults, outputs that are read, and whether two runs may overlap.
//
// GitHub: an output that was never set is an empty text ("Contexts", needs and steps); an input of
// workflow_dispatch that is left out takes its default ("Workflow syntax",
// on.workflow_dispatch.inputs); runs of one `concurrency` group wait for each other.
#include "importers/document/pipeline.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "importers/document/words.hpp"
#include "importers/repository/readers.hpp"

namespace backout::importers {

namespace {

using model::Node;

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

std::string_view name_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_name(text[end])) ++end;
  return text.substr(at, end - at);
}

/// A place where `kind` ("needs", "steps") speaks of the output of something.
struct Read {
  std::string_view of;
  std::string_view output;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Read> reads_of(std::string_view text, std::string_view kind) {
  std::vector<Read> all;
  const std::string begin = std::string(kind) + ".";
  static constexpr std::string_view kOutputs = ".outputs.";
  for (std::size_t at = text.find(begin); at != std::string_view::npos;
       at = text.find(begin, at + 1)) {
    const std::string_view line = text.substr(text.rfind('\n', at) + 1);
    const bool comment =
        line.find_first_not_of(" \t") < line.size() && line[line.find_first_not_of(" \t")] == '#';
    if (comment || (at > 0 && (is_name(text[at - 1]) || text[at - 1] == '.'))) continue;
    const std::string_view of = name_at(text, at + begin.size());
    const std::size_t behind = at + begin.size() + of.size();
    if (of.empty() || text.substr(behind, kOutputs.size()) != kOutputs) continue;
    const std::string_view output = name_at(text, behind + kOutputs.size());
    if (!output.empty()) all.push_back({of, output, at, behind + kOutputs.size() + output.size()});
  }
  return all;
}

class PipelineReader {
 public:
  PipelineReader(std::string_view text, std::uint32_t file) : text_(text), file_(file) {}

  Pipeline read(const Node& root) {
    const Node* inputs = member(member(member(&root, "on"), "workflow_dispatch"), "inputs");
    static const std::vector<Node::Entry> kNone;
    for (const Node::Entry& each : inputs == nullptr ? kNone : inputs->entries) {
      const Node* value = member(&each.value, "default");
      if (value != nullptr && value->is_scalar() && !value->text.empty())
        pipeline_.inputs.push_back(
            {each.key, value->text, {file_, value->span.begin, value->span.end}});
      else if (!is_filled_in(each.value) && checks_out(root, each.key))
        pipeline_.inputs.push_back({each.key, "", {file_, each.key_span.begin, each.key_span.end}});
    }
    const Node* jobs = member(&root, "jobs");
    if (jobs == nullptr) return std::move(pipeline_);
    pipeline_.may_overlap = may_overlap(root, *jobs);
    for (const Node::Entry& job : jobs->entries) read_steps(job.value);
    for (const Read& each : reads_of(text_, "needs")) {
      const auto job = std::ranges::find(jobs->entries, each.of, &Node::Entry::key);
      if (job == jobs->entries.end() ||
          (member(&job->value, "uses") == nullptr &&
           member(member(&job->value, "outputs"), std::string(each.output)) == nullptr))
        add(each, 0);
    }
    return std::move(pipeline_);
  }

 private:
  /// What others call is kept apart by them.
  static bool may_overlap(const Node& root, const Node& jobs) {
    const Node* on = member(&root, "on");
    if (!starts_on(on, "workflow_dispatch") && !starts_on(on, "repository_dispatch")) return false;
    return member(&root, "concurrency") == nullptr &&
           std::ranges::none_of(jobs.entries, [](const Node::Entry& job) {
             return member(&job.value, "concurrency") != nullptr;
           });
  }

  /// Whether nobody can leave the input out: of a choice the first option is taken.
  static bool is_filled_in(const Node& input) {
    return text_of(&input, "required") == "true" || text_of(&input, "type") == "choice";
  }

  /// Whether an input alone says what actions/checkout checks out: nothing given is the branch that
  /// the run is of.
  static bool checks_out(const Node& root, const std::string& input) {
    const Node* jobs = member(&root, "jobs");
    if (jobs == nullptr) return false;
    return std::ranges::any_of(jobs->entries, [&](const Node::Entry& job) {
      const Node* steps = member(&job.value, "steps");
      return steps != nullptr && std::ranges::any_of(steps->items, [&](const Node& step) {
               const std::string ref = text_of(member(&step, "with"), "ref");
               const bool names = ref.find("inputs." + input + " ") != std::string::npos ||
                                  ref.find("inputs." + input + "}") != std::string::npos;
               return text_of(&step, "uses").starts_with("actions/checkout") && names &&
                      ref.find("||") == std::string::npos;
             });
    });
  }

  void add(const Read& read, std::size_t from) {
    pipeline_.undeclared.push_back(
        {std::string(text_.substr(from + read.begin, read.end - read.begin)),
         {file_, static_cast<std::uint32_t>(from + read.begin),
          static_cast<std::uint32_t>(from + read.end)}});
  }

  /// Outputs of steps that the job does not have.
  void read_steps(const Node& job) {
    const Node* steps = member(&job, "steps");
    if (steps == nullptr || job.span.begin >= job.span.end || job.span.end > text_.size()) return;
    std::vector<std::string> ids;
    for (const Node& step : steps->items) ids.push_back(text_of(&step, "id"));
    for (const Read& each :
         reads_of(text_.substr(job.span.begin, job.span.end - job.span.begin), "steps")) {
      if (std::ranges::find(ids, each.of) == ids.end()) add(each, job.span.begin);
    }
  }

  std::string_view text_;
  std::uint32_t file_;
  Pipeline pipeline_;
};

}  // namespace

Pipeline read_pipeline(const Node& root, std::string_view text, std::uint32_t file) {
  return PipelineReader(text, file).read(root);
}

void add_use(Pipeline& pipeline, const Node& step, std::string_view text, std::uint32_t file) {
  const Node* action = step.find("uses");
  if (action == nullptr || !action->is_scalar()) return;
  const std::string id = text_of(&step, "id");
  // A later step may look at how it went.
  const bool looked_at = !id.empty() && (contains(text, "steps." + id + ".outcome") ||
                                         contains(text, "steps." + id + ".conclusion"));
  pipeline.uses.push_back({text_of(&step, "name"),
                           action->text,
                           text_of(&step, "continue-on-error") == "true" && !looked_at,
                           {file, action->span.begin, action->span.end}});
}

}  // namespace backout::importers
