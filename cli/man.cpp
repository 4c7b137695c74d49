// Man pages: the options from the subcommands' own descriptions, the prose from docs/man/*.md.
//
// The Markdown understood is what those pages use: `## HEADING`, paragraphs, `- ` items, fenced
// code, `code`, *emphasis*.
#include <ostream>
#include <sstream>

#include <fmt/format.h>

#include "cli/build_facts.hpp"
#include "cli/command_line.hpp"
#include "cli/help.hpp"
#include "cli/pages.hpp"
#include "reports/report.hpp"

namespace backout::cli {

namespace {

constexpr const char* kExitStatus =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nNo finding at or above \\fB\\-\\-fail\\-on\\fR.\n"
    ".TP\n.B 1\nFindings at or above it.\n"
    ".TP\n.B 2\nWrong command line.\n"
    ".TP\n.B 3\nInput cannot be read or is invalid.\n"
    ".TP\n.B 4\nThe verdict is incomplete.\n"
    ".TP\n.B 70\nA bug of backout.\n";

/// `text` for roff: backslashes, hyphens that must stay ASCII, and dots and quotes that would begin
/// a request.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

/// A line of prose: `code` becomes bold, *emphasis* italic.
std::string inline_marks(const std::string& line) {
  std::string out;
  char open = 0;
  for (std::size_t i = 0, begin = 0; i <= line.size(); ++i) {
    const char c = i < line.size() ? line[i] : 0;
    const bool mark = c == '`' || (c == '*' && open != '`');
    if (i < line.size() && !mark) continue;
    const std::string piece = escape(line.substr(begin, i - begin));
    out += out.empty() || !piece.starts_with("\\&") ? piece : piece.substr(2);
    begin = i + 1;
    if (i == line.size()) break;
    out += open != 0 ? "\\fR" : c == '`' ? "\\fB" : "\\fI";
    open = open != 0 ? 0 : c;
  }
  return out;
}

void write_prose(const std::string& markdown, std::ostream& out) {
  std::istringstream in(markdown);
  bool code = false;
  bool paragraph = false;  // the next line of text begins one
  bool headed = true;      // nothing stands below the heading yet
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      code = !code;
      if (code && !headed) out << ".PP\n";
      out << (code ? ".nf\n" : ".fi\n");
      paragraph = !code;
      headed = false;
    } else if (code) {
      out << escape(line) << '\n';
    } else if (line.starts_with("## ")) {
      out << ".SH " << inline_marks(line.substr(3)) << '\n';
      paragraph = false;
      headed = true;
    } else if (line.empty()) {
      paragraph = true;
    } else if (line.starts_with("- ")) {
      out << ".IP \\(bu 2\n" << inline_marks(line.substr(2)) << '\n';
      paragraph = false;
      headed = false;
    } else {
      if (paragraph) out << ".PP\n";
      paragraph = false;
      headed = false;
      out << inline_marks(line) << '\n';
    }
  }
}

void write_title(const std::string& name, const std::string& summary, std::ostream& out) {
  std::string title = name;
  for (char& c : title) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  out << fmt::format(".TH {} 1 \"{}\" \"backout {}\" \"User Commands\"\n", escape(title),
                     BACKOUT_COMMIT_DATE, reports::tool_version())
      << fmt::format(".SH NAME\n{} \\- {}\n", escape(name), escape(summary));
}

void write_prose_of(const std::string& page, std::ostream& out) {
  const auto prose = man_pages().find(page);
  if (prose != man_pages().end()) write_prose(prose->second, out);
}

void write_option(const Option& option, std::ostream& out) {
  out << ".TP\n\\fB";
  if (!option.short_name.empty()) out << "\\-" << option.short_name << "\\fR, \\fB";
  out << "\\-\\-" << escape(option.name) << "\\fR";
  if (!option.value.empty()) out << " \\fI" << escape(option.value) << "\\fR";
  out << '\n' << escape(option.description);
  if (!option.default_value.empty()) out << " (default: " << escape(option.default_value) << ')';
  out << '\n';
}

}  // namespace

void write_man(std::ostream& out) {
  write_title("backout",
              "if we have to roll this back, will it work, in time, and without losing data?", out);
  out << ".SH SYNOPSIS\n.B backout\n.I COMMAND\n.RI [ ARGUMENTS ]\n";
  write_prose_of("backout", out);
  out << ".SH COMMANDS\n";
  for (const Command& command : commands()) {
    out << fmt::format(".TP\n.B {}\n{}\n", escape(command.name), escape(command.summary));
  }
  out << kExitStatus << ".SH SEE ALSO\n.ad l\n.nh\n";
  std::string_view separator;
  for (const Command& command : commands()) {
    out << fmt::format("{}.BR backout\\-{} (1)", separator, escape(command.name));
    separator = " ,\n";
  }
  out << '\n';
}

void write_man(const Command& command, std::ostream& out) {
  const CommandLine line = describe(command);
  write_title(fmt::format("backout-{}", command.name), command.summary, out);
  out << ".SH SYNOPSIS\n" << escape(line.synopsis) << "\n.SH DESCRIPTION\n";
  write_prose(line.explanation, out);
  out << ".SH OPTIONS\n";
  for (const Option& option : line.options) write_option(option, out);
  write_prose_of(command.name, out);
  out << kExitStatus << ".SH SEE ALSO\n.BR backout (1)\n";
}

}  // namespace backout::cli
