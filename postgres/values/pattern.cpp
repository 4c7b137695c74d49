// PostgreSQL's regular expressions are Henry Spencer's (regcomp.c, regexec.c; manual, "POSIX
// Regular Expressions"); `~` asks whether a part of the text matches.
// Left out: looking around, back references, \y and other places, options in front ((?i), ***), and
// what hangs on characters beyond ASCII; patterns that take too many steps. Whether they match is
// not known.
#include "postgres/values/pattern.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>

#include "model/stack.hpp"
#include "postgres/values/pattern_syntax.hpp"

namespace backout::postgres {
namespace {

/// Steps after which a match is given up as not known, against patterns that explode.
constexpr int kMostSteps = 20'000;
/// How often the ends of atoms are looked for, against groups in groups: from one place of the
/// text, and from all.
constexpr int kMostScans = 200'000;
constexpr int kMostScansOfAll = 4'000'000;

/// A backtracking matcher that reads the pattern as it goes; `give_up` is set at anything that it
/// does not know.
class Matcher {
 public:
  Matcher(std::string_view text, std::string_view pattern, bool fold)
      : text_(text), pattern_(pattern), fold_(fold) {}

  using Next = std::function<bool(std::size_t)>;

  /// Whether alternatives of pattern_[begin, end) match at `at`, and the rest with `next`.
  bool alternatives(std::size_t begin, std::size_t end, std::size_t at, const Next& next) {
    std::size_t start = begin;
    for (std::size_t here = begin; here <= end && !give_up;) {
      if (here == end || pattern_[here] == '|') {
        if (sequence(start, here, at, next)) return true;
        start = ++here;
      } else {
        here = end_of_atom(here, end);
      }
    }
    return false;
  }

  /// Goes on to another place of the text, with steps of its own.
  void begin_anew() {
    all_scans_ += scans_ + steps_;
    scans_ = steps_ = 0;
    if (all_scans_ > kMostScansOfAll) give_up = true;
  }

  bool give_up = false;

 private:
  /// The place after the atom (one character, class, escape or group) at `here`.
  std::size_t end_of_atom(std::size_t here, std::size_t end) {
    const char c = pattern_[here];
    if (++scans_ > kMostScans || model::stack_is_low()) give_up = true;
    if (give_up) return end;
    if (c == '\\') return std::min(here + 2, end);
    if (c == '[') {
      std::size_t at = here + 1;
      if (at < end && pattern_[at] == '^') ++at;
      if (at < end && pattern_[at] == ']') ++at;
      while (at < end && pattern_[at] != ']') {
        const std::size_t named =
            pattern_.substr(at, 2) == "[:" ? pattern_.find(":]", at) : std::string_view::npos;
        if (pattern_[at] == '[' && named == std::string_view::npos) give_up = true;
        at = named != std::string_view::npos ? named + 2 : at + (pattern_[at] == '\\' ? 2 : 1);
      }
      return std::min(at + 1, end);
    }
    if (c != '(') return here + 1;
    if (here + 1 < end && pattern_[here + 1] == '?' &&
        !(here + 2 < end && pattern_[here + 2] == ':'))
      give_up = true;
    std::size_t at = here + 1;
    while (at < end && pattern_[at] != ')' && !give_up) at = end_of_atom(at, end);
    return std::min(at + 1, end);
  }

  struct Quantity {
    std::size_t least = 1;
    std::size_t most = 1;
    std::size_t after = 0;
  };

  Quantity quantity(std::size_t at, std::size_t end) {
    constexpr std::size_t kMany = std::numeric_limits<std::size_t>::max();
    Quantity result{1, 1, at};
    if (at >= end) return result;
    switch (pattern_[at]) {
      case '*':
        result = {0, kMany, at + 1};
        break;
      case '+':
        result = {1, kMany, at + 1};
        break;
      case '?':
        result = {0, 1, at + 1};
        break;
      case '{': {
        std::size_t here = at + 1;
        if (here >= end || std::isdigit(static_cast<unsigned char>(pattern_[here])) == 0)
          return result;  // the character itself
        const auto number = [&] {
          std::size_t value = 0;
          while (here < end && std::isdigit(static_cast<unsigned char>(pattern_[here])) != 0) {
            value = value * 10 + static_cast<std::size_t>(pattern_[here++] - '0');
          }
          return value;
        };
        result.least = result.most = number();
        if (here < end && pattern_[here] == ',') {
          ++here;
          result.most = here < end && pattern_[here] == '}' ? kMany : number();
        }
        if (here >= end || pattern_[here] != '}') give_up = true;
        result.after = here + 1;
        break;
      }
      default:
        return result;
    }
    if (result.after < end && pattern_[result.after] == '?') ++result.after;
    return result;
  }

  bool sequence(std::size_t begin, std::size_t end, std::size_t at, const Next& next) {
    if (give_up || ++steps_ > kMostSteps || model::stack_is_low()) {
      give_up = true;
      return false;
    }
    if (begin == end) return next(at);
    const char c = pattern_[begin];
    if (c == '^') return at == 0 && sequence(begin + 1, end, at, next);
    if (c == '$') return at == text_.size() && sequence(begin + 1, end, at, next);
    const std::size_t after = end_of_atom(begin, end);
    const Quantity count = quantity(after, end);
    return repeat({begin, after, count.after, end}, count, at, next);
  }

  struct Parts {
    std::size_t atom;
    std::size_t atom_end;
    std::size_t rest;
    std::size_t end;
  };

  bool repeat(const Parts& parts, const Quantity& count, std::size_t at, const Next& next) {
    if (give_up || ++steps_ > kMostSteps || model::stack_is_low()) {
      give_up = true;
      return false;
    }
    if (count.most > 0) {
      const Quantity fewer{count.least > 0 ? count.least - 1 : 0, count.most - 1, count.after};
      const bool more = atom(parts, at, [&](std::size_t reached) {
        if (reached == at && count.least == 0) return false;
        return repeat(parts, fewer, reached, next);
      });
      if (more) return true;
    }
    return count.least == 0 && sequence(parts.rest, parts.end, at, next);
  }

  bool atom(const Parts& parts, std::size_t at, const Next& next) {
    const char c = pattern_[parts.atom];
    if (c == '(') {
      const bool silent = pattern_.substr(parts.atom + 1, 2) == "?:";
      return alternatives(parts.atom + (silent ? 3 : 1), parts.atom_end - 1, at, next);
    }
    // `\y` and its like stand for no character, so that they may match at the end of the text, too.
    if (c == '\\' && !takes_character(pattern_[parts.atom_end - 1])) give_up = true;
    if (at >= text_.size() || give_up) return false;
    const char found = text_[at];
    if (static_cast<unsigned char>(found) >= 0x80 &&
        asks_for_character(pattern_.substr(parts.atom, parts.atom_end - parts.atom))) {
      give_up = true;
      return false;
    }
    bool fits = false;
    if (c == '.')
      fits = true;
    else if (c == '[')
      fits = in_class(pattern_.substr(parts.atom + 1, parts.atom_end - parts.atom - 2), found);
    else if (c == '\\')
      fits = escaped(pattern_[parts.atom_end - 1], found);
    else
      fits = equal(c, found);
    return fits && next(at + 1);
  }

  /// Whether a byte of a character beyond ASCII does not tell if the atom matches it: `.`, most
  /// classes, and any case.
  bool asks_for_character(std::string_view atom) const {
    if (fold_ || atom == ".") return true;
    if (atom.front() == '\\') return std::isalnum(static_cast<unsigned char>(atom.back())) != 0;
    const auto beyond = [](char c) { return c == '\\' || static_cast<unsigned char>(c) >= 0x80; };
    return atom.front() == '[' && (atom[1] == '^' || atom.find("[:") != std::string_view::npos ||
                                   std::ranges::any_of(atom, beyond));
  }

  bool equal(char wanted, char found) const {
    if (!fold_) return wanted == found;
    return std::tolower(static_cast<unsigned char>(wanted)) ==
           std::tolower(static_cast<unsigned char>(found));
  }

  /// Whether `\name` stands for one character: a class, a control character or itself.
  static bool takes_character(char name) {
    return std::isalnum(static_cast<unsigned char>(name)) == 0 ||
           std::string_view("dDwWsSntrfvabe").find(name) != std::string_view::npos;
  }

  bool escaped(char name, char found) {
    const auto byte = static_cast<unsigned char>(found);
    switch (name) {
      case 'd':
        return std::isdigit(byte) != 0;
      case 'D':
        return std::isdigit(byte) == 0;
      case 'w':
        return std::isalnum(byte) != 0 || found == '_';
      case 'W':
        return std::isalnum(byte) == 0 && found != '_';
      case 's':
        return std::isspace(byte) != 0;
      case 'S':
        return std::isspace(byte) == 0;
      default:
        if (std::isalnum(static_cast<unsigned char>(name)) != 0) give_up = true;
        return name == found;
    }
  }

  bool in_named_class(std::string_view name, char found) {
    const auto byte = static_cast<unsigned char>(found);
    if (name == "space") return std::isspace(byte) != 0;
    if (name == "digit") return std::isdigit(byte) != 0;
    if (name == "alpha") return std::isalpha(byte) != 0;
    if (name == "alnum") return std::isalnum(byte) != 0;
    if (fold_ && (name == "upper" || name == "lower")) return std::isalpha(byte) != 0;
    if (name == "upper") return std::isupper(byte) != 0;
    if (name == "lower") return std::islower(byte) != 0;
    if (name == "punct") return std::ispunct(byte) != 0;
    if (name == "xdigit") return std::isxdigit(byte) != 0;
    give_up = true;
    return false;
  }

  bool in_class(std::string_view members, char found) {
    const bool negated = !members.empty() && members.front() == '^';
    if (negated) members.remove_prefix(1);
    bool in = false;
    for (std::size_t at = 0; at < members.size(); ++at) {
      if (members.substr(at, 2) == "[:") {
        const std::size_t end = members.find(":]", at);
        if (end == std::string_view::npos) {  // a class that nobody closes
          give_up = true;
          return false;
        }
        in = in || in_named_class(members.substr(at + 2, end - at - 2), found);
        at = end + 1;
      } else if (members[at] == '\\' && at + 1 < members.size()) {
        in = in || escaped(members[++at], found);
      } else if (at + 2 < members.size() && members[at + 1] == '-') {
        const auto within = [&](char c) { return c >= members[at] && c <= members[at + 2]; };
        in = in || within(found);
        if (fold_) {
          in = in || within(static_cast<char>(std::tolower(static_cast<unsigned char>(found)))) ||
               within(static_cast<char>(std::toupper(static_cast<unsigned char>(found))));
        }
        at += 2;
      } else {
        in = in || equal(members[at], found);
      }
    }
    return in != negated;
  }

  std::string_view text_;
  std::string_view pattern_;
  bool fold_;
  int steps_ = 0;
  int scans_ = 0;
  int all_scans_ = 0;
};

}  // namespace

Truth matches_pattern(std::string_view text, std::string_view pattern, bool ignore_case) {
  if (!is_known_pattern(pattern)) return Truth::unknown;
  Matcher matcher(text, pattern, ignore_case);
  for (std::size_t at = 0; at <= text.size(); ++at) {
    matcher.begin_anew();
    const bool found =
        matcher.alternatives(0, pattern.size(), at, [](std::size_t) { return true; });
    if (matcher.give_up) return Truth::unknown;
    if (found) return Truth::yes;
  }
  return Truth::no;
}

namespace {

bool takes_little(std::string_view pattern) {
  for (std::size_t at = 1; at < pattern.size(); ++at) {
    const bool quantified =
        std::string_view("*+?}").find(pattern[at - 1]) != std::string_view::npos;
    if (pattern[at] == '?' && quantified) return true;
  }
  return false;
}

/// The longest match that begins at `at`: its end; nothing when there is none.
std::optional<std::size_t> longest_match(Matcher& matcher, std::size_t size, std::size_t at) {
  std::optional<std::size_t> longest;
  matcher.begin_anew();
  matcher.alternatives(0, size, at, [&](std::size_t end) {
    longest = std::max(longest.value_or(end), end);
    return false;
  });
  return longest;
}

}  // namespace

std::optional<std::string> replace_matches(std::string_view text, std::string_view pattern,
                                           std::string_view replacement, const Replacing& how) {
  if (!is_known_pattern(pattern) || takes_little(pattern) ||
      replacement.find('\\') != std::string_view::npos)
    return std::nullopt;
  Matcher matcher(text, pattern, how.ignore_case);
  std::string result;
  std::size_t kept = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = longest_match(matcher, pattern.size(), at);
    if (matcher.give_up) return std::nullopt;
    if (!end) {
      ++at;
      continue;
    }
    result += text.substr(kept, at - kept);
    result += replacement;
    kept = *end;
    if (!how.all) break;
    at = *end == at ? at + 1 : *end;
  }
  return result += text.substr(kept);
}

}  // namespace backout::postgres
