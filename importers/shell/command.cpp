// What a command says of itself: its name behind sudo and the like, its options.
#include <algorithm>
#include <cctype>

#include "importers/document/words.hpp"
#include "importers/shell/shell.hpp"

namespace backout::importers {

std::size_t Command::name_index() const {
  if (words.empty() || !catalogue::is_plain_wrapper(words[0].text)) return 0;
  // How far options and their values go, the catalogue says.
  std::size_t at = 0;
  for (const catalogue::Wrapper& wrapper : known().wrappers) {
    const std::size_t word = static_cast<std::size_t>(wrapper.word) - environment.size();
    if (word >= words.size() || !catalogue::is_plain_wrapper(words[word].text)) return word;
    at = word;
  }
  // `sudo docker compose up`: what is known stands at `compose`, and the command begins at
  // `docker`.
  const std::size_t own = static_cast<std::size_t>(known().word) - environment.size();
  const std::string_view first =
      std::string_view(known().command).substr(0, known().command.find(' '));
  while (at < own && at < words.size() &&
         (words[at].text == first || words[at].text.ends_with('/' + std::string(first))) == false)
    ++at;
  return at < words.size() ? at : 0;
}

std::string_view Command::name() const {
  const std::size_t at = name_index();
  if (at >= words.size()) return {};
  const std::string_view word = words[at].text;
  const std::size_t slash = word.rfind('/');
  return slash == std::string_view::npos || word.starts_with("./") ? word : word.substr(slash + 1);
}

std::vector<std::string> Command::argv() const {
  std::vector<std::string> all;
  for (std::size_t i = name_index(); i < words.size(); ++i) all.push_back(words[i].text);
  if (!all.empty()) all[0] = std::string(name());
  return all;
}

bool Command::has(std::string_view option) const {
  const bool letter = option.size() == 2 && option[0] == '-' && option[1] != '-';
  for (std::size_t i = name_index() + 1; i < words.size(); ++i) {
    const std::string& text = words[i].text;
    if (text == option) return true;
    if (option.starts_with("--") && text.starts_with(option) && text.size() > option.size() &&
        text[option.size()] == '=') {
      return true;
    }
    const bool bundle = letter && text.size() > 2 && text[0] == '-' && text[1] != '-' &&
                        std::all_of(text.begin() + 1, text.end(), [](char c) {
                          return std::isalpha(static_cast<unsigned char>(c)) != 0;
                        });
    if (bundle && text.find(option[1]) != std::string::npos) return true;
  }
  return false;
}

std::optional<std::string> Command::value(std::string_view option) const {
  for (std::size_t i = name_index() + 1; i < words.size(); ++i) {
    const std::string& text = words[i].text;
    if (text == option && i + 1 < words.size()) return words[i + 1].text;
    if (text.size() > option.size() && text.starts_with(option) && text[option.size()] == '=') {
      return text.substr(option.size() + 1);
    }
  }
  return std::nullopt;
}

bool Command::is_fed() const {
  return context.pipe_position > 0 || std::ranges::any_of(redirects, [](const Redirect& redirect) {
           return redirect.op.starts_with('<');
         });
}

const catalogue::Known& Command::known() const {
  if (known_ == nullptr) {
    std::vector<std::string> line = environment;
    for (const Word& word : words) line.push_back(word.text);
    catalogue::Known known = catalogue::look_up(line, is_fed());
    if (told_) known.does = "control";
    known_ = std::make_shared<const catalogue::Known>(std::move(known));
  }
  return *known_;
}

// Asked of every command by nearly every rule: no list of words is made for it.
const std::pair<std::string, std::string>& Command::lines() const {
  if (lines_ != nullptr) return *lines_;
  std::string text(name());
  for (std::size_t i = name_index() + 1; i < words.size(); ++i) {
    if (!text.empty()) text += ' ';
    text += words[i].text;
  }
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
  text.erase(
      std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
      text.end());
  std::string low = lower(text);
  lines_ =
      std::make_shared<const std::pair<std::string, std::string>>(std::move(text), std::move(low));
  return *lines_;
}

void Command::drop_words(std::size_t count) {
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  lines_ = nullptr;
}

void Command::tell() {
  told_ = true;
  known_ = nullptr;
}

void Command::feed(const Redirect& redirect) {
  redirects.push_back(redirect);
  known_ = nullptr;
}

bool Command::is_bounded() const {
  return context.bounded ||
         std::ranges::any_of(known().wrappers, [](const catalogue::Wrapper& each) {
           return each.command == "timeout";
         });
}

const Word* Command::word_of(const catalogue::Argument& argument) const {
  const std::size_t before = environment.size();
  if (argument.word < 0 || static_cast<std::size_t>(argument.word) < before) return nullptr;
  const std::size_t at = static_cast<std::size_t>(argument.word) - before;
  return at < words.size() ? &words[at] : nullptr;
}

}  // namespace backout::importers
