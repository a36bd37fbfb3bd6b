"""Installs, imports and runs one Python package inside a sealed run: drive.py STEP PACKAGE NAME."""
import importlib.util, os, re, runpy, shutil, subprocess, sys, sysconfig, types, zipfile

STEP, PACKAGE, NAME = sys.argv[1:4]
SITE, SOURCE, ROOT = (os.path.abspath(name) for name in ("site", "source", "root"))
MODULES, COMMANDS, SECONDS = 20, 20, 30


def has(module):
    return importlib.util.find_spec(module.split(".")[0]) is not None


def makes_wheels():
    if has("wheel"):
        return True
    try:
        from importlib.metadata import version

        return [int(part) for part in version("setuptools").split(".")[:2]] >= [70, 1]
    except Exception:
        return False


def unpack():
    """The package's source as a folder of its own."""
    if os.path.isdir(PACKAGE):
        skip = shutil.ignore_patterns(".git", "node_modules", ".venv", "venv", "target")
        shutil.copytree(PACKAGE, SOURCE, symlinks=True, ignore=skip)
        return SOURCE
    shutil.unpack_archive(PACKAGE, SOURCE)
    inner = os.listdir(SOURCE)
    return os.path.join(SOURCE, inner[0]) if len(inner) == 1 else SOURCE


def backend(folder):
    """What builds it, by its pyproject.toml; none without one."""
    try:
        with open(os.path.join(folder, "pyproject.toml"), encoding="utf-8") as file:
            found = re.search(r"""^\s*build-backend\s*=\s*['"]([\w.:-]+)""", file.read(), re.M)
    except OSError:
        return None
    return found.group(1) if found else "setuptools"


class Command:
    """A stand-in for every command of setuptools: it does nothing, and what is derived from it does its own part."""

    user_options, sub_commands, boolean_options = [], [], []

    def __init__(self, *_, **__):
        self.distribution, self.install_lib, self.build_lib, self.extensions = self, SITE, SITE, []
        self.metadata = self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None

    def run(self):
        pass


class Standin(types.ModuleType):
    """A stand-in for setuptools and distutils, where they are not installed: enough for a setup.py to run."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("find_packages", "find_namespace_packages"):
            return lambda *_, **__: []
        if name == "setup":
            return setup
        return type(name, (Command,), {})


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("setuptools", "distutils"):
            return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        return Standin(spec.name)

    def exec_module(self, module):
        pass


def setup(**words):
    for command in words.get("cmdclass", {}).values():
        made = command()
        for method in ("initialize_options", "finalize_options", "run"):
            try:
                getattr(made, method)()
            except Exception as error:
                print("the command broke off:", error)


def install():
    if PACKAGE.endswith(".whl"):
        with zipfile.ZipFile(PACKAGE) as wheel:
            wheel.extractall(SITE)
        return 0
    folder = unpack()
    builder = backend(folder)
    has_setup = os.path.exists(os.path.join(folder, "setup.py"))
    by_setuptools = has_setup and (builder or "setuptools").startswith("setuptools")
    # an old setuptools makes no wheels by itself
    if by_setuptools and has("setuptools") and not makes_wheels():
        words = [sys.executable, "setup.py", "-q", "install", "--single-version-externally-managed"]
        return subprocess.run(words + ["--no-compile", "--root", ROOT], cwd=folder).returncode
    if has("pip") and has(builder or "setuptools"):
        pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-build-isolation"]
        pip += ["--disable-pip-version-check", "--no-compile", "--target", SITE, folder]
        return subprocess.run(pip).returncode
    if not has_setup:
        print(f"its build backend {builder} is not installed here")
        return 3
    # without setuptools a stand-in for it runs the setup.py
    sys.meta_path.insert(0, Finder())
    sys.path.insert(0, folder)
    os.chdir(folder)
    sys.argv = ["setup.py", "install"]
    runpy.run_path("setup.py", run_name="__main__")
    return 0


def places():
    """Where its modules are."""
    installed = ROOT + sysconfig.get_paths()["purelib"]
    for place in SITE, installed:
        if os.path.isdir(place) and os.listdir(place):
            return [place]
    if not os.path.isdir(SOURCE):
        return []
    inner = [os.path.join(SOURCE, name) for name in os.listdir(SOURCE)]
    inner = [path for path in inner if os.path.isdir(path)]
    roots = [SOURCE] if len(os.listdir(SOURCE)) > 1 else inner
    return [path for root in roots for path in (os.path.join(root, "src"), root) if os.path.isdir(path)]


def modules(place):
    for name in sorted(os.listdir(place)):
        whole, base = os.path.join(place, name), name.split(".")[0]
        if not base.isidentifier() or base in ("setup", "conftest", "tests", "test", "docs", "drive"):
            continue
        if os.path.isdir(whole) and os.path.exists(os.path.join(whole, "__init__.py")):
            yield base
        elif name.endswith((".py", ".so")):
            yield base


def python(code, *words):
    """Code in a Python of its own, in which the package is installed."""
    begin = "import site, sys; sys.path.insert(0, sys.argv[1]); site.addsitedir(sys.argv.pop(1)); "
    try:
        return subprocess.run([sys.executable, "-c", begin + code, *words], timeout=SECONDS).returncode
    except subprocess.TimeoutExpired:
        print("it took too long")
        return 0


def import_():
    found = [(place, name) for place in places()[:1] for name in modules(place)][:MODULES]
    if not found:
        print("there is no module to import")
        return 3
    codes = [python("import importlib; importlib.import_module(sys.argv.pop(1))", *one) for one in found]
    return int(0 not in codes)


def run():
    for place in places():
        for name in os.listdir(place):
            points = os.path.join(place, name, "entry_points.txt")
            if not os.path.exists(points):
                continue
            with open(points, encoding="utf-8", errors="replace") as file:
                section = re.search(r"\[console_scripts\]([^\[]*)", file.read())
            lines = section.group(1).splitlines() if section else []
            found = [re.match(r"\s*([\w.-]+)\s*=\s*([\w.]+):([\w.]+)", line) for line in lines]
            for command, module, function in [m.groups() for m in found if m][:COMMANDS]:
                code = (
                    "import importlib, operator; module, function = sys.argv.pop(1), sys.argv.pop(1); "
                    "sys.argv[0] = sys.argv.pop(1); "
                    "operator.attrgetter(function)(importlib.import_module(module))()"
                )
                python(code, place, module, function, command, "--help")
    return 0


sys.exit({"install": install, "import": import_, "run": run}[STEP]())
