#include "analyzer/documents/objectives.hpp"

#include <cctype>

namespace backout::analyzer::documents {

std::set<std::string> component_words(std::string_view text) {
  static const std::set<std::string> kCommon = {
      "recovery",  "time",  "full",     "failure", "scenario", "complete", "target",
      "objective", "total", "rollback", "restore", "critical", "service"};
  std::set<std::string> all;
  std::string word;
  for (const char c : lower(text) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      word += c;
    else {
      if (word.size() >= 3 && !kCommon.contains(word)) all.insert(word);
      word.clear();
    }
  }
  return all;
}

bool is_last_bound(const importers::Time& time) {
  const std::string subject = lower(time.subject);
  return has_any(subject,
                 {"tolerable", "maximum downtime", "max downtime", "acceptable downtime"}) ||
         has_word(subject, {"mtd", "mtpd"});
}

bool is_of_everything(const Document& document, const importers::Time& time) {
  const std::string about = lower(time.subject) + " " + lower(document.title_of(time.section));
  return has_word(about, {"rto"}) || has_any(about, {"recovery time"});
}

bool is_afterwards(std::string_view title) {
  return has_any(lower(title),
                 {"within ", "short-term", "short term", "long-term", "long term", "compliance",
                  "report", "post-mortem", "postmortem", "post-incident", "follow-up", "lessons",
                  "root cause", "root-cause"});
}

}  // namespace backout::analyzer::documents
