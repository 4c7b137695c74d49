// PostgreSQL refuses a malformed pattern (2201B; regcomp.c, regc_lex.c). Here it is only said
// whether a pattern is surely one that it takes.
// Left out: which mistake it is. Looking around, [.a.] and [=a=], classes as ends of ranges,
// quantifiers behind parts of a character beyond ASCII and options in front are not known, right or
// wrong.
#include "postgres/values/pattern_syntax.hpp"

#include <cctype>
#include <cstddef>
#include <string>

namespace backout::postgres {
namespace {

/// RE_DUP_MAX of regguts.h.
constexpr std::size_t kMostCount = 255;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

class Syntax {
 public:
  explicit Syntax(std::string_view pattern) : pattern_(pattern) {}

  bool is_known() {
    while (known_ && more()) token();
    return known_ && open_ == 0;
  }

 private:
  enum class Before {
    nothing,
    atom,
    bytes
  };  ///< what a quantifier would repeat; bytes: only a part of a character

  bool more() const { return at_ < pattern_.size(); }
  char here() const { return more() ? pattern_[at_] : '\0'; }

  void token() {
    const char c = pattern_[at_++];
    switch (c) {
      case '(':
        open_group();
        break;
      case ')':
        if (--open_ < 0) known_ = false;
        before_ = Before::atom;
        break;
      case '|':
      case '^':
      case '$':
        before_ = Before::nothing;
        break;
      case '*':
      case '+':
      case '?':
        quantifier();
        break;
      case '{':
        if (is_digit(here()))
          bound();
        else
          before_ = Before::atom;
        break;
      case '[':
        bracket();
        break;
      case '\\':
        escape();
        break;
      default:
        before_ = is_ascii(c) ? Before::atom : Before::bytes;
    }
  }

  void open_group() {
    ++open_;
    before_ = Before::nothing;
    if (here() != '?') return;
    if (pattern_.substr(at_, 2) != "?:") known_ = false;
    at_ += 2;
  }

  void quantifier() {
    if (before_ != Before::atom) known_ = false;
    before_ = Before::nothing;
    if (here() == '?') ++at_;
  }

  /// A number of at most three digits.
  std::size_t number() {
    const std::size_t begin = at_;
    while (more() && is_digit(here())) ++at_;
    if (at_ == begin || at_ - begin > 3) return kMostCount + 1;
    return std::stoul(std::string(pattern_.substr(begin, at_ - begin)));
  }

  void bound() {
    const std::size_t least = number();
    std::size_t most = least;
    if (here() == ',') {
      ++at_;
      most = here() == '}' ? kMostCount : number();
    }
    if (here() != '}' || most > kMostCount || least > most) known_ = false;
    ++at_;
    quantifier();
  }

  void escape() {
    const char name = here();
    const bool taken = std::isalnum(static_cast<unsigned char>(name)) == 0 ||
                       std::string_view("aAbBcdDefmMnrsStuUvwWxyYZ0123456789").find(name) !=
                           std::string_view::npos;
    if (!more() || !taken) known_ = false;
    before_ = std::string_view("AmMyYZ").find(name) != std::string_view::npos ? Before::nothing
              : is_ascii(name)                                                ? Before::atom
                                                                              : Before::bytes;
    ++at_;
  }

  void bracket() {
    if (here() == '^') ++at_;
    for (bool first = true; more() && (first || here() != ']'); first = false) member();
    if (!more()) known_ = false;
    ++at_;
    before_ = Before::atom;
  }

  /// One character, class or range of a bracket expression.
  void member() {
    const char low = here();
    if (low == '[' || low == '\\') {
      const std::size_t end = pattern_.substr(at_, 2) == "[:" ? pattern_.find(":]", at_)
                              : low == '\\'                   ? at_
                                                              : std::string_view::npos;
      if (end == std::string_view::npos) known_ = false;
      at_ = end == std::string_view::npos ? pattern_.size() : end + 2;
      if (here() == '-' && pattern_.substr(at_, 2) != "-]")
        known_ = false;  // a class begins no range
      return;
    }
    ++at_;
    if (here() != '-' || pattern_.substr(at_, 2) == "-]") return;
    const char high = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
    at_ += 2;
    // Ends that are more than a character, and `-` straight behind a range.
    if (!is_ascii(low) || !is_ascii(high) || high == '[' || high == '\\' || high < low)
      known_ = false;
    if (here() == '-' && pattern_.substr(at_, 2) != "-]") known_ = false;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  int open_ = 0;
  Before before_ = Before::nothing;
  bool known_ = true;
};

}  // namespace

bool is_known_pattern(std::string_view pattern) { return Syntax(pattern).is_known(); }

}  // namespace backout::postgres
