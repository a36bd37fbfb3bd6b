# Builds and runs one crate inside a sealed run: drive.sh STEP PACKAGE NAME.
step=$1 package=$2
unpack() {
    mkdir source
    if [ -d "$package" ]; then
        cp -R "$package/." source
    else
        tar -xzf "$package" -C source --strip-components=1 --no-same-owner
    fi
}
case $step in
install)
    # its build script and its procedural macros run while it is built
    unpack && cd source && cargo build --offline --quiet
    ;;
import)
    cd source && cargo test --offline --quiet --no-run
    ;;
run)
    cd source || exit 3
    for program in target/debug/*; do
        if [ -f "$program" ] && [ -x "$program" ]; then timeout 30 "$program" --help; fi
    done
    true
    ;;
esac
