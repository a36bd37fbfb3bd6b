#!/bin/sh
# Vets what a pull or merge request changes in a project's dependencies. Used by action.yml and templates/audit.yml.
#
#   FORETASTE_SINCE   the revision to compare with (required): origin/main, a commit
#   FORETASTE_DIR     the project [.]
#   FORETASTE_OUT     the folder for reports [foretaste-reports]
#   FORETASTE_FAIL_ON block, review or note [the policy's, else block]
#
# Leaves comment.md, report.json, report.sarif and gl-code-quality-report.json and
# gl-dependency-scanning-report.json in FORETASTE_OUT, and ends with the exit code
# of `foretaste audit`.
set -eu

since=${FORETASTE_SINCE:?the revision to compare with, for example origin/main}
folder=${FORETASTE_DIR:-.}
out=${FORETASTE_OUT:-foretaste-reports}
mkdir -p "$out"

format=human
if [ -n "${GITHUB_ACTIONS:-}" ]; then
    format=github
fi
set -- audit --since "$since" --format "$format" \
    --also "markdown=$out/comment.md" \
    --also "json=$out/report.json" \
    --also "sarif=$out/report.sarif" \
    --also "gitlab=$out/gl-code-quality-report.json" \
    --also "gitlab-dependencies=$out/gl-dependency-scanning-report.json"
if [ -n "${FORETASTE_FAIL_ON:-}" ]; then
    set -- "$@" --fail-on "$FORETASTE_FAIL_ON"
fi

status=0
foretaste "$@" -- "$folder" || status=$?

if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$out/comment.md" ]; then
    cat "$out/comment.md" >>"$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    {
        echo "comment=$out/comment.md"
        echo "sarif=$out/report.sarif"
        echo "exit-code=$status"
    } >>"$GITHUB_OUTPUT"
fi
exit "$status"
