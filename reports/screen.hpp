#pragma once
// All that the program says goes through here: text of files steers nothing that shows it.

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace backout::reports {

/// A buffer that makes what is written into it harmless (model::screened) and hands it on, line by
/// line.
class Screen : public std::streambuf {
 public:
  /// `sink` must outlive the screen. `is_terminal`: what stands behind it is one.
  explicit Screen(std::streambuf& sink, bool is_terminal = false)
      : sink_(sink), is_terminal_(is_terminal) {}
  ~Screen() override { Screen::sync(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Hands on what is the program's own, as it is.
  bool own(std::string_view text);
  /// Whether a person looks at it, through other screens, too.
  bool on_terminal() const;

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  bool take(std::string_view text);
  bool hand_on(std::size_t size);

  std::streambuf& sink_;
  bool is_terminal_;
  std::string held_;  ///< written, not handed on
  std::string line_;  ///< of the last line: what was handed on
};

/// Writes what is the program's own (colours, commands of GitHub, the page of a report) past the
/// screen that `out` may have.
void write_own(std::ostream& out, std::string_view text);

/// Whether `out` is the screen of a terminal.
bool is_terminal(const std::ostream& out);

/// Calls `print` with a stream that writes to `out` through a screen.
template <class Print>
void print_screened(std::ostream& out, const Print& print) {
  Screen screen(*out.rdbuf());
  std::ostream safe(&screen);
  print(safe);
  if (!safe.flush()) out.setstate(std::ios::badbit);
}

}  // namespace backout::reports
