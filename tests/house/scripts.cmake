add_test(NAME house/tidy COMMAND scripts/tidy 1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(house/tidy PROPERTIES LABELS slow TIMEOUT 1800 COST 1000)  # the longest: it begins first
