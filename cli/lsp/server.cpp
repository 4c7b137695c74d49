#include "cli/lsp/server.hpp"

#include <algorithm>
#include <exception>
#include <istream>
#include <ostream>
#include <thread>

#include <fmt/format.h>

#include "cli/lsp/features.hpp"
#include "cli/lsp/framing.hpp"
#include "cli/lsp/inbox.hpp"
#include "cli/lsp/synchronise.hpp"
#include "reports/report.hpp"

namespace backout::lsp {

namespace {

/// Reads until the stream ends or the client says that it goes.
void read_all(std::istream& in, Inbox& inbox) {
  for (;;) {
    Frame frame = read_frame(in);
    if (frame.kind == Frame::Kind::end) break;
    Message message;
    if (frame.kind == Frame::Kind::broken)
      message.failure = {Code::parse_error, frame.text};
    else
      message = read_message(frame.text);
    const bool last = message.kind == Message::Kind::notification && message.method == "exit";
    inbox.push(std::move(message));
    if (last) break;
  }
  inbox.close();
}

bool can(const Json& capabilities, const char* part, const char* feature, const char* what) {
  return is_true(member(capabilities, part, feature, what));
}

bool takes_markdown(const Json& capabilities) {
  const Json& formats = member(capabilities, "textDocument", "hover", "contentFormat");
  return formats.is_array() && std::ranges::find(formats, Json("markdown")) != formats.end();
}

Client read_client(const Json& capabilities) {
  Client client;
  client.encoding = agreed_encoding(member(capabilities, "general", "positionEncodings"));
  client.related_information =
      can(capabilities, "textDocument", "publishDiagnostics", "relatedInformation");
  client.code_description =
      can(capabilities, "textDocument", "publishDiagnostics", "codeDescriptionSupport");
  client.versions = can(capabilities, "textDocument", "publishDiagnostics", "versionSupport");
  client.markdown = takes_markdown(capabilities);
  client.nested_symbols =
      can(capabilities, "textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport");
  client.versioned_edits = can(capabilities, "workspace", "workspaceEdit", "documentChanges");
  client.refreshes_lenses = can(capabilities, "workspace", "codeLens", "refreshSupport");
  return client;
}

Json capabilities_of(const Client& client) {
  Json capabilities = {{"positionEncoding", to_string(client.encoding)},
                       {"textDocumentSync",
                        {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}}};
  for (const Feature& feature : features())
    capabilities[feature.capability] = Json::parse(feature.options);
  return {{"capabilities", capabilities},
          {"serverInfo", {{"name", "backout"}, {"version", std::string(reports::tool_version())}}}};
}

/// One client, from its first message to its last.
class Server {
 public:
  Server(const Project& project, Inbox& inbox, std::ostream& out)
      : inbox_(inbox),
        out_(out),
        session_(project, [this](const Json& message) { send(message); }) {}

  int run() {
    for (;;) {
      if (!inbox_.presses() && look_at_one()) continue;
      std::optional<Message> message = inbox_.pop();
      if (!message || (message->kind == Message::Kind::notification && message->method == "exit"))
        break;
      handle(*message);
    }
    return stage_ == Stage::ending ? 0 : 1;
  }

 private:
  enum class Stage { fresh, working, ending };

  void send(const Json& message) { write_frame(out_, dump(message)); }

  void handle(Message& message) {
    switch (message.kind) {
      case Message::Kind::broken:
        return send(answer(message.id, tl::unexpected(message.failure)));
      case Message::Kind::response:
        return;
      case Message::Kind::notification:
        if (stage_ == Stage::working)
          told_in_log([&] { synchronise(session_, publisher_, message.method, message.params); });
        return;
      case Message::Kind::request:
        return send(answer(message.id, guarded(message)));
    }
  }

  /// A bug in a feature costs its answer, not the session.
  Answer guarded(const Message& message) {
    if (message.cancelled)
      return tl::unexpected(Failure{Code::request_cancelled, "the client cancelled it"});
    try {
      return result_of(message);
    } catch (const std::exception& error) {
      return tl::unexpected(
          Failure{Code::internal_error, fmt::format("a bug of backout: {}", error.what())});
    }
  }

  Answer result_of(const Message& message) {
    if (message.method == "initialize") return initialize(message.params);
    if (stage_ == Stage::fresh)
      return tl::unexpected(Failure{Code::not_initialized, "the first request is `initialize`"});
    if (stage_ == Stage::ending)
      return tl::unexpected(
          Failure{Code::invalid_request, "behind `shutdown` only `exit` follows"});
    if (message.method == "shutdown") {
      stage_ = Stage::ending;
      return Json();
    }
    const auto feature = std::ranges::find(features(), message.method, &Feature::method);
    if (feature == features().end()) {
      return tl::unexpected(
          Failure{Code::method_not_found, fmt::format("no method is called '{}'", message.method)});
    }
    const std::string uri = text_of(member(message.params, "textDocument", "uri"));
    OpenDocument* document = session_.find(uri);
    if (document == nullptr)
      return tl::unexpected(
          Failure{Code::invalid_params, fmt::format("no open document is called '{}'", uri)});
    return feature->run(session_, *document, message.params);
  }

  Answer initialize(const Json& params) {
    if (stage_ != Stage::fresh)
      return tl::unexpected(Failure{Code::invalid_request, "`initialize` is sent once"});
    stage_ = Stage::working;
    session_.client = read_client(member(params, "capabilities"));
    return capabilities_of(session_.client);
  }

  /// Looks at the document that needs it most: none is searched before all have been read. False:
  /// there is none.
  bool look_at_one() {
    if (stage_ != Stage::working) return false;
    for (auto& [uri, document] : session_.documents()) {
      if (document.told >= document.depth) continue;
      document.told = document.depth;
      told_in_log([&, &next = document] { tell(next); });
      return true;
    }
    for (const Depth depth : {Depth::rules, Depth::all}) {
      for (auto& [uri, document] : session_.documents()) {
        if (document.depth >= depth) continue;
        look_guarded(document, depth);
        return true;
      }
    }
    return false;
  }

  void look_guarded(OpenDocument& document, Depth depth) {
    const bool done =
        told_in_log([&] { session_.look(document, depth, [this] { return !inbox_.presses(); }); });
    if (done) return;
    document.looked.reset();
    document.depth = Depth::all;
  }

  /// What nobody asked for, and nobody waits for the answer of, costs a line in the log when it
  /// throws. False: it did.
  template <class Work>
  bool told_in_log(const Work& work) {
    try {
      work();
      return true;
    } catch (const std::exception& error) {
      session_.notify(
          "window/logMessage",
          {{"type", 1}, {"message", fmt::format("a bug of backout: {}", error.what())}});
      return false;
    }
  }

  void tell(OpenDocument& document) {
    publisher_.publish(session_, document);
    if (document.depth == Depth::all && session_.client.refreshes_lenses)
      session_.ask("workspace/codeLens/refresh", nullptr);
  }

  Inbox& inbox_;
  std::ostream& out_;
  Session session_;
  Publisher publisher_;
  Stage stage_ = Stage::fresh;
};

}  // namespace

int serve(const Project& project, std::istream& in, std::ostream& out) {
  in.tie(nullptr);  // reading would flush what the other thread writes
  Inbox inbox;
  std::thread reader([&] { read_all(in, inbox); });
  const int status = Server(project, inbox, out).run();
  reader.join();
  return status;
}

}  // namespace backout::lsp
