"""Start one program that dies with its parent, and never as root where that program refuses root.

Run by path as `python -I -S launcher.py PARENT_PID SIGNAL UID GID program args…`; it replaces
itself with the program. It is a program of its own because `preexec_fn` is unsafe once a process
has threads.

UID −1 keeps the user. Otherwise root gives up everything but CAP_DAC_OVERRIDE, so that the
unprivileged user still reaches a home or a virtual environment below a directory of mode 700
(`/root`, `mktemp -d`).
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
# Without this bit access(2) forgets the capability, and PostgreSQL "could not locate my own
# executable".
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
LINUX_CAPABILITY_VERSION_3 = 0x20080522


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def die_with(parent: int, signal_number: int) -> None:
    """Ask the kernel to send `signal_number` to this process when `parent` ends. Linux only."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the request was made
        sys.exit(1)


def become(uid: int, gid: int) -> None:
    """Turn into an unprivileged user, keeping CAP_DAC_OVERRIDE where this machine allows it."""
    linux = sys.platform.startswith("linux")
    libc = ctypes.CDLL(None, use_errno=True)
    kept = linux and libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) == 0
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if kept:
        mask = 1 << CAP_DAC_OVERRIDE
        header = _CapabilityHeader(LINUX_CAPABILITY_VERSION_3, 0)
        one = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        if libc.capset(ctypes.byref(header), one) == 0:
            libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
            return
        nothing = (ctypes.c_uint32 * 6)()
        libc.capset(ctypes.byref(header), nothing)


def main() -> None:
    parent, signal_number, uid, gid = (int(value) for value in sys.argv[1:5])
    program = sys.argv[5:]
    if uid >= 0:
        become(uid, gid)
    die_with(parent, signal_number)  # last: a change of user clears it
    os.umask(0o077)
    try:
        os.execvp(program[0], program)
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
