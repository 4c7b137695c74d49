#pragma once
// What the client sent and nobody has answered yet. One thread reads, one works.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "cli/lsp/rpc.hpp"

namespace backout::lsp {

class Inbox {
 public:
  /// `$/cancelRequest` marks the request that it names, when that still waits.
  void push(Message message);
  void close();
  /// The next message; waits for one. nullopt: it is closed and empty.
  std::optional<Message> pop();
  /// Whether something waits, or nothing ever will: work that can wait is to stop.
  bool presses() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Message> waiting_;
  bool closed_ = false;
};

}  // namespace backout::lsp
