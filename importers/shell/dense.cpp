#include "importers/shell/dense.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "importers/characters.hpp"

namespace backout::importers {

namespace {

/// Follows what is open from line to line, each kind by itself: the `)` of a case closes no bracket
/// of another.
class Open {
 public:
  void read(char c, char before) {
    static constexpr std::string_view kPairs = "(){}[]";
    const std::size_t pair = kPairs.find(c);
    if (pair != std::string_view::npos) count(pair / 2, pair % 2 == 0 ? 1 : -1);
    if (c == '`' && before == '`') count(kTicks, 1);
  }

  void read(std::string_view word) {
    struct Keyword {
      std::string_view word;
      std::size_t kind;
      int change;
    };
    static constexpr std::array kKeywords = {
        Keyword{"if", kIf, 1},      Keyword{"fi", kIf, -1},      Keyword{"case", kCase, 1},
        Keyword{"esac", kCase, -1}, Keyword{"for", kLoop, 1},    Keyword{"while", kLoop, 1},
        Keyword{"until", kLoop, 1}, Keyword{"select", kLoop, 1}, Keyword{"done", kLoop, -1}};
    const auto found = std::ranges::find(kKeywords, word, &Keyword::word);
    if (found != kKeywords.end()) count(found->kind, found->change);
  }

  std::size_t all() const { return all_; }
  /// What was closed and never opened: an error each, but for the `)` of a case.
  std::size_t stray() const { return stray_; }

 private:
  // The first three are the kinds of brackets, as kPairs has them.
  static constexpr std::size_t kTicks = 3;
  static constexpr std::size_t kIf = 4;
  static constexpr std::size_t kCase = 5;
  static constexpr std::size_t kLoop = 6;
  static constexpr std::size_t kKinds = 7;

  void count(std::size_t kind, int change) {
    if (change < 0 && kinds_[kind] == 0) {
      if (kinds_[kCase] == 0) ++stray_;
      return;
    }
    kinds_[kind] += static_cast<std::size_t>(change);
    all_ += static_cast<std::size_t>(change);
  }

  std::array<std::size_t, kKinds> kinds_{};
  std::size_t all_ = 0;
  std::size_t stray_ = 0;
};

struct Tokens {
  std::size_t all = 0;  ///< words and signs
  std::size_t signs = 0;
};

Tokens read_line(std::string_view line, Open& open) {
  Tokens tokens;
  char before = ' ';  // the last that is no blank
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t begin = i;
    while (i < line.size() && is_word(line[i])) ++i;
    if (i > begin) {
      open.read(line.substr(begin, i - begin));
      before = 'a';
      ++tokens.all;
      continue;
    }
    const char c = line[i++];
    if (c == ' ' || c == '\t' || c == '\r') continue;
    open.read(c, before);
    before = c;
    if (std::string_view("(){}[]<>|&;$`!~=?").find(c) == std::string_view::npos) continue;
    ++tokens.all;
    ++tokens.signs;
  }
  return tokens;
}

}  // namespace

std::vector<DensePart> dense_parts(std::string_view text) {
  std::vector<DensePart> parts;
  Open open;
  Tokens so_far;
  std::size_t tied = 0;  // lines of one pipe or list
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const Open before = open;
    const Tokens tokens = read_line(text.substr(begin, end - begin), open);
    if (tokens.all > kMostTokens) {
      parts.push_back({begin, end});
      open = before;  // nothing of it is read
      begin = end + 1;
      continue;
    }
    so_far.all += tokens.all;
    so_far.signs += tokens.signs;
    const std::string_view line = text.substr(begin, end - begin);
    tied = line.ends_with('|') || line.ends_with("&&") ? tied + 1 : 0;
    const bool crowded = so_far.signs > kMostSigns || so_far.all > kMostTokensOfAll;
    if (open.all() > kMostOpen || open.stray() > kMostOpen || crowded || tied > kMostTied) {
      parts.push_back({begin, text.size()});
      return parts;
    }
    begin = end + 1;
  }
  return parts;
}

}  // namespace backout::importers
