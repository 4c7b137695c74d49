add_test(NAME site/site COMMAND ${CMAKE_CURRENT_LIST_DIR}/site_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(site/site PROPERTIES TIMEOUT 300)
