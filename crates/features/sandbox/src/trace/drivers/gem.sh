# Installs, loads and runs one gem inside a sealed run: drive.sh STEP PACKAGE NAME.
step=$1 package=$2 name=$3
case $step in
install)
    if [ -d "$package" ]; then
        cp -R "$package" source && cd source && gem build --output ../built.gem ./*.gemspec || exit 3
        cd .. && package=built.gem
    fi
    gem install --local --no-document --ignore-dependencies --force --install-dir gems "$package"
    ;;
import)
    GEM_HOME=$PWD/gems timeout 60 ruby -e 'require ARGV[0].tr("-", "/") rescue require ARGV[0]' "$name"
    ;;
run)
    for program in gems/bin/*; do
        if [ -x "$program" ]; then GEM_HOME=$PWD/gems timeout 30 "$program" --help; fi
    done
    true
    ;;
esac
