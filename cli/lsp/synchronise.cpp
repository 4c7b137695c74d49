#include "cli/lsp/synchronise.hpp"

#include <filesystem>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "cli/lsp/uri.hpp"

namespace backout::lsp {

namespace {

/// A document that has no file yet gets a name by its language, in the folder where the server
/// runs.
std::string file_of(const std::string& uri, const std::string& language) {
  static const std::map<std::string, const char*> kExtensions = {
      {"yaml", ".yaml"}, {"json", ".json"}, {"markdown", ".md"}, {"shellscript", ".sh"}};
  const auto extension = kExtensions.find(language);
  if (!uri.starts_with("untitled:") || extension == kExtensions.end()) return path_of(uri);
  std::error_code error;
  return (std::filesystem::current_path(error) / fmt::format("untitled{}", extension->second))
      .string();
}

/// Puts one change into the text. False: it is none.
bool apply(const Session& session, std::string& text, const Json& change) {
  const Json& inserted = member(change, "text");
  if (!inserted.is_string()) return false;
  const Json& range = member(change, "range");
  if (range.is_null()) {
    text = inserted.get<std::string>();
    return true;
  }
  const auto start = read_position(member(range, "start"));
  const auto end = read_position(member(range, "end"));
  if (!start || !end) return false;
  const Lines lines = session.lines(text);
  const std::size_t begin = lines.offset(*start);
  const std::size_t stop = lines.offset(*end);
  if (stop < begin) return false;
  text.replace(begin, stop - begin, inserted.get_ref<const std::string&>());
  return true;
}

/// What a notification says that cannot be followed; empty when all went well.
std::string open(Session& session, const Json& params) {
  const Json& item = member(params, "textDocument");
  const std::string uri = text_of(member(item, "uri"));
  if (uri.empty() || !member(item, "text").is_string())
    return "didOpen without an address or a text";
  OpenDocument document;
  document.uri = uri;
  document.file = file_of(uri, text_of(member(item, "languageId")));
  document.version = integer_of(member(item, "version")).value_or(0);
  document.text = text_of(member(item, "text"));
  session.open(std::move(document));
  return {};
}

std::string change(Session& session, const Json& params) {
  const Json& item = member(params, "textDocument");
  OpenDocument* document = session.find(text_of(member(item, "uri")));
  if (document == nullptr)
    return fmt::format("didChange of '{}', which is not open", text_of(member(item, "uri")));
  const Json& changes = member(params, "contentChanges");
  if (!changes.is_array()) return "didChange without contentChanges";
  std::string wrong;
  for (const Json& each : changes) {
    if (!apply(session, document->text, each))
      wrong = fmt::format("a change of '{}' is none: it is passed over", document->uri);
  }
  document->version = integer_of(member(item, "version")).value_or(document->version);
  session.changed(*document);
  return wrong;
}

std::string close(Session& session, Publisher& publisher, const Json& params) {
  const std::string uri = text_of(member(params, "textDocument", "uri"));
  if (session.find(uri) == nullptr) return fmt::format("didClose of '{}', which is not open", uri);
  session.close(uri);
  publisher.take_back(session, uri);
  return {};
}

}  // namespace

void synchronise(Session& session, Publisher& publisher, const std::string& method,
                 const Json& params) {
  std::string wrong;
  if (method == "textDocument/didOpen")
    wrong = open(session, params);
  else if (method == "textDocument/didChange")
    wrong = change(session, params);
  else if (method == "textDocument/didClose")
    wrong = close(session, publisher, params);
  else if (method == "textDocument/didSave" || method == "workspace/didChangeWatchedFiles")
    session.changed_on_disk();
  if (!wrong.empty()) session.notify("window/logMessage", {{"type", 1}, {"message", wrong}});
}

}  // namespace backout::lsp
