#include "reports/screen.hpp"

#include "model/printable.hpp"

namespace backout::reports {
namespace {

bool put(std::streambuf& sink, std::string_view text) {
  return sink.sputn(text.data(), static_cast<std::streamsize>(text.size())) ==
         static_cast<std::streamsize>(text.size());
}

}  // namespace

bool Screen::hand_on(std::size_t size) {
  const std::string text = held_.substr(0, size);
  held_.erase(0, size);
  const std::string shown = model::screened(text, line_);
  const std::size_t last = text.rfind('\n');
  line_ = last == std::string::npos ? line_ + text : text.substr(last + 1);
  return put(sink_, shown);
}

bool Screen::take(std::string_view text) {
  held_ += text;
  const std::size_t last = held_.rfind('\n');
  return text.find('\n') == std::string_view::npos || hand_on(last + 1);
}

bool Screen::own(std::string_view text) {
  const bool before = hand_on(held_.size());
  line_ += text;
  if (const std::size_t last = line_.rfind('\n'); last != std::string::npos)
    line_.erase(0, last + 1);
  if (auto* screen = dynamic_cast<Screen*>(&sink_)) return screen->own(text) && before;
  return put(sink_, text) && before;
}

bool Screen::on_terminal() const {
  const auto* behind = dynamic_cast<const Screen*>(&sink_);
  return behind == nullptr ? is_terminal_ : behind->on_terminal();
}

Screen::int_type Screen::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof()))
    return traits_type::not_eof(character);
  const char c = traits_type::to_char_type(character);
  return take({&c, 1}) ? character : traits_type::eof();
}

std::streamsize Screen::xsputn(const char* text, std::streamsize size) {
  return take({text, static_cast<std::size_t>(size)}) ? size : 0;
}

int Screen::sync() {
  const bool handed = held_.empty() || hand_on(held_.size());
  return handed && sink_.pubsync() == 0 ? 0 : -1;
}

bool is_terminal(const std::ostream& out) {
  const auto* screen = dynamic_cast<const Screen*>(out.rdbuf());
  return screen != nullptr && screen->on_terminal();
}

void write_own(std::ostream& out, std::string_view text) {
  if (auto* screen = dynamic_cast<Screen*>(out.rdbuf())) {
    if (!screen->own(text)) out.setstate(std::ios::badbit);
  } else {
    out << text;
  }
}

}  // namespace backout::reports
