-- Plays a session in Neovim: diagnostics, changes, hover, a code action, definition.
local function fail(what)
  io.stderr:write("neovim: " .. what .. "\n")
  vim.cmd("cquit 1")
end

local backout = dofile(os.getenv("EDITORS") .. "/neovim/backout.lua")
backout.command[1] = os.getenv("BACKOUT")

local function rules(buffer)
  local all = {}
  for _, each in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(all, string.format("%s %d:%d", each.code or "mistake", each.lnum, each.col))
  end
  table.sort(all)
  return table.concat(all, ", ")
end

local function wait_for(buffer, wanted)
  if not vim.wait(20000, function() return rules(buffer) == wanted end, 50) then
    fail("wanted '" .. wanted .. "', got '" .. rules(buffer) .. "'")
  end
end

local plan = [[
backout: 1
name: small
services:
  api: {kind: systemd, unit: api, versions: {old: {operations: none}, new: {operations: none}}, start: old}
deploy:
  steps:
    - {id: ship, do: deploy, target: api, version: new, takes: 1m, undo: back, verify: {http: api/health, expect: 200}}
rollback:
  paths:
    full: [back]
  steps:
    - {id: back, do: deploy, target: api, version: old, takes: 1m, verify: {version: old, of: api}}
]]
local file = io.open("plan.yaml", "w")
file:write(plan)
file:close()
vim.cmd("edit plan.yaml")
local buffer = vim.api.nvim_get_current_buf()
wait_for(buffer, "version-not-verified 6:11")

-- An astral character is two units of UTF-16 and four bytes: the columns of the client and of the server agree.
vim.api.nvim_buf_set_text(buffer, 6, 7, 6, 7, { 'note: "😀é", ' })
wait_for(buffer, "version-not-verified 6:27")
vim.api.nvim_buf_set_text(buffer, 1, 0, 1, 4, { "nome" })
wait_for(buffer, "mistake 1:0")
vim.cmd("silent undo | silent undo")
vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(vim.trim(plan), "\n"))
wait_for(buffer, "version-not-verified 6:11")

local function ask(method, line, character, more)
  local params = vim.tbl_extend("force", {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    position = { line = line, character = character },
  }, more or {})
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  for _, answer in pairs(answers or {}) do
    return answer.result
  end
  fail("no answer to " .. method)
end

local hover = ask("textDocument/hover", 6, 20)
if not hover.contents.value:find("deploy", 1, true) then fail("the hover is " .. hover.contents.value) end
local definition = ask("textDocument/definition", 9, 12)
if definition.range.start.line ~= 11 then fail("the definition is on line " .. definition.range.start.line) end
local range = { start = { line = 6, character = 12 }, ["end"] = { line = 6, character = 12 } }
local actions = ask("textDocument/codeAction", 6, 12, { range = range, context = { diagnostics = {} } })
local accept
for _, action in ipairs(actions) do
  if action.title:find("Accept", 1, true) then accept = action end
end
if not accept then fail("there is no action that accepts the finding") end
vim.lsp.util.apply_workspace_edit(accept.edit, "utf-16")
wait_for(buffer, "")
io.stdout:write("neovim: all seen\n")
vim.cmd("qall!")
