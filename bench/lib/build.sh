# Builds the targets that are named in build/bench, with -O2. Sourced by the benches.
scripts/setup build
cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O2 -DBACKOUT_BENCH=ON > /dev/null
ninja -C build/bench "$@" > /dev/null

# What a program that is run several times said, and the least of the numbers that it printed last.
best() { awk 'NF > 1 {said = $0} NF == 1 && (best == "" || $1 < best) {best = $1} END {print said; print best}'; }
