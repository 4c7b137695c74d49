#pragma once
// Small things that several formats need.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.hpp"
#include "model/plan.hpp"
#include "simulator/matrix.hpp"

namespace backout::reports {

/// "note", "warning", "error".
const char* to_string(model::Severity severity);
/// "deploy", "interruption", "traffic", ...
const char* to_string(simulator::TraceLine::Actor actor);
/// "DATA LOST", with a star when it takes a fault; "-" where the path is not offered.
std::string cell_word(const simulator::Cell& cell);

/// Why the cell's verdict is what it is; and why it is bad without a fault, too, where that has
/// another reason.
std::string told_reason(const simulator::Cell& cell);
/// Text for a line or a table cell of Markdown: nothing in it is markup.
std::string escape_markdown(std::string_view text);
/// Text or an attribute's value of XML and HTML; line breaks and tabs stay, what XML 1.0 forbids is
/// shown.
std::string escape_markup(std::string_view text);
/// A finding's identity that survives moved lines: 16 hex digits over rule, file, step and cause
/// (else message). `occurrence` tells apart findings that are otherwise alike.
std::string fingerprint(const model::Plan& plan, const model::Finding& finding,
                        std::size_t occurrence);
std::string fingerprint(const model::Sources& sources, const model::Finding& finding,
                        std::size_t occurrence);
/// The same with the file's name as the caller writes it.
std::string fingerprint_in(std::string_view file, const model::Finding& finding,
                           std::size_t occurrence);
/// "a, b, c and 2 more".
std::string first_few(const std::vector<std::string>& all);
/// The same of names: "'a', 'b', 'c' and 2 more".
std::string quoted(const std::set<std::string>& names);
/// A path as a URI reference: everything but unreserved characters and slashes is percent-encoded.
std::string uri_of(std::string_view path);
/// `text` with U+FFFD for every byte that is not UTF-8: migrations and names of files may hold such
/// bytes.
std::string valid_utf8(std::string_view text);

}  // namespace backout::reports
