// A plain reading of one shell line: enough for the `command:` of a plan and for text in quotes.
#include <algorithm>

#include "catalogue/catalogue.hpp"

namespace backout::catalogue {

namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  std::vector<Piece> run() {
    while (at_ < line_.size()) step();
    end_word();
    end_piece("");
    return std::move(pieces_);
  }

 private:
  void step() {
    const char c = line_[at_];
    if (c == '\'' || c == '"') return quoted(c);
    if (c == '\\') return escaped();
    if (c == '$' && next() == '(') return expansion();
    if (c == '`') return until_backquote();
    if (c == '#' && !has_word_) return comment();
    if (c == ' ' || c == '\t') return blank();
    if (c == '<' && is_placeholder_here()) return take_placeholder();
    if (c == '<' || c == '>') return redirection();
    if (c == '\n' || c == ';' || c == '|' || c == '&') return operator_();
    if ((c == '(' || c == ')') && !has_word_) {
      ++at_;
      return;
    }
    add(c);
    ++at_;
  }
  char next() const { return at_ + 1 < line_.size() ? line_[at_ + 1] : '\0'; }
  void add(char c) {
    word_ += c;
    has_word_ = true;
  }
  void quoted(char quote) {
    has_word_ = true;
    for (++at_; at_ < line_.size() && line_[at_] != quote; ++at_) {
      if (quote == '"' && line_[at_] == '\\' && at_ + 1 < line_.size() &&
          std::string_view("\"\\$`").find(line_[at_ + 1]) != std::string_view::npos) {
        ++at_;
      }
      add(line_[at_]);
    }
    ++at_;
  }
  void escaped() {
    if (next() != '\n' && next() != '\0') add(next());
    at_ += 2;
  }
  /// `$(...)` stays as written.
  void expansion() {
    int depth = 0;
    for (; at_ < line_.size(); ++at_) {
      add(line_[at_]);
      depth += line_[at_] == '(' ? 1 : line_[at_] == ')' ? -1 : 0;
      if (depth == 0 && line_[at_] == ')') {
        ++at_;
        return;
      }
    }
  }
  void until_backquote() {
    add(line_[at_]);
    for (++at_; at_ < line_.size(); ++at_) {
      add(line_[at_]);
      if (line_[at_] == '`') {
        ++at_;
        return;
      }
    }
  }
  void comment() {
    while (at_ < line_.size() && line_[at_] != '\n') ++at_;
  }
  void blank() {
    ++at_;
    end_word();
  }
  /// `<sha>`: a word in angle brackets without blanks around it.
  bool is_placeholder_here() const {
    const std::size_t end = line_.find('>', at_);
    if (end == line_.npos || end == at_ + 1) return false;
    const std::string_view inside = line_.substr(at_ + 1, end - at_ - 1);
    return inside.find_first_of(" \t\n<|;&(") == inside.npos ||
           (inside[0] != ' ' && inside.find_first_of("\n<|;&(/") == inside.npos);
  }
  void take_placeholder() {
    while (at_ < line_.size() && line_[at_] != '>') add(line_[at_++]);
    add('>');
    ++at_;
  }
  /// Left out with its target: `2>&1`, `> file`, `<<EOF`.
  void redirection() {
    if (word_.find_first_not_of("0123456789") == std::string::npos) {
      word_.clear();
      has_word_ = false;
    }
    end_word();
    piece_.has_input |= line_[at_] == '<';
    while (at_ < line_.size() &&
           (line_[at_] == '<' || line_[at_] == '>' || line_[at_] == '&' || line_[at_] == '-'))
      ++at_;
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
    skip_word_ = at_ < line_.size() && line_[at_] != '\n' && line_[at_] != ';' && line_[at_] != '|';
  }
  void operator_() {
    end_word();
    const char c = line_[at_];
    std::string text(1, c == '\n' ? ';' : c);
    ++at_;
    if (at_ < line_.size() && line_[at_] == c && (c == '|' || c == '&')) {
      text += c;
      ++at_;
    } else if (c == '|' && at_ < line_.size() && line_[at_] == '&') {
      ++at_;
    }
    end_piece(text);
  }
  void end_word() {
    if (has_word_ && !skip_word_) piece_.argv.push_back(word_);
    if (has_word_) skip_word_ = false;
    word_.clear();
    has_word_ = false;
  }
  /// `if`, `then`, `do` and the like stand before a command and are none.
  void drop_keywords() {
    static const std::vector<std::string> kKeywords = {
        "if", "then", "else", "elif", "fi", "while", "until", "do", "done", "!", "{", "}"};
    static const std::vector<std::string> kHeads = {"for", "case", "esac", "select", "function"};
    while (!piece_.argv.empty() &&
           std::ranges::find(kKeywords, piece_.argv.front()) != kKeywords.end()) {
      piece_.in_structure |= piece_.argv.front() != "!";
      piece_.argv.erase(piece_.argv.begin());
    }
    piece_.in_structure |=
        !piece_.argv.empty() && std::ranges::find(kHeads, piece_.argv.front()) != kHeads.end();
  }
  void end_piece(const std::string& after) {
    drop_keywords();
    if (!piece_.argv.empty()) {
      pieces_.push_back(std::move(piece_));
      piece_ = {};
    }
    piece_.in_structure = false;
    piece_.before = pieces_.empty() ? "" : after;
    piece_.has_input |= after == "|";
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::string word_;
  bool has_word_ = false;
  bool skip_word_ = false;
  Piece piece_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::vector<Piece> split_line(std::string_view line) { return Splitter(line).run(); }

}  // namespace backout::catalogue
