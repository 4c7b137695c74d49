add_test(NAME page/browser COMMAND ${CMAKE_CURRENT_LIST_DIR}/browser_test $<TARGET_FILE:backout> ${CMAKE_BINARY_DIR}/page-test)
set_tests_properties(page/browser PROPERTIES LABELS slow TIMEOUT 600)
