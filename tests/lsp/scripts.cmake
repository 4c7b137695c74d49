add_test(NAME lsp/neovim COMMAND ${CMAKE_CURRENT_LIST_DIR}/neovim_test $<TARGET_FILE:backout>)
set_tests_properties(lsp/neovim PROPERTIES TIMEOUT 120)
