// Starts `backout lsp` and hands documents to it. All that it knows, it knows from there.
const { window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const LANGUAGES = ["yaml", "json", "markdown", "shellscript"];
let client;

exports.activate = (context) => {
  const settings = workspace.getConfiguration("backout");
  const server = { command: settings.get("path"), args: ["lsp", ...settings.get("arguments")] };
  const documentSelector = LANGUAGES.flatMap((language) => [
    { scheme: "file", language },
    { scheme: "untitled", language },
  ]);
  const synchronize = { fileEvents: workspace.createFileSystemWatcher("**/{backout.toml,*.sql}") };
  client = new LanguageClient("backout", "backout", server, { documentSelector, synchronize });
  context.subscriptions.push(client);
  return client.start().catch((error) =>
    window.showErrorMessage(`backout: cannot start '${server.command}' (${error.message}). Install it, or set backout.path.`));
};

exports.deactivate = () => client && client.stop();
