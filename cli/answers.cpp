#include "cli/answers.hpp"

#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/output_file.hpp"
#include "model/files.hpp"
#include "model/source.hpp"
#include "model/yaml.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

using Book = std::map<std::string, Answers>;  ///< by the document's file name

tl::expected<Book, std::string> read_book(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return Book();
  auto text = model::read_file(file);
  if (!text) return tl::unexpected(fmt::format("{}: {}", file.string(), text.error()));
  model::Sources sources;
  sources.add(file.string(), std::move(*text));
  const model::Document document = model::parse_yaml(sources, 0);
  if (!document.mistakes.empty()) return tl::unexpected(fmt::format("{}: {}", file.string(), document.mistakes.front().message));
  Book book;
  if (!document.root) return book;
  for (const model::Node::Entry& entry : document.root->entries) {
    for (const model::Node::Entry& answer : entry.value.entries) {
      if (answer.value.is_scalar()) book[entry.key].emplace(answer.key, answer.value.text);
    }
  }
  return book;
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

tl::expected<Answers, std::string> answers_of(const fs::path& document) {
  auto book = read_book(document.parent_path() / kAnswersFile);
  if (!book) return tl::unexpected(book.error());
  return (*book)[document.filename().string()];
}

bool save_answers(const fs::path& document, const Answers& answers) {
  const fs::path file = document.parent_path() / kAnswersFile;
  auto book = read_book(file);
  if (!book) return false;
  Answers& own = (*book)[document.filename().string()];
  for (const auto& [path, value] : answers) own.insert_or_assign(path, value);
  std::string text = "# What people answered to `backout ask`, by document. `backout check` and `backout import` go by it.\n";
  for (const auto& [name, each] : *book) {
    if (each.empty()) continue;
    text += quoted(name) + ":\n";
    for (const auto& [path, value] : each) text += fmt::format("  {}: {}\n", path, quoted(value));
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  return static_cast<bool>(out.flush());
}

}  // namespace backout::cli
