// What a command says of itself: its name behind sudo and the like, its options.
#include <algorithm>
#include <cctype>
#include <set>

#include "importers/shell/shell.hpp"

namespace backout::importers {

namespace {

/// How many words of `words` from `at` on belong to a command that runs another: `sudo -u
/// postgres`, `timeout 300`.
std::size_t wrapper_length(const std::vector<Word>& words, std::size_t at) {
  static const std::set<std::string_view> kWrappers = {"sudo", "env",  "nohup",   "time", "command",
                                                       "exec", "nice", "timeout", "doas", "stdbuf"};
  if (at >= words.size() || !kWrappers.contains(words[at].text)) return 0;
  const bool asks = words[at].text == "command" && at + 1 < words.size() &&
                    (words[at + 1].text == "-v" || words[at + 1].text == "-V");
  if (asks) return 0;
  const bool timed = words[at].text == "timeout";
  std::size_t end = at + 1;
  while (end < words.size() &&
         (words[end].text.starts_with('-') || words[end].text.find('=') != std::string::npos)) {
    const bool takes_value = words[end].text == "-u" || words[end].text == "-g" ||
                             words[end].text == "-k" || words[end].text == "-s" ||
                             words[end].text == "-n";
    end += takes_value ? 2 : 1;
  }
  if (timed) ++end;
  return end - at;
}

}  // namespace

std::size_t Command::name_index() const {
  std::size_t at = 0;
  while (at < words.size()) {
    const std::size_t length = wrapper_length(words, at);
    if (length == 0 || at + length >= words.size()) return at;
    at += length;
  }
  return at;
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
    known_ = std::make_shared<const catalogue::Known>(catalogue::look_up(line, is_fed()));
  }
  return *known_;
}

const Word* Command::word_of(const catalogue::Argument& argument) const {
  const std::size_t before = environment.size();
  if (argument.word < 0 || static_cast<std::size_t>(argument.word) < before) return nullptr;
  const std::size_t at = static_cast<std::size_t>(argument.word) - before;
  return at < words.size() ? &words[at] : nullptr;
}

}  // namespace backout::importers
