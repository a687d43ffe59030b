"""The layers that close around a learner's process, by system calls: Linux only.

Bubblewrap stands around the fork server; what is here stands around each child of it.  Every
function does one thing to the calling process, or raises `OSError`.  The order matters, and is
that of `server.py`: namespaces, limits, user, landlock, seccomp.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable

_libc = ctypes.CDLL(None, use_errno=True)

# Namespaces: mount, ipc, network and processes.
NEW_MOUNTS, NEW_IPC, NEW_PIDS, NEW_NET = 0x00020000, 0x08000000, 0x20000000, 0x40000000
_NO_SUID, _NO_DEVICES, _NO_EXEC = 2, 4, 8
_PRIVATE = 0x40000 | 0x4000  # and everything below

_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_SECCOMP = 1, 4, 22
_DROP_CAPABILITY, _CHILD_SUBREAPER, _NO_NEW_PRIVILEGES = 24, 36, 38


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _process_control(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _checked(_libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")


def die_with_parent() -> None:
    """Get SIGKILL when the parent process ends."""
    _process_control(_SET_DEATH_SIGNAL, 9)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends, so that none escapes."""
    _process_control(_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """No other process of this user may read or trace this one."""
    _process_control(_SET_DUMPABLE, 0)


def unshare(namespaces: int) -> None:
    """Leave namespaces for new, empty ones."""
    _checked(_libc.unshare(namespaces), "unshare")


def mount_private(disk: int, folder: str, processes: bool) -> None:
    """In a new mount namespace: an empty, small file system on `folder`, and /proc of one's own.

    Args:
        disk: Its size in bytes.
        folder: Where it is mounted.
        processes: Whether the process namespace is new too, so that /proc must be.
    """
    _mount("none", "/", None, _PRIVATE, None)
    options = f"size={disk},nr_inodes=4096,mode=0777"
    _mount("tmpfs", folder, "tmpfs", _NO_SUID | _NO_DEVICES, options)
    if processes:
        _mount("proc", "/proc", "proc", _NO_SUID | _NO_DEVICES | _NO_EXEC, None)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None) -> None:
    texts = [None if text is None else text.encode() for text in (source, target, kind, options)]
    a, b, c, d = texts
    _checked(_libc.mount(a, b, c, ctypes.c_ulong(flags), d), f"mount {target}")


def limit(memory: int, disk: int, processes: int | None, seconds: int) -> None:
    """The kernel's limits for each process: memory, size of a file, processes of the user, time."""
    for which, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_FSIZE, disk),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        if most is None:
            continue
        ceiling = resource.getrlimit(which)[1]
        if ceiling != resource.RLIM_INFINITY:
            most = min(most, ceiling)
        resource.setrlimit(which, (most, most))


def become(user: int) -> None:
    """Become an unprivileged user for good; only root can."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def give_up_privileges() -> None:
    """No capabilities, now or from any program that is started."""
    _process_control(_NO_NEW_PRIVILEGES, 1)
    for capability in range(64):
        if _libc.prctl(_DROP_CAPABILITY, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break
    header = struct.pack("=Ii", 0x20080522, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")


# Landlock, https://docs.kernel.org/userspace-api/landlock.html
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_FILES_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_READ_AND_EXECUTE = 0b1101  # execute, read a file, list a folder
_OF_A_FILE = 0b111 | 1 << 14 | 1 << 15  # execute, write, read, truncate, ioctl
_TCP_BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11


def landlock_version() -> int:
    """What the kernel knows of landlock; 0 is nothing."""
    return max(0, _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1)))


def landlock(readable: Iterable[str], writable: Iterable[str]) -> None:
    """From here on, no files but those below these folders; no TCP, no signals to the outside."""
    version = landlock_version()
    if not version:
        raise OSError("this kernel has no landlock")
    files = _FILES_BY_ABI[max(known for known in _FILES_BY_ABI if known <= version)]
    net = _TCP_BIND_AND_CONNECT if version >= 4 else 0
    scope = _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", files, net, scope)
    size = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}.get(version, 24)
    ruleset = _checked(
        _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint(0)),
        "landlock",
    )
    try:
        for paths, access in ((readable, _READ_AND_EXECUTE), (writable, files)):
            for path in paths:
                _allow(ruleset, path, access & files)
        _process_control(_NO_NEW_PRIVILEGES, 1)
        _checked(_libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint(0)), "landlock")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    try:
        if not os.path.isdir(path):
            access &= _OF_A_FILE
        rule = struct.pack("=Qi", access, place)
        call = _libc.syscall(_ADD_RULE, ruleset, ctypes.c_int(1), rule, ctypes.c_uint(0))
        _checked(call, f"landlock {path}")
    finally:
        os.close(place)


# Seccomp: system calls that nothing in an exercise needs, by their numbers.
_FORBIDDEN = {
    "x86_64": {
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "memfd_create": 319,
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155,
        "chroot": 161, "keyctl": 250, "add_key": 248, "request_key": 249, "bpf": 321,
        "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "shmget": 29,
        "msgget": 68, "semget": 64, "personality": 135, "kcmp": 312, "pidfd_getfd": 438,
        "memfd_secret": 447, "open_by_handle_at": 304, "mq_open": 240, "fsopen": 430,
        "move_mount": 429, "open_tree": 428, "mount_setattr": 442,
    },
    "aarch64": {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "memfd_create": 279,
        "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41,
        "chroot": 51, "keyctl": 219, "add_key": 217, "request_key": 218, "bpf": 280,
        "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "shmget": 194,
        "msgget": 186, "semget": 190, "personality": 92, "kcmp": 272, "pidfd_getfd": 438,
        "memfd_secret": 447, "open_by_handle_at": 265, "mq_open": 180, "fsopen": 430,
        "move_mount": 429, "open_tree": 428, "mount_setattr": 442,
    },
}  # fmt: skip
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SOCKET = {"x86_64": (41, 53), "aarch64": (198, 199)}  # socket, socketpair
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3, _NEW_USER = 435, 0x10000000
_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _NOT_THERE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38, 0x80000000
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_UNIX_SOCKETS = 1


def seccomp_known() -> bool:
    """Whether the numbers of this machine's system calls are known here."""
    return platform.machine() in _FORBIDDEN


def seccomp() -> None:
    """From here on, no network sockets, tracing, mounts, keys or memory outside the limits."""
    machine = platform.machine()
    if not seccomp_known():
        raise OSError(f"seccomp: system calls of {machine} are not known")
    numbers = sorted(_FORBIDDEN[machine].values())
    socket_, pair = _SOCKET[machine]
    program = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, 0x40000000),  # the x32 calls, other numbers for the same things
        (_RETURN, 0, 0, _REFUSE),
    ]
    for number in numbers:
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    program += [
        (_EQUAL, 0, 1, _CLONE3),  # its flags are out of reach; libraries then use clone
        (_RETURN, 0, 0, _NOT_THERE),
        (_EQUAL, 0, 4, _CLONE[machine]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_HAS_BITS, 0, 1, _NEW_USER),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 1, 0, socket_),
        (_EQUAL, 0, 3, pair),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 1, 0, _UNIX_SOCKETS),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    held = ctypes.create_string_buffer(code)
    filter_ = struct.pack("@HP", len(program), ctypes.addressof(held))
    _process_control(_NO_NEW_PRIVILEGES, 1)
    place = ctypes.create_string_buffer(filter_)
    arguments = (ctypes.c_ulong(2), ctypes.c_ulong(ctypes.addressof(place)))
    _checked(_libc.prctl(_SET_SECCOMP, *arguments, ctypes.c_ulong(0), ctypes.c_ulong(0)), "seccomp")
