add_test(NAME campaign/two_builds COMMAND ${CMAKE_CURRENT_LIST_DIR}/two_builds_test $<TARGET_FILE:backout>)
set_tests_properties(campaign/two_builds PROPERTIES LABELS slow TIMEOUT 900 RESOURCE_LOCK dist)
