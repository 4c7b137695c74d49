#include "cli/lsp/inbox.hpp"

namespace backout::lsp {

void Inbox::push(Message message) {
  const std::lock_guard lock(mutex_);
  if (message.kind == Message::Kind::notification && message.method == "$/cancelRequest") {
    for (Message& each : waiting_) {
      if (each.kind == Message::Kind::request && each.id == member(message.params, "id"))
        each.cancelled = true;
    }
    return;
  }
  waiting_.push_back(std::move(message));
  came_.notify_one();
}

void Inbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  came_.notify_one();
}

std::optional<Message> Inbox::pop() {
  std::unique_lock lock(mutex_);
  came_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
  if (waiting_.empty()) return std::nullopt;
  Message message = std::move(waiting_.front());
  waiting_.pop_front();
  return message;
}

bool Inbox::presses() const {
  const std::lock_guard lock(mutex_);
  return closed_ || !waiting_.empty();
}

}  // namespace backout::lsp
