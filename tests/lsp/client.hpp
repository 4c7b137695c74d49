#pragma once
// A client of the language server over pipes: it frames, asks, and waits for answers.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {

using Json = nlohmann::json;

/// What a modern editor says that it can do.
inline Json modern_client() {
  return Json::parse(R"({
    "textDocument": {
      "publishDiagnostics": {"relatedInformation": true, "codeDescriptionSupport": true, "versionSupport": true},
      "hover": {"contentFormat": ["markdown", "plaintext"]},
      "documentSymbol": {"hierarchicalDocumentSymbolSupport": true}},
    "workspace": {"workspaceEdit": {"documentChanges": true}}})");
}

class LspClient {
 public:
  /// Starts `backout lsp` with more words, in the folder.
  explicit LspClient(const std::filesystem::path& folder, std::vector<std::string> words = {}) {
    int in[2];
    int out[2];
    if (pipe(in) != 0 || pipe(out) != 0) throw std::runtime_error("no pipe");
    process_ = fork();
    if (process_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      for (const int each : {in[0], in[1], out[0], out[1]}) ::close(each);
      words.insert(words.begin(), {kProgram, "lsp"});
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      if (chdir(folder.c_str()) == 0) execv(kProgram, arguments.data());
      _exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    signal(SIGPIPE, SIG_IGN);
    to_ = in[1];
    from_ = fdopen(out[0], "r");
  }
  ~LspClient() {
    if (to_ >= 0) ::close(to_);
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    fclose(from_);
  }
  LspClient(const LspClient&) = delete;
  LspClient& operator=(const LspClient&) = delete;

  void raw(const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t count = write(to_, bytes.data() + at, bytes.size() - at);
      if (count <= 0) return;
      at += static_cast<std::size_t>(count);
    }
  }
  /// Sends at once what is sent within `work`: nothing is answered in between.
  template <class Work>
  void together(const Work& work) {
    held_.emplace();
    work();
    const std::string all = std::move(*held_);
    held_.reset();
    raw(all);
  }
  void send(const Json& message) {
    const std::string text = message.dump();
    const std::string framed = "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
    if (held_)
      *held_ += framed;
    else
      raw(framed);
  }
  void notify(const std::string& method, const Json& params = Json::object()) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
  }
  int ask(const std::string& method, const Json& params = Json::object()) {
    send({{"jsonrpc", "2.0"}, {"id", ++last_}, {"method", method}, {"params", params}});
    return last_;
  }
  /// The next message of the server; discarded at its end.
  Json read() {
    std::size_t length = 0;
    char line[256];
    while (fgets(line, sizeof line, from_) != nullptr && strcmp(line, "\r\n") != 0) {
      if (strncmp(line, "Content-Length: ", 16) == 0) length = std::stoul(line + 16);
    }
    std::string text(length, '\0');
    if (length == 0 || fread(text.data(), 1, length, from_) != length)
      return Json(Json::value_t::discarded);
    return Json::parse(text, nullptr, false);
  }
  /// The answer to a request; what came before it is kept for next().
  Json answer(int id) {
    for (;;) {
      Json message = read();
      if (message.is_discarded() ||
          (message.contains("id") && message["id"] == id && !message.contains("method")))
        return message;
      kept_.push_back(std::move(message));
    }
  }
  Json request(const std::string& method, const Json& params = Json::object()) {
    return answer(ask(method, params));
  }
  Json result(const std::string& method, const Json& params = Json::object()) {
    const Json message = request(method, params);
    return message.contains("result") ? message["result"] : message;
  }

  Json initialize(const Json& capabilities = modern_client()) {
    Json result =
        request("initialize",
                {{"processId", nullptr}, {"rootUri", nullptr}, {"capabilities", capabilities}});
    notify("initialized");
    return result;
  }
  void open(const std::string& uri, const std::string& text, const std::string& language = "yaml",
            int version = 1) {
    notify("textDocument/didOpen",
           {{"textDocument",
             {{"uri", uri}, {"languageId", language}, {"version", version}, {"text", text}}}});
  }
  void change(const std::string& uri, int version, const Json& changes) {
    notify("textDocument/didChange",
           {{"textDocument", {{"uri", uri}, {"version", version}}}, {"contentChanges", changes}});
  }
  /// The last diagnostics of the document, once the server has nothing more to say: it answers in
  /// order, and a request waits for the rules; what the search adds comes when it is idle.
  Json diagnostics(const std::string& uri, int publications = 2) {
    Json last;
    for (int seen = 0; seen < publications;) {
      Json message;
      if (kept_.empty()) {
        message = read();
      } else {
        message = std::move(kept_.front());
        kept_.pop_front();
      }
      if (message.is_discarded()) throw std::runtime_error("the server has ended");
      if (!message.contains("method") || message["method"] != "textDocument/publishDiagnostics" ||
          message["params"]["uri"] != uri)
        continue;
      last = message["params"];
      ++seen;
    }
    return last;
  }
  /// The exit status.
  int end() {
    request("shutdown");
    notify("exit");
    return wait();
  }
  int wait() {
    if (to_ >= 0) ::close(to_);
    to_ = -1;
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t process_ = -1;
  int to_ = -1;
  FILE* from_ = nullptr;
  int last_ = 0;
  std::optional<std::string> held_;
  std::deque<Json> kept_;
};

/// The position of the first `word` in an ASCII text, and so many characters on.
inline Json position_of(const std::string& text, const std::string& word, std::size_t on = 0) {
  const std::size_t at = text.find(word) + on;
  const std::size_t line = static_cast<std::size_t>(
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return {{"line", line}, {"character", at - begin}};
}

/// "rule line:character-line:character" of each.
inline std::vector<std::string> short_list(const Json& diagnostics) {
  std::vector<std::string> all;
  for (const Json& each : diagnostics) {
    const auto place = [](const Json& at) {
      return std::to_string(at["line"].get<int>()) + ":" +
             std::to_string(at["character"].get<int>());
    };
    all.push_back(each.value("code", "mistake") + " " + place(each["range"]["start"]) + "-" +
                  place(each["range"]["end"]));
  }
  return all;
}

/// Puts the edits of a code action into a text: those of one document, whose lines are ASCII.
inline std::string applied(std::string text, const Json& action) {
  const Json& edits = action["edit"]["documentChanges"][0]["edits"];
  const auto offset = [&](const Json& at) {
    std::size_t begin = 0;
    for (int line = 0; line < at["line"].get<int>(); ++line) begin = text.find('\n', begin) + 1;
    return begin + at["character"].get<std::size_t>();
  };
  std::vector<Json> sorted(edits.begin(), edits.end());
  std::sort(sorted.begin(), sorted.end(), [&](const Json& a, const Json& b) {
    return offset(a["range"]["start"]) > offset(b["range"]["start"]);
  });
  for (const Json& edit : sorted) {
    const std::size_t begin = offset(edit["range"]["start"]);
    text.replace(begin, offset(edit["range"]["end"]) - begin, edit["newText"].get<std::string>());
  }
  return text;
}

}  // namespace backout::tests
