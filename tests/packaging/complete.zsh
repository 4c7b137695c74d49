# zsh -f complete.zsh SCRIPT LINE: types LINE and a TAB into an interactive zsh that has loaded SCRIPT, presses Enter,
# and prints the arguments that backout was then called with, between < and >.
zmodload zsh/zpty
zpty shell zsh -f
zpty -w shell "PS1=; setopt no_beep; autoload -Uz compinit; compinit -u -D; source ${(q)1}; \
backout() { print -r -- \"<\$*>\" }; print RE''ADY"
while zpty -r shell line; do [[ $line == READY* ]] && break; done
zpty -w -n shell "$2"$'\t'
sleep 0.3
zpty -w -n shell $'\n'
for i in {1..100}; do
  zpty -r -t shell line || { sleep 0.1; continue }
  [[ $line == "<"* ]] && { print -r -- "${line%$'\r\n'}"; break }
done
