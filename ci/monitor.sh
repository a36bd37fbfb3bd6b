#!/bin/sh
# Starts and ends the watch of a job, for any CI system: start, stop.
#
#   POLICY        a policy file                      PROJECT  the project whose locks count [.]
#   EXPORT        places for events, one a line      FAIL_ON  block, review or note [block]
#   DISABLE_SUDO  true: take away sudo and docker after the start
#   FORETASTE_OUT the folder for the report          [foretaste-reports]
set -eu
tool=$(command -v foretaste)
as_root=
[ "$(id -u)" = 0 ] || as_root="sudo --preserve-env=FORETASTE_ELASTIC_API_KEY,FORETASTE_SPLUNK_TOKEN,DD_API_KEY,OTEL_EXPORTER_OTLP_HEADERS"
out=${FORETASTE_OUT:-foretaste-reports}

case "${1:-}" in
start)
    set -- monitor start --project "${PROJECT:-.}"
    [ -z "${POLICY:-}" ] || set -- "$@" --policy "$POLICY"
    while IFS= read -r place; do
        [ -z "$place" ] || set -- "$@" --export "$place"
    done <<PLACES
${EXPORT:-}
PLACES
    $as_root "$tool" "$@"
    if [ "${DISABLE_SUDO:-false}" = true ]; then
        # the last step needs one way back: this program, to end the watch and nothing else
        user=$(id -un)
        $as_root sh -c "umask 337; echo '$user ALL=(root) NOPASSWD: $tool monitor stop *' > /etc/sudoers.d/zz-foretaste
            for file in /etc/sudoers.d/*; do [ \"\$file\" = /etc/sudoers.d/zz-foretaste ] || rm -f \"\$file\"; done
            gpasswd -d '$user' docker 2>/dev/null; gpasswd -d '$user' sudo 2>/dev/null; chmod 600 /var/run/docker.sock 2>/dev/null; true"
    fi
    ;;
stop)
    mkdir -p "$out"
    code=0
    $as_root "$tool" monitor stop --format json --fail-on "${FAIL_ON:-block}" > "$out/monitor.json" || code=$?
    # the watch is over: its report for people lies beside the one for machines
    text=$(cat /run/foretaste-monitor/report.txt 2>/dev/null || $as_root "$tool" monitor stop --fail-on block 2>&1 || true)
    printf '%s\n' "$text"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        # four spaces make it text: nothing in it is markup
        { echo "### Foretaste monitor"; echo; printf '%s\n' "$text" | sed 's/^/    /'; } >> "$GITHUB_STEP_SUMMARY"
    fi
    [ -z "${GITHUB_OUTPUT:-}" ] || echo "report=$out/monitor.json" >> "$GITHUB_OUTPUT"
    exit "$code"
    ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
