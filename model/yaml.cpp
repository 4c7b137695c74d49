#include "model/yaml.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include <fmt/format.h>
#include <libfyaml.h>

#include "model/scalar.hpp"

namespace backout::model {
namespace {

using Mistakes = std::vector<Mistake>;

/// Bytes of text that aliases may add.
constexpr std::size_t kAliasText = 16 << 20;

/// Words that mean what they mean in quotes too, which is all that JSON has; no id may be one of
/// them.
bool is_word(std::string_view text) {
  return text == "unknown" || text == "none" || text == "auto" || text == "derived" ||
         text == "missing";
}

struct DiagDeleter {
  void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
};
struct ParserDeleter {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};

/// Builds one node tree from the parser's events.
class Builder {
 public:
  /// What the builder reads: one plan, or a stream of documents that other tools own.
  enum class Kind { plan, foreign };

  Builder(const SourceFile& source, std::uint32_t file, Kind kind);
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  ~Builder();

  Document build();
  DocumentStream build_stream();

 private:
  /// A list or map whose end has not been read.
  struct Open {
    Node node;
    std::string anchor;
    std::string key;
    Span key_span;
    bool has_key = false;
    std::unordered_map<std::string, Span> keys;  // only of maps that are too large to look through
  };

  bool step(fy_event* event);
  void open(fy_event* event, Node::Type type, fy_token* anchor, fy_token* tag);
  void scalar(fy_event* event);
  void alias(fy_event* event);
  void close(fy_event* event);
  void accept(Node node, const std::string& anchor);
  void take_key(Open& map, Node key);
  const Span* earlier_key(Open& map, const std::string& key);
  Span span_of(const fy_event* event) const;
  void refuse_tag(fy_token* tag);
  void mistake(const Span& span, std::string message, std::string hint = {});
  Mistake syntax_error() const;
  void read_events();

  const SourceFile& source_;
  std::uint32_t file_;
  Kind kind_;
  std::vector<Node> earlier_;  // roots of the stream's documents before this one
  std::unique_ptr<fy_diag, DiagDeleter> diag_;
  std::unique_ptr<fy_parser, ParserDeleter> parser_;
  std::vector<Open> stack_;
  std::map<std::string, Node> anchors_;
  std::optional<Node> root_;
  std::size_t alias_nodes_ = 0;
  std::size_t alias_bytes_ = 0;
  std::uint32_t last_end_ = 0;
  int documents_ = 0;
  bool give_up_ = false;
  Mistakes mistakes_;
};

std::string text_of(fy_token* token) {
  std::size_t length = 0;
  const char* text = token == nullptr ? nullptr : fy_token_get_text(token, &length);
  return text == nullptr ? std::string() : std::string(text, length);
}

Builder::Builder(const SourceFile& source, std::uint32_t file, Kind kind)
    : source_(source), file_(file), kind_(kind) {
  fy_diag_cfg diag_config;
  fy_diag_cfg_default(&diag_config);
  diag_config.fp = nullptr;
  diag_config.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
  diag_config.level = FYET_ERROR;
  diag_.reset(fy_diag_create(&diag_config));
  fy_diag_set_collect_errors(diag_.get(), true);
  fy_parse_cfg config{};
  // Other readers take a list in brackets whose end is not indented further than its key.
  config.flags = static_cast<fy_parse_cfg_flags>(
      FYPCF_DEFAULT_VERSION_1_2 | FYPCF_DISABLE_DEPTH_LIMIT | FYPCF_SLOPPY_FLOW_INDENTATION);
  config.diag = diag_.get();
  parser_.reset(fy_parser_create(&config));
  fy_parser_set_string(parser_.get(), source.text().data(), source.text().size());
}

/// libfyaml 0.7.12 puts a key back twice when it refuses a tab behind the colon of a `?` key
/// (fy_fetch_value), and ends the process when such a parser is taken apart: it is kept.
Builder::~Builder() {
  void* iterator = nullptr;
  const fy_diag_error* error = fy_diag_errors_iterate(diag_.get(), &iterator);
  if (error != nullptr && std::strstr(error->msg, "tab") != nullptr)
    static_cast<void>(parser_.release());
}

void Builder::read_events() {
  while (!give_up_) {
    fy_event* event = fy_parser_parse(parser_.get());
    if (event == nullptr) {
      break;
    }
    const bool more = step(event);
    fy_parser_event_free(parser_.get(), event);
    if (!more) {
      break;
    }
  }
}

DocumentStream Builder::build_stream() {
  read_events();
  if (root_ && stack_.empty()) earlier_.push_back(std::move(*root_));
  DocumentStream stream{std::move(earlier_), std::nullopt};
  if (give_up_)
    stream.mistake = std::move(mistakes_.back());
  else if (fy_parser_get_stream_error(parser_.get()))
    stream.mistake = syntax_error();
  return stream;
}

Document Builder::build() {
  read_events();
  if (!give_up_ && fy_parser_get_stream_error(parser_.get())) {
    mistakes_.push_back(syntax_error());
    give_up_ = true;
  } else if (!give_up_ && !root_) {
    mistake({file_, 0, 0}, "the file holds no plan", "a plan starts with `backout: 1`");
  }
  if (give_up_) {
    root_.reset();
  }
  return {std::move(root_), std::move(mistakes_)};
}

bool Builder::step(fy_event* event) {
  switch (event->type) {
    case FYET_DOCUMENT_START:
      if (kind_ == Kind::foreign) {
        if (root_) earlier_.push_back(std::move(*root_));
        root_.reset();
        anchors_.clear();
      } else if (++documents_ > 1) {
        mistake(span_of(event), "a second document begins here", "one file holds one plan");
        give_up_ = true;
      }
      return true;
    case FYET_MAPPING_START:
      open(event, Node::Type::map, event->mapping_start.anchor, event->mapping_start.tag);
      return true;
    case FYET_SEQUENCE_START:
      open(event, Node::Type::list, event->sequence_start.anchor, event->sequence_start.tag);
      return true;
    case FYET_SCALAR:
      scalar(event);
      return true;
    case FYET_ALIAS:
      alias(event);
      return true;
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
      close(event);
      return true;
    case FYET_STREAM_END:
      return false;
    default:
      return true;
  }
}

Span Builder::span_of(const fy_event* event) const {
  auto* mutable_event = const_cast<fy_event*>(event);
  const fy_mark* begin = fy_event_start_mark(mutable_event);
  const fy_mark* end = fy_event_end_mark(mutable_event);
  if (begin == nullptr || end == nullptr) {
    return {file_, last_end_, last_end_};
  }
  return {file_, static_cast<std::uint32_t>(begin->input_pos),
          static_cast<std::uint32_t>(end->input_pos)};
}

void Builder::open(fy_event* event, Node::Type type, fy_token* anchor, fy_token* tag) {
  refuse_tag(tag);
  Open opened;
  opened.node.type = type;
  opened.node.span = span_of(event);
  opened.anchor = text_of(anchor);
  if (type == Node::Type::map) opened.node.entries.reserve(8);  // a step has about as many keys
  if (stack_.size() >= kDepthLimit) {
    mistake(opened.node.span,
            fmt::format("lists and maps are nested more than {} deep", kDepthLimit));
    give_up_ = true;
  }
  stack_.push_back(std::move(opened));
}

void Builder::scalar(fy_event* event) {
  refuse_tag(event->scalar.tag);
  Node node;
  node.span = span_of(event);
  fy_token* value = event->scalar.value;
  if (value == nullptr) {  // `key:` with nothing behind it
    node.span = {file_, last_end_, last_end_};
    return accept(std::move(node), text_of(event->scalar.anchor));
  }
  node.text = text_of(value);
  const fy_scalar_style style = fy_token_scalar_style(value);
  const bool plain = style == FYSS_PLAIN;
  node.quoted = !plain && !is_word(node.text);
  node.type = plain ? plain_scalar_type(node.text) : Node::Type::string;
  if (style == FYSS_SINGLE_QUOTED ||
      style == FYSS_DOUBLE_QUOTED) {  // the marks stand inside the quotes
    node.span.begin -= 1;
    node.span.end += 1;
  } else if (!plain) {  // a block's marks stand at the start of its first line and of the line
                        // behind it
    const std::size_t first = source_.text().find_first_not_of(" \r\n", node.span.begin);
    node.span.begin = std::min(node.span.end, static_cast<std::uint32_t>(first));
    const std::size_t last = source_.text().find_last_not_of(" \r\n", node.span.end - 1);
    node.span.end = std::max(node.span.begin, static_cast<std::uint32_t>(last + 1));
  }
  last_end_ = node.span.end;
  accept(std::move(node), text_of(event->scalar.anchor));
}

/// What a value costs when an alias repeats it.
struct Size {
  std::size_t nodes = 0;
  std::size_t bytes = 0;  ///< of its texts and keys
};

void add_size(const Node& node, Size& size) {
  ++size.nodes;
  size.bytes += node.text.size();
  for (const Node& item : node.items) add_size(item, size);
  for (const Node::Entry& entry : node.entries) {
    size.bytes += entry.key.size();
    add_size(entry.value, size);
  }
}

void Builder::alias(fy_event* event) {
  const std::string name = text_of(event->alias.anchor);
  const Span span = span_of(event);
  last_end_ = span.end;
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    mistake(span, fmt::format("alias '*{0}' has no anchor '&{0}' before it", name));
    Node missing;
    missing.span = span;
    missing.type = Node::Type::string;
    missing.text = "unknown";  // says nothing more about it
    return accept(std::move(missing), {});
  }
  Size size;
  add_size(found->second, size);
  alias_nodes_ += size.nodes;
  alias_bytes_ += size.bytes;
  if (alias_nodes_ > kAliasBudget || alias_bytes_ > kAliasText) {
    mistake(span,
            alias_nodes_ > kAliasBudget
                ? fmt::format("aliases expand to more than {} values", kAliasBudget)
                : fmt::format("aliases expand to more than {} MB of text", kAliasText >> 20),
            "write the values out, or generate the plan");
    give_up_ = true;
    return;
  }
  accept(found->second, {});
}

void Builder::close(fy_event* event) {
  Open closed = std::move(stack_.back());
  stack_.pop_back();
  closed.node.span.end = std::max(closed.node.span.begin, span_of(event).end);
  if (closed.node.span.end > last_end_ && source_.text()[closed.node.span.end - 1] != ']' &&
      source_.text()[closed.node.span.end - 1] != '}') {
    // A block ends with its last value, not where the next one begins.
    closed.node.span.end = std::max(closed.node.span.begin, last_end_);
  }
  last_end_ = std::max(last_end_, closed.node.span.end);
  const std::string anchor = std::move(closed.anchor);
  accept(std::move(closed.node), anchor);
}

void Builder::accept(Node node, const std::string& anchor) {
  if (!anchor.empty()) {
    anchors_.insert_or_assign(anchor, node);
  }
  if (stack_.empty()) {
    if (!root_) root_ = std::move(node);
    return;
  }
  Open& parent = stack_.back();
  if (parent.node.type == Node::Type::list) {
    parent.node.items.push_back(std::move(node));
  } else if (!parent.has_key) {
    take_key(parent, std::move(node));
  } else {
    parent.has_key = false;
    if (!parent.key.empty()) {
      parent.node.entries.push_back({std::move(parent.key), parent.key_span, std::move(node)});
    }
  }
}

void Builder::take_key(Open& map, Node key) {
  map.has_key = true;
  map.key.clear();
  map.key_span = key.span;
  if (!key.is_scalar() || key.text.empty()) {
    mistake(key.span, "a key must be a word", "keys are names such as `steps:`");
    return;
  }
  if (const Span* earlier = earlier_key(map, key.text)) {
    mistake(key.span, fmt::format("key '{}' is written twice", key.text),
            fmt::format("the first is on line {}; keep one", source_.line_of(earlier->begin)));
    return;
  }
  map.key = std::move(key.text);
}

const Span* Builder::earlier_key(Open& map, const std::string& key) {
  constexpr std::size_t kSmall = 16;
  if (map.node.entries.size() < kSmall) {
    const auto found = std::find_if(map.node.entries.begin(), map.node.entries.end(),
                                    [&](const Node::Entry& entry) { return entry.key == key; });
    return found == map.node.entries.end() ? nullptr : &found->key_span;
  }
  if (map.keys.empty()) {
    for (const Node::Entry& entry : map.node.entries) map.keys.emplace(entry.key, entry.key_span);
  }
  const auto [place, inserted] = map.keys.emplace(key, map.key_span);
  return inserted ? nullptr : &place->second;
}

void Builder::refuse_tag(fy_token* tag) {
  if (tag == nullptr || kind_ == Kind::foreign) {
    return;
  }
  const fy_mark* begin = fy_token_start_mark(tag);
  const fy_mark* end = fy_token_end_mark(tag);
  mistake({file_, static_cast<std::uint32_t>(begin->input_pos),
           static_cast<std::uint32_t>(end->input_pos)},
          "a plan uses no tags", "quote the value to make it a string");
}

void Builder::mistake(const Span& span, std::string message, std::string hint) {
  mistakes_.push_back({span, std::move(message), std::move(hint)});
}

Mistake Builder::syntax_error() const {
  void* iterator = nullptr;
  const fy_diag_error* error = fy_diag_errors_iterate(diag_.get(), &iterator);
  if (error == nullptr) {
    return {{file_, last_end_, last_end_}, "this is neither YAML nor JSON", {}};
  }
  // libfyaml counts lines and code points from 1.
  std::uint32_t at = last_end_;
  const auto line_number = static_cast<std::size_t>(std::max(error->line, 1));
  if (line_number <= source_.line_count()) {
    const std::string_view line = source_.line(line_number);
    std::size_t byte = 0;
    for (int column = 1; column < error->column && byte < line.size(); ++column) {
      do ++byte;
      while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0) == 0x80);
    }
    at = static_cast<std::uint32_t>(line.data() - source_.text().data() +
                                    static_cast<std::ptrdiff_t>(byte));
  }
  return {{file_, at, at}, fmt::format("syntax error: {}", error->msg), {}};
}

}  // namespace

namespace {

/// Blank lines in a row; libfyaml reads each of them again for every one behind it.
constexpr int kMostBlankLines = 500;

/// Where too many blank lines in a row end; text.size() when there are no such.
std::size_t too_many_blank_lines(std::string_view text) {
  int blank = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t other = text.find_first_not_of(" \t\r", begin);
    blank = other >= end ? blank + 1 : 0;
    if (blank > kMostBlankLines) return begin;
    begin = end + 1;
  }
  return text.size();
}

/// Why the text of the file is none that libfyaml may be given.
std::optional<Mistake> unreadable(const std::string& text, std::uint32_t file) {
  const auto at = [&](std::size_t place) {
    return Span{file, static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(place)};
  };
  if (text.size() > kInputLimit) return Mistake{at(0), "the file is larger than 256 MB", {}};
  if (const std::size_t bad = first_invalid_utf8(text); bad != text.size())
    return Mistake{at(bad), "the file is not UTF-8 text", "save it as UTF-8"};
  if (const std::size_t nul = text.find('\0'); nul != std::string::npos)
    return Mistake{at(nul), "the file holds a NUL byte", "YAML is text"};
  if (const std::size_t blank = too_many_blank_lines(text); blank != text.size()) {
    return Mistake{at(blank), fmt::format("more than {} blank lines in a row", kMostBlankLines),
                   "leave them out"};
  }
  return std::nullopt;
}

}  // namespace

Document parse_yaml(const Sources& sources, std::uint32_t file) {
  if (auto mistake = unreadable(sources[file].text(), file)) return {std::nullopt, {*mistake}};
  return Builder(sources[file], file, Builder::Kind::plan).build();
}

DocumentStream parse_yaml_stream(const Sources& sources, std::uint32_t file) {
  if (auto mistake = unreadable(sources[file].text(), file)) return {{}, std::move(mistake)};
  return Builder(sources[file], file, Builder::Kind::foreign).build_stream();
}

namespace {

/// The source line and indentation of each line of a literal block, or nothing when they cannot be
/// told.
std::optional<Span> place_in_block(const Node& node, const SourceFile& file, std::size_t begin,
                                   std::size_t end) {
  const std::string_view before = std::string_view(node.text).substr(0, begin);
  const auto line_index = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t column =
      begin - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1);
  std::size_t text_end = node.text.find('\n', begin);
  text_end = std::min(text_end, node.text.size());
  const std::string_view text_line =
      std::string_view(node.text).substr(begin - column, text_end - (begin - column));
  const std::string_view source_line = file.line(file.line_of(node.span.begin) + line_index);
  if (!source_line.ends_with(text_line)) {
    return std::nullopt;
  }
  const auto at = static_cast<std::size_t>(source_line.data() - file.text().data()) +
                  source_line.size() - text_line.size() + column;
  const std::size_t length = std::min(end, text_end) - begin;
  return Span{node.span.file, static_cast<std::uint32_t>(at),
              static_cast<std::uint32_t>(at + length)};
}

}  // namespace

Span place_in(const Node& node, const Sources& sources, std::size_t begin, std::size_t end) {
  const SourceFile& file = sources[node.span.file];
  begin = std::min(begin, node.text.size());
  end = std::clamp(end, begin, node.text.size());
  const std::string_view written =
      std::string_view(file.text()).substr(node.span.begin, node.span.end - node.span.begin);
  const bool in_quotes =
      written.size() >= node.text.size() + 2 && (written[0] == '"' || written[0] == '\'');
  const std::size_t skip = in_quotes && node.type == Node::Type::string ? 1 : 0;
  if (written.size() >= skip && written.substr(skip, node.text.size()) == node.text) {
    const std::size_t first = node.span.begin + skip;
    return {node.span.file, static_cast<std::uint32_t>(first + begin),
            static_cast<std::uint32_t>(first + end)};
  }
  return place_in_block(node, file, begin, end).value_or(node.span);
}

}  // namespace backout::model
