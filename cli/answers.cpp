#include "cli/answers.hpp"

#include <ostream>

#include <fmt/format.h>

#include "cli/output_file.hpp"
#include "cli/quoted.hpp"
#include "model/files.hpp"
#include "model/render.hpp"
#include "model/source.hpp"
#include "model/yaml.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kForm = "write `ROLLBACK.md: {rollback.paths.full.total: 10m}`";

using Book = std::map<std::string, Answers>;  ///< by the document's file name

Book read_book(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  auto text = model::read_file(file);
  if (!text) throw InvalidInput{fmt::format("backout: '{}' {}\n", file.string(), text.error())};
  model::Sources sources;
  sources.add(file.string(), std::move(*text));
  const model::Document document = model::parse_yaml(sources, 0);
  std::vector<model::Mistake> mistakes = document.mistakes;
  const auto wrong = [&](const model::Span& span, std::string message, std::string hint) {
    mistakes.push_back({span, std::move(message), std::move(hint)});
  };
  Book book;
  if (document.root && document.root->type != model::Node::Type::map)
    wrong(document.root->span, "answers are listed by document", kForm);
  for (const model::Node::Entry& entry :
       document.root ? document.root->entries : std::vector<model::Node::Entry>()) {
    if (entry.value.type != model::Node::Type::map)
      wrong(entry.key_span, fmt::format("the answers about '{}' are listed by question", entry.key),
            kForm);
    for (const model::Node::Entry& answer : entry.value.entries) {
      if (answer.value.is_scalar())
        book[entry.key].emplace(answer.key, answer.value.text);
      else
        wrong(answer.key_span, fmt::format("the answer to '{}' is one value", answer.key),
              "write it into a plan (`backout import`) where it takes several");
    }
  }
  if (mistakes.empty()) return book;
  std::string all;
  for (const model::Mistake& mistake : mistakes) all += model::render(mistake, sources) + '\n';
  throw InvalidInput{all};
}

}  // namespace

Answers answers_of(const fs::path& document) {
  return read_book(document.parent_path() / kAnswersFile)[document.filename().string()];
}

bool save_answers(const Invocation& invocation, const fs::path& document, const Answers& answers) {
  const fs::path file = document.parent_path() / kAnswersFile;
  Book book = read_book(file);
  Answers& own = book[document.filename().string()];
  for (const auto& [path, value] : answers) own.insert_or_assign(path, value);
  return write_output(invocation, file.string(), [&](std::ostream& out) {
    out << "# What people answered to `backout ask`, by document. `backout check` and `backout "
           "import` go by it.\n";
    for (const auto& [name, each] : book) {
      if (each.empty()) continue;
      out << quoted(name) << ":\n";
      for (const auto& [path, value] : each) out << fmt::format("  {}: {}\n", path, quoted(value));
    }
  });
}

}  // namespace backout::cli
