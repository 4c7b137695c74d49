-- The language server of backout for Neovim 0.7 and later: put this file into ~/.config/nvim/plugin/.
-- It is started for plans, Markdown, shell scripts and workflows; what is none of a rollback, the server leaves alone.
local M = {}

M.command = { "backout", "lsp" }
M.filetypes = { "yaml", "json", "markdown", "sh", "bash" }

--- The folder of the project: the nearest one above `file` that has a backout.toml or a .git.
function M.root(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  while true do
    for _, mark in ipairs({ "backout.toml", ".git" }) do
      if vim.loop.fs_stat(folder .. "/" .. mark) then return folder end
    end
    local above = vim.fn.fnamemodify(folder, ":h")
    if above == folder then return vim.fn.fnamemodify(file, ":p:h") end
    folder = above
  end
end

local clients = {} -- by project

function M.attach(buffer)
  local root = M.root(vim.api.nvim_buf_get_name(buffer))
  local client = clients[root] and vim.lsp.get_client_by_id(clients[root])
  if not client or client.is_stopped() then
    clients[root] = vim.lsp.start_client({ name = "backout", cmd = M.command, root_dir = root })
  end
  if clients[root] then vim.lsp.buf_attach_client(buffer, clients[root]) end
  return clients[root]
end

vim.api.nvim_create_autocmd("FileType", {
  pattern = M.filetypes,
  callback = function(event) M.attach(event.buf) end,
})

return M
