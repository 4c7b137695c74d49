// A text that a pattern matches, of LIKE or of PostgreSQL's regular expressions (manual, "Pattern
// Matching"); PostgreSQL itself only tells whether a given text does.
// Left out: patterns that pattern_syntax.cpp does not know, looking around, options in front other
// than (?i) and ***:, texts of more than 2,000 characters: nothing is given for them. Members of
// classes beyond ASCII.
#include "postgres/witness/pattern_sample.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "postgres/values/pattern.hpp"
#include "postgres/values/pattern_syntax.hpp"

namespace backout::postgres {
namespace {

constexpr std::size_t kMostCharacters = 2'000;
constexpr int kDeepestSample = 50;
/// Atoms that are written, those of branches that are not taken too, against groups that repeat
/// groups.
constexpr int kMostAtoms = 100'000;

/// Walks a pattern and writes the plainest text that it matches.
class Sampler {
 public:
  Sampler(std::string_view pattern, long number) : pattern_(pattern), number_(number) {}

  std::optional<std::string> run() {
    const bool fold = pattern_.starts_with("(?i)");
    if (fold || pattern_.starts_with("***:")) pattern_.remove_prefix(4);
    if (!is_known_pattern(pattern_)) return std::nullopt;
    std::string text = alternatives(0);
    if (failed_ || at_ != pattern_.size() || text.size() > kMostCharacters) return std::nullopt;
    if (matches_pattern(text, pattern_, fold) == Truth::no)
      return std::nullopt;  // `a^b`: nothing does
    return text;
  }

 private:
  bool more() const { return !failed_ && at_ < pattern_.size(); }

  /// One of the branches, by the number.
  std::string alternatives(int depth) {
    std::vector<std::string> branches = {branch(depth)};
    while (more() && pattern_[at_] == '|') {
      ++at_;
      branches.push_back(branch(depth));
    }
    return branches[static_cast<std::size_t>(number_) % branches.size()];
  }

  std::string branch(int depth) {
    if (depth > kDeepestSample) failed_ = true;
    std::string text;
    while (more() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      const std::size_t begin = at_;
      std::string piece = atom(depth);
      const std::size_t end = at_;
      const auto [least, most] = quantifier();
      const std::size_t count =
          std::min<std::size_t>(most, std::max<std::size_t>(least, least == 0 ? 1 : least));
      if (text.size() + count * piece.size() > kMostCharacters) failed_ = true;
      for (std::size_t time = 0; time < count && !failed_ && (time == 0 || !piece.empty());
           ++time) {
        if (time > 0) {
          // The same piece again, with another draw.
          const std::size_t after = at_;
          at_ = begin;
          piece = atom(depth);
          at_ = std::max(after, end);
        }
        text += piece;
      }
    }
    return text;
  }

  /// How often the piece before is wanted: at least, and at most.
  std::pair<std::size_t, std::size_t> quantifier() {
    constexpr std::size_t kAny = 1'000'000;
    std::pair<std::size_t, std::size_t> range = {1, 1};
    if (!more()) return range;
    const char c = pattern_[at_];
    if (c == '*')
      range = {0, kAny};
    else if (c == '+')
      range = {3, kAny};
    else if (c == '?')
      range = {0, 1};
    else if (c == '{' && at_ + 1 < pattern_.size() &&
             std::isdigit(static_cast<unsigned char>(pattern_[at_ + 1])) != 0) {
      ++at_;
      range.first = read_number();
      range.second = range.first;
      if (more() && pattern_[at_] == ',') {
        ++at_;
        range.second = more() && std::isdigit(static_cast<unsigned char>(pattern_[at_])) != 0
                           ? read_number()
                           : kAny;
      }
      if (!more() || pattern_[at_] != '}') failed_ = true;
    } else {
      return range;
    }
    ++at_;
    if (more() && pattern_[at_] == '?') ++at_;
    return range;
  }

  std::size_t read_number() {
    std::size_t value = 0;
    while (more() && std::isdigit(static_cast<unsigned char>(pattern_[at_])) != 0 &&
           value < kMostCharacters * 10) {
      value = value * 10 + static_cast<std::size_t>(pattern_[at_++] - '0');
    }
    return value;
  }

  std::string atom(int depth) {
    if (++atoms_ > kMostAtoms) failed_ = true;
    const char c = pattern_[at_++];
    switch (c) {
      case '^':
      case '$':
        return "";
      case '.':
        return std::string(1, draw("abcdefghij"));
      case '(':
        return group(depth);
      case '[':
        return bracket();
      case '\\':
        return escape();
      default:
        return std::string(1, c);
    }
  }

  std::string group(int depth) {
    if (pattern_.substr(at_, 2) == "?:")
      at_ += 2;
    else if (pattern_.substr(at_, 1) == "?")
      failed_ = true;
    std::string text = alternatives(depth + 1);
    if (more() && pattern_[at_] == ')')
      ++at_;
    else
      failed_ = true;
    return text;
  }

  std::string escape() {
    if (!more()) return failed_ = true, "";
    const char c = pattern_[at_++];
    switch (c) {
      case 'd':
        return std::string(1, draw("0123456789"));
      case 'w':
        return std::string(1, draw("abcdefghij"));
      case 's':
        return " ";
      case 'D':
      case 'S':
        return std::string(1, draw("abcdefghij"));
      case 'W':
        return "-";
      case 'n':
        return "\n";
      case 't':
        return "\t";
      case 'm':
      case 'M':
      case 'y':
      case 'A':
      case 'Z':
        return "";
      default:
        break;
    }
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) failed_ = true;
    return std::string(1, c);
  }

  /// One character of a bracket expression.
  std::string bracket() {
    const bool inverse = more() && pattern_[at_] == '^';
    if (inverse) ++at_;
    std::string members;
    for (bool first = true; more() && (first || pattern_[at_] != ']'); first = false) {
      if (pattern_.substr(at_, 2) == "[:") {
        members += named_class();
        continue;
      }
      char low = pattern_[at_++];
      if (low == '\\' && more()) {
        const std::string escaped = escape();
        if (escaped.empty()) continue;
        low = escaped[0];
        if (pattern_[at_ - 1] == 'd') members += "0123456789";
        if (pattern_[at_ - 1] == 'w') members += "abcdefghijklmnopqrstuvwxyz_0123456789";
      }
      if (at_ + 1 < pattern_.size() && pattern_[at_] == '-' && pattern_[at_ + 1] != ']') {
        const char high = pattern_[at_ + 1];
        at_ += 2;
        for (int member = low; member <= high; ++member) members += static_cast<char>(member);
      } else {
        members += low;
      }
    }
    if (!more()) return failed_ = true, "";
    ++at_;
    if (inverse) {
      std::string others;
      for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_ .")) {
        if (members.find(c) == std::string::npos) others += c;
      }
      members = std::move(others);
    }
    if (members.empty()) return failed_ = true, "";
    return std::string(1, draw(members));
  }

  std::string named_class() {
    const std::size_t end = pattern_.find(":]", at_);
    if (end == std::string_view::npos) return failed_ = true, "";
    const std::string_view name = pattern_.substr(at_ + 2, end - at_ - 2);
    at_ = end + 2;
    if (name == "digit" || name == "xdigit") return "0123456789";
    if (name == "upper") return "ABCDEFGHIJ";
    if (name == "space" || name == "blank") return " ";
    if (name == "punct") return "-.,";
    return "abcdefghij";
  }

  char draw(std::string_view members) {
    const long state =
        number_ / (drawn_ < 4 ? kPowers[drawn_] : 1) + static_cast<long>(drawn_ < 4 ? 0 : drawn_);
    ++drawn_;
    return members[static_cast<std::size_t>(state) % members.size()];
  }

  static constexpr long kPowers[] = {1, 7, 49, 343};

  std::string_view pattern_;
  long number_;
  std::size_t at_ = 0;
  std::size_t drawn_ = 0;
  int atoms_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::string> sample_of_regex(std::string_view pattern, long number) {
  return Sampler(pattern, std::max(number, 0L)).run();
}

std::string sample_of_like(std::string_view pattern, long number) {
  std::string text;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '\\' && at + 1 < pattern.size())
      text += pattern[++at];
    else if (c == '%')
      text += fmt::format("w{}", number);
    else
      text += c == '_' ? 'w' : c;
  }
  return text;
}

}  // namespace backout::postgres
