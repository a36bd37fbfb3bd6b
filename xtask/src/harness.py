"""Runs a command with its output in a file, and prints wall seconds, processor seconds, MiB at the peak and exit code as JSON."""
import json
import os
import sys
import time

log, *command = sys.argv[1:]
begin = time.perf_counter()
child = os.fork()
if child == 0:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(error, file=sys.stderr, flush=True)
    os._exit(127)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - begin
code = os.waitstatus_to_exitcode(status)
print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code]))
