# Sourced by the other scripts: where things are kept, and how missing ones are got. Bash.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/invoke-studio

# Directories of what is fetched once, by name and version.
onnxruntime_version=1.32.0
onnxruntime_dir=$cache/onnxruntime-$onnxruntime_version
ui_version=6.14.2
ui_dir=$cache/invokeai-ui-$ui_version
cargo_deny_version=0.20.2
python_packages_dir=$cache/python-packages-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')-1

# say TEXT: one line of progress on standard error.
say() { printf '%s\n' "set-up: $*" >&2; }

# free_port: a TCP port of the loopback that nothing listens on now.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# as_root COMMAND…: runs it as root, by sudo when this is another account.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "root is needed for: $*"
    return 1
  fi
}

# install_packages PACKAGE…: Debian packages.
install_packages() {
  command -v apt-get >/dev/null || { say "please install: $*  (no apt-get here)"; return 1; }
  say "installing Debian packages: $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# require_pip: `python3 -m pip` works afterwards.
require_pip() { python3 -m pip --version >/dev/null 2>&1 || install_packages python3-pip; }

# fetch_wheel SHA256 DIRECTORY REQUIREMENT [PIP-OPTION…]: downloads one wheel and checks it.
fetch_wheel() {
  local sha256=$1 directory=$2 requirement=$3
  shift 3
  require_pip
  say "downloading $requirement from PyPI"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$directory" "$@" "$requirement" >&2
  echo "$sha256  $(echo "$directory"/*.whl)" | sha256sum --check --quiet >&2 || {
    say "$requirement is not the file that is pinned here; nothing was installed"
    return 1
  }
}
