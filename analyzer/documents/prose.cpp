#include "analyzer/documents/prose.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "analyzer/documents/common.hpp"
#include "importers/document/words.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Line;

constexpr std::array kRestores = std::to_array<std::string_view>(
    {"restore ", "recover ", "reload the data", "import the backup", "import backup", "restaurar ",
     "recuperar ", "restaurer ", "récupérer ", "odtwórz ", "przywróć ", "восстановить ",
     "восстановите ", "恢复", "还原", "geri yükle", "ripristina", "herstel ", "استعادة"});

constexpr std::array kActs = std::to_array<std::string_view>(
    {"activate ", "apply ", "re-apply ", "reapply ", "bring up ", "cut over", "decommission ",
     "delete ", "deploy ", "redeploy", "re-deploy", "destroy ", "detach ", "disable ", "drain ",
     "drop ", "enable ", "re-enable ", "fail over", "failover ", "flip ", "force ", "install ",
     "reinstall ", "invalidate ", "launch ", "migrate ", "move ", "pause ", "point ", "promote ",
     "provision ", "purge ", "reactivate ", "rebuild ", "recreate ", "reload ", "remove ",
     "rename ", "replace ", "reroute ", "reset ", "restart ", "resume ", "revert ", "revoke ",
     "roll back", "rollback ", "rotate ", "scale ", "shut down", "start ", "stop ", "swap ",
     "switch ", "turn off", "turn on", "undo ", "update ", "upgrade ", "downgrade ", "create ",
     "run ", "execute ", "set ", "repoint ", "unpin ", "generate ", "clear ", "flush ", "extract ",
     "insert ", "re-insert ", "reinsert ", "mount ", "attach ", "spin up", "stand up", "bring back",
     "put back", "reinstate ", "reconfigure ", "terminate ",
     // Spanish, Portuguese, Italian
     "desplegar", "detener", "reiniciar", "revertir", "reverter", "deshabilitar", "desactivar",
     "habilitar", "activar", "eliminar", "actualizar ", "ejecutar", "implantar", "fazer deploy",
     "parar ", "iniciar ", "executar", "atualizar ", "desabilitar", "excluir ", "apagar ",
     "fermare ", "riavviare", "riavvia ", "ferma ",
     // French
     "arrêter", "redémarrer", "démarrer", "déployer", "redéployer", "basculer", "désactiver",
     "activer", "révoquer", "supprimer", "générer", "exécuter", "relancer", "mettre à jour",
     "revenir",
     // German, Dutch, Polish, Turkish
     "stoppe", "starte", "deaktivier", "aktivier", "lösche", "schalte", "rolle ", "herunterfahren",
     "zurückrollen", "zurücksetzen", "herstart ", "wdróż ", "zatrzymaj ", "uruchom ", "wycofaj ",
     "przełącz ", "durdur", "yeniden başlat",
     // Russian, Chinese, Japanese, Arabic
     "остановить", "остановите", "перезапустить", "откатить", "откатите", "удалить", "переключить",
     "отключить", "停止", "重启", "回滚", "切换", "部署", "删除", "ロールバック", "再起動", "إيقاف",
     "إعادة تشغيل", "التراجع", "حذف"});

constexpr std::array kChecks = std::to_array<std::string_view>(
    {"verify",      "re-verify",  "recheck",   "re-check",   "check ",     "confirm ",  "ensure ",
     "validate",    "monitor ",   "make sure", "test ",      "smoke test", "watch ",    "verificar",
     "comprobar",   "confirmar",  "validar",   "probar ",    "monitorear", "monitorar", "testar ",
     "vérifier",    "contrôler",  "valider",   "tester ",    "überprüfe",  "prüfe",     "sprawdź",
     "weryfikacja", "zweryfikuj", "проверить", "проверьте",  "убедиться",  "убедитесь", "验证",
     "检查",        "确认",       "確認",      "kontrol et", "doğrula",    "verifica",  "controlla",
     "controleer",  "التحقق",     "فحص",       "اختبار"});

/// Orders to speak, write or think: no system changes.
bool is_talk(std::string_view text) {
  return has_any(text,
                 {"status page", "stakeholder", "customer",   "slack",        "channel",
                  "incident",    "document",    "ticket",     "post-mortem",  "postmortem",
                  "team",        "report",      "runbook",    "contact",      "war room",
                  "timer",       "meeting",     "call ",      "twitter",      "email",
                  "e-mail",      "announce",    "fix in",     "test suite",   "monitoring/alert",
                  "lessons",     "equipo",      "équipe",     "equipe",       "documentar",
                  "documenter",  "root cause",  "investigat", "follow-up",    "jira",
                  "issue",       "retro",       "drill",      "with caution", "carefully",
                  "action item"});
}

/// The words of the order: without number, tick, label and colon.
std::string said(const Line& line) {
  std::string text = lower(line.text);
  const std::string label = lower(line.label);
  if (!label.empty() && text.starts_with(label) && text.size() > label.size() + 3) {
    const std::size_t begin = text.find_first_not_of(":. *)-\u2013", label.size());
    const std::string behind = text.substr(label.size(), 4);
    const bool sentence = behind.substr(0, 2).find(':') != std::string::npos ||
                          label.ends_with(':') || behind.starts_with(" - ") ||
                          behind.starts_with(" \u2013");
    if (sentence && begin != std::string::npos) text = text.substr(begin);
  }
  const std::size_t first = text.find_first_not_of(" 0123456789.)-:");
  return first == std::string::npos ? text : text.substr(first);
}

/// Words that tell one thing from another: of four letters and more, without what every runbook
/// says.
std::vector<std::string> subjects(std::string_view text) {
  static constexpr std::array kCommon = std::to_array<std::string_view>(
      {"with",    "from",      "this",     "that",      "previous",   "version", "rollback",
       "restore", "service",   "services", "procedure", "using",      "into",    "last",
       "the",     "good",      "stable",   "restart",   "latest",     "update",  "production",
       "roll",    "back",      "deploy",   "redeploy",  "deployment", "revert",  "after",
       "before",  "necessary", "needed"});
  std::vector<std::string> all;
  std::string word;
  for (const char c : lower(text) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0) {
      word += c;
      continue;
    }
    if (word.size() >= 4 && std::ranges::find(kCommon, word) == kCommon.end()) all.push_back(word);
    word.clear();
  }
  return all;
}

/// A word of English in a sentence of another script: "Rollback 후 코드도 ..." tells what has to
/// hold.
bool is_other_script(std::string_view text) {
  const auto other = static_cast<std::size_t>(
      std::ranges::count_if(text, [](unsigned char c) { return c >= 0x80; }));
  return !text.empty() && static_cast<unsigned char>(text[0]) < 0x80 && other * 2 > text.size();
}

/// "Deploy completes", "Rollback is triggered": what happens, and no order.
bool tells(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view rest = text.substr(space + 1);
  const std::string_view verb = rest.substr(0, rest.find_first_of(" ,.;:"));
  static constexpr std::array kVerbs = std::to_array<std::string_view>(
      {"completes", "runs", "fails", "starts", "finishes", "succeeds", "is", "was", "has", "gets",
       "happens", "begins", "ends", "occurs", "triggers", "takes"});
  // "Restore service quickly" is an aim, and "check out the tag" no look.
  static constexpr std::array kAims =
      std::to_array<std::string_view>({" quickly", " quickly.", " as soon as possible",
                                       " as possible", " with confidence", " safely", " safely."});
  const bool aim =
      std::ranges::any_of(kAims, [&](std::string_view end) { return text.ends_with(end); });
  return std::ranges::find(kVerbs, verb) != kVerbs.end() || text.starts_with("plan ") ||
         text.starts_with("schedule ") || text.starts_with("consider ") || aim;
}

/// "Use PITR to restore ...", "Perform a point-in-time restore", "Initiate the recovery of the
/// database".
bool restores_by_something(std::string_view text) {
  const bool by = text.starts_with("use ") && has_any(text, {" to restore ", " to recover "});
  static constexpr std::array kBegins = std::to_array<std::string_view>(
      {"perform ", "initiate ", "execute ", "trigger ", "start ", "begin ", "run ", "do "});
  const bool named = has_any(text, {"point-in-time", "point in time", "pitr", "database restore",
                                    "restore of the database", "backup restore", "data restore",
                                    "database recovery", "snapshot restore", "restore from"});
  // "In the console choose the latest backup and click Restore"; alone it is a click of a list
  // whose other items name the backup.
  std::string words(text);
  std::erase(words, '"');
  const bool clicked =
      has_any(words, {"click restore", "click on restore", "press restore", "select restore",
                      "choose restore", "hit restore"}) &&
      (has_any(text, {"backup", "snapshot", "dump", "point in time", "pitr"}) ||
       importers::begins_with_any(words, {"click ", "press ", "select ", "choose ", "hit "}));
  return by || clicked ||
         (importers::begins_with_any(text, kBegins) && named && !begins_word(text, {"test"}) &&
          !has_any(text, {"drill", "verif"}));
}

/// Whether code in a sentence only names what it speaks of: "restart `worker`", "set `KEY` to the
/// former value"; not "restore with `pg_restore`", "run `restore-all`".
bool is_bare_name(std::string_view code, std::string_view before) {
  if (code.empty() || code.find_first_of(" /(=|;&\\") != std::string_view::npos ||
      code.starts_with('-') || code.starts_with('.'))
    return false;
  for (const std::string_view end : {".sh", ".py", ".js", ".ts", ".sql", ".ps1", ".rb", ".php",
                                     ".md", ".yml", ".yaml", ".json", ".toml", ".tf", ".conf"}) {
    if (code.ends_with(end)) return false;
  }
  static constexpr std::array kVerbs = std::to_array<std::string_view>(
      {"abort", "undo", "restart", "rollback", "restore", "deploy", "apply", "up", "down",
       "promote", "revert", "stop", "start"});
  if (std::ranges::find(kVerbs, code) != kVerbs.end()) return false;
  const std::string low = lower(before);
  static constexpr std::array kMeans =
      std::to_array<std::string_view>({"with ", "using ", "via ", "run ", "execute ", "use ", "by ",
                                       "through ", "call ", "invoke ", "command ", "from "});
  return std::ranges::none_of(kMeans, [&](std::string_view word) { return low.ends_with(word); });
}

}  // namespace

Order order_of(const Line& line) {
  const std::string text = said(line);
  if (text.size() > 240 || text.starts_with("check out ")) return Order::none;
  // "したこと", "の改善": what is told or wished, and no order.
  for (const std::string_view end : {"こと", "改善", "更新", "記録"}) {
    if (text.ends_with(end)) return Order::none;
  }
  // "Confirm the rollback": a click of a console.
  for (const std::string_view what : {"rollback", "restore", "deletion", "action", "prompt",
                                      "dialog", "redeploy", "promotion", "switch"}) {
    for (const std::string_view article : {"the ", "your ", ""}) {
      const std::string click = "confirm " + std::string(article) + std::string(what);
      if (text == click || text == click + ".") return Order::none;
    }
    if (text.starts_with("confirmar ") && text.ends_with(what) && text.size() < 24)
      return Order::none;
  }
  if (importers::begins_with_any(text, kChecks)) return Order::check;
  if (is_talk(text)) return Order::none;
  if (tells(text) || is_other_script(text) || has_any(text, {"前提", "条件："})) return Order::none;
  // "Restore target, measured times": a name of something.
  for (const std::string_view name :
       {"restore target", "restore point", "restore time", "recover time", "restore drill",
        "restore test", "restore to any ", "restore any "}) {
    if (text.starts_with(name)) return Order::none;
  }
  if (importers::begins_with_any(text, kRestores) || restores_by_something(text))
    return Order::restore;
  // "Database migration rollback" names a step and says nothing of it.
  const bool names =
      text.size() < 40 && (text.ends_with(" rollback") || text.ends_with(" revert") ||
                           text.ends_with(" restore") || text.ends_with(" restoration"));
  return names || importers::begins_with_any(text, kActs) ? Order::act : Order::none;
}

bool is_click_on_data(const Document& document, const Line& line) {
  if (!importers::begins_with_any(said(line), {"click ", "press ", "select ", "choose ", "hit "}))
    return false;
  return section_says(document, line.section, {"backup", "database"}) ||
         any_line(document, line.section, [](const Line&, std::string_view low) {
           return has_any(low,
                          {"backup", "database", "snapshot", "restore point", "point in time"});
         });
}

bool speaks_of_loss(std::string_view low) {
  return has_any(
      low, {"data loss", "lose data", "lost", "since the backup", "writes since",
            "after the backup", "newer than", "pérdida de", "perdida de datos", "perda de dados",
            "perte de données", "datenverlust", "数据丢失", "失われ", "データ損失", "потер"});
}

std::string_view raw_of(const DocumentFacts& facts, const Line& line) {
  const std::string_view text = facts.sources[line.span.file].text();
  return text.substr(std::min<std::size_t>(line.span.begin, text.size()),
                     line.span.end - line.span.begin);
}

bool is_procedure(const DocumentFacts& facts, std::uint32_t section) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return false;
  // Without a heading the name of the file says what the text is about.
  if (section == importers::kNowhere)
    return document.sections.empty() &&
           has_any(file_name_of(facts), {"rollback", "restore", "recover"});
  const Role role = document.role(section);
  // A rehearsal of a restore is none; notes are no steps.
  if (has_any(lower(document.title), {"dry-run", "dry run", "drill", "rehearsal"})) return false;
  const std::string_view own = document.low().titles[section];
  if (own == "notes" || own == "note" || own.starts_with("detection") ||
      own.starts_with("how it works") || own == "features" || own == "key features" ||
      own.starts_with("symptom") || own.starts_with("important") ||
      has_any(own, {"caveat",           "overview",  "background",  "considerations",
                    "evidence",         "artifacts", "requirement", "expectation",
                    "to build",         "to-do",     "todo",        "open item",
                    "strategy",         "policy",    "rules",       "limitation",
                    "what must",        "scope",     "improvement", "prerequisite",
                    "fix and redeploy", "objective", "goal",        "purpose",
                    "precondition"}))
    return false;
  if (section_says_word(document, section, {"drill", "drills", "rehearsal", "tabletop"}) ||
      has_any(own, {"comprehensive test", "annual test", "monthly test", "quarterly test"}))
    return false;
  if (role == Role::rollback) return true;
  if (role != Role::other || section_says_word(document, section,
                                               {"tests", "testing", "training", "plan review",
                                                "review schedule", "test procedures"}))
    return false;
  for (; section != importers::kNowhere; section = document.sections[section].parent) {
    if (has_any(
            lower(document.sections[section].title),
            {"recover", "rollback", "roll back", "restor", "failover", "fail over", "incident",
             "scenario", "emergency", "resolution", "remediat", "mitigat", "reverse", "revert"})) {
      return true;
    }
  }
  return false;
}

bool leads_back(const DocumentFacts& facts, std::uint32_t section) {
  const Role role = facts.document.role(section);
  return role == Role::rollback || (role == Role::other && is_procedure(facts, section));
}

std::vector<const Block*> blocks_of_way_back(const DocumentFacts& facts) {
  std::vector<const Block*> all = shell_blocks(facts.document);
  std::erase_if(all, [&](const Block* block) {
    return !is_followed(facts, *block) || !leads_back(facts, block->section);
  });
  return all;
}

bool has_telling_code(std::string_view raw) {
  std::size_t open = raw.find('`');
  while (open != std::string_view::npos) {
    const std::size_t close = raw.find('`', open + 1);
    if (close == std::string_view::npos || close == open + 1) return true;
    const std::string_view before = raw.substr(0, open);
    if (!is_bare_name(raw.substr(open + 1, close - open - 1),
                      before.substr(before.size() - std::min<std::size_t>(before.size(), 10))))
      return true;
    open = raw.find('`', close + 1);
  }
  return false;
}

bool starts_in_words(const importers::Document& document, std::uint32_t from) {
  static constexpr std::string_view kBegins[] = {
      "start ",    "restart", "bring up", "bring the",  "turn on", "turn the",
      "resume",    "unpause", "scale up", "scale back", "deploy ", "redeploy",
      "re-deploy", "iniciar", "inicie",   "arranc",     "starte",  "démarr",
      "relanc",    "avvia",   "启动",     "запуст"};
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (document.lines[i].span.begin > from &&
        importers::begins_with_any(document.low().lines[i], kBegins))
      return true;
  }
  return false;
}

bool has_items(const Document& document, std::size_t line) {
  const std::size_t next = line + 1;
  return next < document.lines.size() &&
         document.lines[next].section == document.lines[line].section &&
         document.lines[next].depth > document.lines[line].depth;
}

bool says_how(const DocumentFacts& facts, std::size_t index) {
  const Document& document = facts.document;
  const Line& line = document.lines[index];
  const std::string_view raw = raw_of(facts, line);
  const Order order = order_of(line);
  // A change of the code is a commit: "Replace the `status` strings with an enum".
  const bool of_code =
      has_any(document.low().lines[index],
              {"tooling", "refactor", "enum", "module", "component", "interface", "function",
               "models", "processor", "unit test", "secrets:", "class ", "import "});
  const bool changes = !of_code && (order == Order::act || order == Order::restore);
  if (has_any(raw, {"](", "http"}) || (changes ? has_telling_code(raw) : has(raw, "`")))
    return true;
  if (has_any(lower(line.text),
              {".md",       "dashboard", "console",      "click",     "navigate",
               " ui",       "menu",      "button",       "->",        "→",
               " via ",     "see ",      "section ",     "playbook",  "pipeline",
               "workflow",  ".sh",       "script",       "actions",   "follow ",
               "procedure", "argocd",    "argo cd",      "automatic", "the command",
               "described", "above",     "below",        "painel",    "consola",
               "voir ",     "siehe",     "support",      "vendor",    "manually",
               " n/a",      " per ",     "according to", "settings",  "secret manager"})) {
    return true;
  }
  // "The script will, for each database:" tells what something else does.
  int depth = line.depth;
  for (std::size_t i = index; i-- > 0 && document.lines[i].section == line.section;) {
    const bool paragraph =
        document.lines[i].kind == Line::Kind::paragraph && document.lines[i].depth == 0;
    if (!paragraph && document.lines[i].depth >= depth) continue;
    depth = document.lines[i].depth;
    const std::string& lead = document.low().lines[i];
    if (has_any(lead, {"script will", "script does", "this will", "does the following",
                       "will automatically", "job will", "pipeline will", "workflow will",
                       "it will", "tool will", "command will"}))
      return true;
    if (paragraph) break;
  }
  const std::uint32_t until = index + 1 < document.lines.size()
                                  ? document.lines[index + 1].span.begin
                                  : importers::kNowhere;
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    return holds(line, block) || (block.section == line.section &&
                                  block.span.begin > line.span.begin && block.span.begin < until);
  });
}

bool told_elsewhere(const Document& document, const Line& line) {
  const std::vector<std::string> about = subjects(line.text);
  const bool back = has_any(lower(line.text), {"rollback", "roll back", "revert", "redeploy"});
  const auto speaks = [&](std::string_view title) {
    const std::string text = lower(title);
    if (about.empty() || back) {
      if (has_any(text, {"rollback", "roll back", "revert", "redeploy"})) return true;
    }
    return std::ranges::any_of(about, [&](const std::string& word) { return has(text, word); });
  };
  for (const Block& block : document.blocks) {
    if (block.left_out || block.section == line.section) continue;
    if (speaks(document.title_of(block.section))) return true;
    if (std::ranges::any_of(block.script.segments,
                            [&](const importers::Segment& each) { return speaks(each.title); }))
      return true;
  }
  return false;
}

}  // namespace backout::analyzer::documents
