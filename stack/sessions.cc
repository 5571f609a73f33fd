#include "stack/sessions.h"

#include <functional>

namespace stack {

namespace json = boost::json;

std::size_t Sessions::KeyHash::operator()(const Key& key) const {
  const std::hash<std::string> hash;
  return hash(key.first) * 31 + hash(key.second);
}

Sessions::Session* Sessions::Touch(const Key& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  sessions_.splice(sessions_.begin(), sessions_, found->second);
  return &sessions_.front();
}

json::array Sessions::History(const std::string& user, const std::string& session) {
  json::array messages;
  const std::scoped_lock lock(mutex_);
  const Session* known = Touch({user, session});
  if (known == nullptr) return messages;
  for (const Turn& turn : known->turns) {
    messages.push_back({{"role", "user"}, {"content", turn.question}});
    messages.push_back({{"role", "assistant"}, {"content", turn.answer}});
  }
  return messages;
}

void Sessions::Add(const std::string& user, const std::string& session, std::string_view question,
                   std::string_view answer) {
  const std::scoped_lock lock(mutex_);
  const Key key{user, session};
  Session* known = Touch(key);
  if (known == nullptr) {
    sessions_.push_front({.key = key, .turns = {}});
    by_key_[key] = sessions_.begin();
    known = &sessions_.front();
  }
  known->turns.push_back({std::string(question), std::string(answer)});
  known->bytes += question.size() + answer.size();
  while (!known->turns.empty() &&
         (known->turns.size() > limits_.turns_max || known->bytes > limits_.session_bytes_max)) {
    known->bytes -= known->turns.front().question.size() + known->turns.front().answer.size();
    known->turns.pop_front();
  }
  if (sessions_.size() > limits_.sessions_max) {
    by_key_.erase(sessions_.back().key);
    sessions_.pop_back();
  }
}

std::size_t Sessions::size() const {
  const std::scoped_lock lock(mutex_);
  return sessions_.size();
}

}  // namespace stack
