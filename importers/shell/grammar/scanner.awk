# The scanner of the grammar asks for the column at every character of a here document, and is answered by reading the line from its
# begin: a line of 100 kB takes a minute. Behind a character of the same line the column is not 0, so there it need not ask.
/^static bool scan_heredoc_content\(/ { within = 1 }
/^}/ { within = 0 }
within && /default: \{/ { fallback = 1 }
within && /if \(lexer->get_column\(lexer\) == 0\) \{/ { sub(/lexer->get_column/, "!inside \\&\\& lexer->get_column"); changed++ }
{ print }
within && /bool did_advance = false;/ { print "    bool inside = false;"; changed++ }
within && (/case '\\\\': \{/ || /case '\\n': \{/) { print "                inside = false;"; changed++ }
within && fallback && /^                did_advance = true;/ { print "                inside = lexer->lookahead != '\\n';"; changed++ }
END { exit changed == 5 ? 0 : 1 }
