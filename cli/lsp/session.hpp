#pragma once
// What the server knows: the client, the open documents and what was found in them. Features are
// functions of it.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/examine_text.hpp"
#include "cli/lsp/positions.hpp"
#include "cli/lsp/project.hpp"
#include "cli/lsp/rpc.hpp"

namespace backout::lsp {

/// What the client said that it can do.
struct Client {
  Encoding encoding = Encoding::utf16;
  bool related_information = false;
  bool code_description = false;
  bool versions = false;  ///< of documents, in diagnostics
  bool markdown = false;  ///< in hovers
  bool nested_symbols = false;
  bool versioned_edits = false;
  bool refreshes_lenses = false;
};

/// How far a document was looked at.
enum class Depth { nothing, rules, all };

/// A document that the client has open: its text is what counts, not the file's.
struct OpenDocument {
  std::string uri;
  std::string file;  ///< its path; empty: it is none that can be examined
  std::int32_t version = 0;
  std::string text;
  cli::TextKind kind = cli::TextKind::neither;
  Depth depth = Depth::nothing;
  Depth told = Depth::nothing;  ///< how much of that the client has heard
  std::optional<cli::ExaminedText>
      looked;  ///< of `text`; nullopt: depth is nothing, or there is nothing to say
  std::optional<cli::ConfigError> wrong_config;  ///< its backout.toml cannot be read
};

class Session {
 public:
  using Send = std::function<void(const Json& message)>;

  /// `project` and what `send` refers to must outlive it.
  Session(const Project& project, Send send) : project_(project), send_(std::move(send)) {}

  Client client;

  OpenDocument* find(const std::string& uri);
  std::map<std::string, OpenDocument>& documents() { return documents_; }
  void open(OpenDocument document);
  void close(const std::string& uri);
  /// The text is another now: nothing is known of it.
  void changed(OpenDocument& document);
  /// Something on disk is: nothing is known of any.
  void changed_on_disk();

  /// Looks at a document at least as far as `depth`. `go_on` is asked while it searches, false: it
  /// is to stop; what was found till then is not kept. Time that is used up ends a search, too, and
  /// its result stays.
  void look(OpenDocument& document, Depth depth, const std::function<bool()>& go_on = {});

  /// The places of a text of a document or of a file that a plan names, in the client's units.
  Lines lines(std::string_view text) const { return {text, client.encoding}; }

  void notify(const std::string& method, Json params) {
    send_(notification(method, std::move(params)));
  }
  void ask(const std::string& method, Json params) {
    send_(request(++asked_, method, std::move(params)));
  }

 private:
  const Project& project_;
  Send send_;
  std::map<std::string, OpenDocument> documents_;
  int asked_ = 0;
};

/// Sends the diagnostics of a document, and of the files that it names, as far as it was looked at;
/// and takes back those of a document that is no longer open.
class Publisher {
 public:
  void publish(Session& session, const OpenDocument& document);
  void take_back(Session& session, const std::string& uri);

 private:
  void send(Session& session, const std::string& uri) const;

  std::map<std::string, std::map<std::string, Json>>
      by_document_;  ///< document -> address -> diagnostics
};

}  // namespace backout::lsp
