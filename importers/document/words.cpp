#include "importers/document/words.hpp"

#include <algorithm>
#include <bit>
#include <cctype>

#include <utf8proc.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace backout::importers {

namespace {

bool is_word_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

struct RoleWords {
  Role role;
  std::vector<std::string_view> words;
};

/// In order: the first that matches decides.
const std::vector<RoleWords>& role_words() {
  static const std::vector<RoleWords> kAll = {
      {Role::template_text,
       {"template", "post-mortem", "postmortem", "post mortem", "incident report",
        "root cause analysis", "rollback log", "vorlage", "modelo de", "plantilla", "şablon",
        "模板", "modèle", "lessons learned"}},
      {Role::contacts,
       {"contact", "escalat", "kontakt", "contato", "contacto", "iletişim", "联系",
        "on-call schedule", "اتصال", "контакт", "kontakty", "連絡先"}},
      {Role::drill,
       {"drill", "rollback testing", "testing rollback", "test rollback", "rehearsal",
        "testing & drill", "testing schedule", "probe", "simulacro", "exercice", "tatbikat", "演练",
        "اختبار خطة", "учени", "учебн"}},
      {Role::reference,
       {"related doc", "references", "see also", "table of contents", "revision history",
        "change log", "changelog", "document history", "additional resources", "resources",
        "glossary", "appendix", "inhaltsverzeichnis", "参考", "related runbook",
        "further reading"}},
      {Role::prevention,
       {"prevention", "preventive", "best practice", "lessons", "improvement", "monitoring during",
        "pre-deployment checks", "vorbeugung", "prevenção", "prevención", "prévention", "önleme",
        "预防", "safety measures", "deployment best"}},
      {Role::communication,
       {"communicat", "notify", "notification", "announce", "status page", "stakeholder",
        "kommunikation", "comunica", "bildirim", "通知", "沟通"}},
      {Role::triggers,
       {"when to roll",
        "rollback trigger",
        "rollback criteria",
        "decision criteria",
        "判断基準",
        "trigger",
        "when should",
        "conditions for rollback",
        "rollback conditions",
        "rollback is needed",
        "rollback needed",
        "roll back if",
        "when to use",
        "when to execute",
        "requiring rollback",
        "requires rollback",
        "require rollback",
        "wann zur",
        "quando reverter",
        "quando fazer",
        "quando fare",
        "quando eseguire",
        "khi nào",
        "cuándo revertir",
        "quand revenir",
        "ne zaman",
        "何时",
        "触发",
        "if any of these",
        "go/no-go",
        "критерии отката",
        "когда откат",
        "触发条件",
        "kiedy",
        "متى"}},
      {Role::decision,
       {"decision", "severity level", "entscheidung", "decisão", "decisión", "décision", "karar",
        "决策", "rollback matrix"}},
      {Role::targets,
       {"time target", "rto", "objectives", "recovery time", "time objective", "sla", "zielzeit",
        "tempo alvo", "objectif", "hedef süre", "目标时间", "معايير النجاح", "recovery objectives",
        "dr metrics", "core metrics"}},
      {Role::schedule,
       {"time estimate", "timeline estimate", "estimated time", "duration", "timeline",
        "rollback time", "zeitplan", "cronograma", "calendrier", "zaman çizelgesi", "时间"}},
      {Role::verification,
       {"verif",
        "validat",
        "validación",
        "validacion",
        "validação",
        "validacao",
        "comprobación",
        "post-rollback check",
        "health check",
        "smoke test",
        "success criteria",
        "überprüf",
        "prüfung",
        "verificação",
        "verificación",
        "vérification",
        "doğrulama",
        "验证",
        "검증",
        "検証",
        "動作確認",
        "проверк",
        "weryfikac",
        "verifica",
        "verifieer",
        "application health",
        "database integrity",
        "error rate monitoring",
        "critical user flows",
        "monitor metrics",
        "immediate actions after",
        "checks after",
        "confirm",
        "التحقق"}},
      {Role::precheck,
       {"pre-rollback", "prerequisite", "before you", "before rollback", "before rolling",
        "pre-check", "precheck", "pre-flight", "preflight", "pre-deployment", "preparation",
        "voraussetzung", "pré-requis", "prérequis", "requisitos", "ön koşul", "前提", "回滚前"}},
      {Role::follow_up,
       {"post-rollback procedure",
        "post-rollback action",
        "after rollback",
        "post-rollback task",
        "follow-up",
        "follow up",
        "next steps",
        "long-term",
        "short-term",
        "re-deploy",
        "redeployment",
        "post-deployment task",
        "document issues",
        "incident documentation",
        "nacharbeit",
        "pós-rollback",
        "回滚后",
        "plan de correc",
        "plano de correç",
        "correction plan",
        "fix planning",
        "ロールバック後の対応"}},
      {Role::rollback,
       {"rollback",
        "roll back",
        "rolling back",
        "revert",
        "restor",
        "recover",
        "backout",
        "undo",
        "emergency",
        "rücksetz",
        "zurückroll",
        "wiederherst",
        "reversão",
        "reverter",
        "restaura",
        "revertir",
        "retour arrière",
        "geri al",
        "geri dön",
        "回滚",
        "恢复",
        "还原",
        "롤백",
        "ロールバック",
        "откат",
        "wycofan",
        "przywr",
        "ripristin",
        "terugdraai",
        "تراجع",
        "استعادة",
        "طوارئ",
        "восстановл",
        "аварийн",
        "odtworz",
        "återställ",
        "failover",
        "disaster scenario",
        "recovery step",
        "going back to",
        "go back to",
        "previous version",
        "previous release",
        "known good",
        "known-good",
        "last good",
        "downgrade",
        "bad deploy",
        "bad release",
        "failed deploy",
        "failed release",
        "deploy fails",
        "deployment fails",
        "release is bad",
        "versión anterior",
        "version précédente",
        "versão anterior",
        "vorherige version",
        "önceki sürüm",
        "上一版本",
        "предыдущ"}},
      {Role::deploy,
       {"deploy", "release", "go-live", "cutover", "rollout", "bereitstellung", "implantação",
        "despliegue", "déploiement", "dağıtım", "部署", "发布"}},
  };
  return kAll;
}

}  // namespace

std::string lower(std::string_view text) {
  // Most texts are plain, and then nothing has to be looked up.
  const bool plain = std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; });
  if (plain) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(c + ((c >= 'A' && c <= 'Z') ? 'a' - 'A' : 0));
    return result;
  }
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if ((c & 0x80) == 0) {
      result += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
      ++i;
      continue;
    }
    utf8proc_int32_t letter = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + i);
    const utf8proc_ssize_t read =
        utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - i), &letter);
    if (read <= 0) {
      result += c;
      ++i;
      continue;
    }
    utf8proc_uint8_t folded[4];
    const utf8proc_ssize_t written = utf8proc_encode_char(utf8proc_tolower(letter), folded);
    result.append(reinterpret_cast<const char*>(folded), static_cast<std::size_t>(written));
    i += static_cast<std::size_t>(read);
  }
  return result;
}

std::string without(std::string text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part))
    text.erase(at, part.size());
  return text;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin));
}

bool contains(std::string_view text, std::string_view part) {
  std::size_t at = 0;
#if defined(__SSE2__)
  // Rules ask for hundreds of words in every line, and most begin with a letter that stands
  // everywhere: sixteen places are looked at at once for the first and the last letter.
  const std::size_t size = part.size();
  const std::size_t places = size < 2 || text.size() < size ? 0 : text.size() - size + 1;
  const __m128i first = _mm_set1_epi8(size == 0 ? '\0' : part.front());
  const __m128i last = _mm_set1_epi8(size == 0 ? '\0' : part.back());
  for (; at + 16 <= places; at += 16) {
    const __m128i begins =
        _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at)), first);
    const __m128i ends = _mm_cmpeq_epi8(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at + size - 1)), last);
    for (auto both = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(begins, ends)));
         both != 0; both &= both - 1) {
      if (text.compare(at + static_cast<std::size_t>(std::countr_zero(both)), size, part) == 0)
        return true;
    }
  }
#endif
  return text.find(part, at) != std::string_view::npos;
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

bool begins_with_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.starts_with(word); });
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return begins_with_any(text, std::span(words.begin(), words.size()));
}

bool contains_any(std::string_view text, const std::vector<std::string_view>& parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

bool says_way_back(std::string_view lower_text) {
  return contains_any(
      lower_text, {"rollback", "roll back", "roll-back", "revert", "restore", "undo", "failover"});
}

bool says_deploy(std::string_view lower_text) {
  return contains_any(lower_text, {"deploy", "release", "promote", "production", "migrat"});
}

bool says_change(std::string_view text) {
  const std::string low = lower(std::string(text));
  return says_deploy(low) || says_way_back(low);
}

bool contains_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const bool before = at == 0 || !is_word_byte(text[at - 1]);
    const bool after = at + word.size() >= text.size() || !is_word_byte(text[at + word.size()]);
    if (before && after) return true;
  }
  return false;
}

std::optional<Role> role_of_title(std::string_view whole) {
  // "Restore the database (RTO: 30 minutes)" is about the restore.
  std::string plain(whole);
  for (const std::string_view aside : {"(rto", "(rpo", "(target"}) {
    const std::size_t open = plain.find(aside);
    const std::size_t close =
        open == std::string::npos || open == 0 ? std::string::npos : plain.find(')', open);
    if (close != std::string::npos) plain.erase(open, close + 1 - open);
  }
  const std::string_view title = plain;
  // "Re-deploy the previous image" goes back; "Re-deployment" alone is what comes when the cause is
  // mended.
  const bool again = contains_any(title, {"re-deploy", "redeploy"});
  static constexpr std::string_view kFormer[] = {"previous",   "prior",      "that",  "last",
                                                 "known good", "known-good", "older", "earlier",
                                                 "sha",        "tag"};
  if (again && std::ranges::any_of(
                   kFormer, [&](std::string_view word) { return contains_word(title, word); }))
    return Role::rollback;
  // "Re-run the previous deployment", "Deploy the last good version": no deploy of something new.
  const bool runs_former = contains_any(title, {"previous", "prior ", "known good", "known-good",
                                                "last good", "last stable", "last working"}) &&
                           contains_any(title, {"deploy", "re-run", "rerun"});
  if (runs_former && !contains_any(title, {"verif", "check", "find", "identif", "compare", "list"}))
    return Role::rollback;
  for (const RoleWords& each : role_words()) {
    if (contains_any(title, each.words)) return each.role;
  }
  return std::nullopt;
}

Numbered read_number(std::string_view title) {
  static const std::vector<std::pair<std::string_view, Section::Kind>> kWords = {
      {"step", Section::Kind::step},        {"phase", Section::Kind::step},
      {"schritt", Section::Kind::step},     {"passo", Section::Kind::step},
      {"paso", Section::Kind::step},        {"étape", Section::Kind::step},
      {"adım", Section::Kind::step},        {"步骤", Section::Kind::step},
      {"method", Section::Kind::method},    {"option", Section::Kind::method},
      {"approach", Section::Kind::method},  {"methode", Section::Kind::method},
      {"méthode", Section::Kind::method},   {"método", Section::Kind::method},
      {"opção", Section::Kind::method},     {"opción", Section::Kind::method},
      {"yöntem", Section::Kind::method},    {"方法", Section::Kind::method},
      {"scenario", Section::Kind::variant}, {"variant", Section::Kind::variant},
      {"strategy", Section::Kind::method}};
  Numbered result{Section::Kind::plain, std::nullopt, trimmed(title)};
  const std::string low = lower(result.title);
  std::size_t at = 0;
  for (const auto& [word, kind] : kWords) {
    const bool numbered = low.starts_with(word) && low.size() > word.size() + 1 &&
                          low[word.size()] == ' ' &&
                          (std::isdigit(static_cast<unsigned char>(low[word.size() + 1])) != 0 ||
                           (low.size() > word.size() + 2 && is_word_byte(low[word.size() + 1]) &&
                            !is_word_byte(low[word.size() + 2])));
    if (!numbered) continue;
    result.kind = kind;
    at = word.size() + 1;
    break;
  }
  std::size_t end = at;
  while (end < low.size() && std::isdigit(static_cast<unsigned char>(low[end])) != 0) ++end;
  if (end > at && end < at + 4) result.number = std::stoll(low.substr(at, end - at));
  const bool letter = result.kind != Section::Kind::plain && end == at;
  if (letter) ++end;
  const bool stops = end < low.size() &&
                     (low[end] == '.' || low[end] == ')' || low[end] == ':' || low[end] == ' ');
  if (result.kind == Section::Kind::plain &&
      !(result.number && end < low.size() && (low[end] == '.' || low[end] == ')'))) {
    result.number.reset();
    return result;
  }
  if (stops || end == low.size()) {
    const std::size_t begin =
        std::min(result.title.find_first_not_of(".): -", end), result.title.size());
    result.title = result.title.substr(begin);
  }
  return result;
}

Answer read_answer(std::string_view cell) {
  const std::string text = lower(cell);
  struct Words {
    Answer answer;
    std::vector<std::string_view> words;
  };
  static const std::vector<Words> kAll = {
      {Answer::disable,
       {"disable flag", "disable feature", "feature flag off", "turn off flag", "kill switch"}},
      {Answer::fix_forward, {"fix forward", "fix-forward", "forward fix", "hotfix"}},
      {Answer::no,
       {"no rollback", "do not roll", "don't roll", "not required", "kein", "não", "hayır"}},
      {Answer::maybe,
       {"maybe", "consider", "if needed", "evaluate", "depends", "vielleicht", "talvez", "tal vez",
        "peut-être", "belki"}},
      {Answer::yes,
       {"immediate rollback", "automatic rollback", "rollback recommended", "roll back", "rollback",
        "must"}},
      {Answer::watch, {"monitor", "watch", "observe", "beobachten"}},
  };
  for (const Words& each : kAll) {
    if (contains_any(text, each.words)) return each.answer;
  }
  for (const std::string_view yes : {"yes", "sim", "sí", "oui", "ja", "evet", "是"}) {
    if (contains_word(text, yes) || (yes == "是" && contains(text, yes))) return Answer::yes;
  }
  for (const std::string_view no : {"no", "non", "nein"}) {
    if (contains_word(text, no)) return Answer::no;
  }
  return Answer::unsaid;
}

}  // namespace backout::importers
