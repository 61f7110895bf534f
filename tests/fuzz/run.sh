#!/usr/bin/env bash
# run.sh BINDIR TARGET|all SECONDS: each target over its kept seeds, then SECONDS of new inputs. SECONDS = 0 only replays the seeds.
#
# One line per target; ends with 1 if anything was found. Beside BINDIR: artifacts/ holds what was found, logs/ what libFuzzer said, and corpus/
# the inputs of earlier runs that reached something new. To see a finding again:   BINDIR/fuzz_TARGET artifacts/TARGET-crash-…
set -euo pipefail
[ $# = 3 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
bin=$(cd "$1" && pwd) wanted=$2 seconds=$3
work=$(dirname "$bin")
mkdir -p "$work/artifacts" "$work/logs" "$work/corpus"

# The small ones of the PDF corpus are seeds, too, in their own folder.
small_pdfs=$work/corpus/.small-pdfs
mkdir -p "$small_pdfs"
find "$here/../data/pdf" -maxdepth 1 -name '*.pdf' -size -8193c -exec ln -sf -t "$small_pdfs" {} +

export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:handle_abort=1:quarantine_size_mb=64
export UBSAN_OPTIONS=print_stacktrace=1

# What differs between targets: the longest input, the dictionary, further seeds.
settings() {
    most=4096 dictionary=$1 more=()
    case $1 in
        pdf_*) most=16384 dictionary=pdf more=("$small_pdfs") ;;
        prompter_frame | order | firefox_policies | ra_decision | segment_line) dictionary=json ;;
        certificate | revocation_answer | cms | document_* | worker_* | pkcs11_frames) most=8192 ;;
        rfc3339 | ecdsa) most=256 ;;
    esac
}

stat_of() { sed -n "s/^stat::$1: *//p" "$2" | tail -1; }

run() {
    local target=$1 log=$work/logs/$1.log most dictionary more
    settings "$target"
    local options=(-max_len="$most" -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$work/artifacts/$target-" -print_final_stats=1)
    [ -f "$here/dictionaries/$dictionary.dict" ] && options+=(-dict="$here/dictionaries/$dictionary.dict")
    mkdir -p "$work/corpus/$target"
    local folders=("$here/corpus/$target" "${more[@]}")
    for folder in "${folders[@]}"; do [ -d "$folder" ] || mkdir -p "$folder"; done
    if [ "$seconds" = 0 ]; then options+=(-runs=0); else options+=(-max_total_time="$seconds") folders=("$work/corpus/$target" "${folders[@]}"); fi
    local verdict=ok
    "$bin/fuzz_$target" "${options[@]}" "${folders[@]}" >"$log" 2>&1 || verdict=FOUND
    local reached
    reached=$(grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$log" | tail -1)
    printf '%-17s %-5s %8s runs %7s/s  %-32s %4s MB\n' "$target" "$verdict" "$(stat_of number_of_executed_units "$log")" "$(stat_of average_exec_per_sec "$log")" "$reached" "$(stat_of peak_rss_mb "$log")"
    [ $verdict = ok ] && return
    grep -E 'ERROR: |SUMMARY|property broken|runtime error|Test unit written' "$log" | sed 's/^/    /'
    return 1
}

if [ "$wanted" = all ]; then targets=$(cd "$bin" && ls -d fuzz_* | sed 's/^fuzz_//'); else targets=$wanted; fi
found=0
for target in $targets; do run "$target" || found=1; done
exit $found
