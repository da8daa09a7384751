"""A terminal for tests: a pty, the screen behind it, and a line between them that counts bytes and can be slow.

    t = Terminal(['stemdesk', 'song'], rows=24, cols=80)
    t.until(lambda: 'stop' in t.row(0))
    t.type('j')

The screen knows the sequences that stemdesk may use on the terminals it is run on, and refuses all others: what a real
terminal might not understand is an error here.
"""
import collections
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

KEYS = {'Up': '\x1b[A', 'Down': '\x1b[B', 'Right': '\x1b[C', 'Left': '\x1b[D', 'Esc': '\x1b', 'Enter': '\r'}
SEQUENCE = re.compile(rb'\x1b\[([?>]?)([0-9;]*)([@A-Za-z])|\x1b([()][0AB]|[=>78cM])')
PART = re.compile(rb'\x1b(\[[?>0-9;]*|[()])?$')


class Screen:
    """The cells, without their colours."""

    def __init__(self, rows, cols):
        self.unknown = []
        self.resize(rows, cols)
        self.held = b''
        self.questions = 0
        self.modes = set()
        self.styles = 0

    def resize(self, rows, cols):
        self.rows, self.cols = rows, cols
        self.cell = [[' '] * cols for _ in range(rows)]
        self.at = [0, 0]

    def feed(self, data):
        data = self.held + data
        self.held = b''
        k = 0
        while k < len(data):
            if data[k] == 0x1b:
                match = SEQUENCE.match(data, k)
                if not match:
                    if PART.match(data, k):
                        self.held = data[k:]
                        return
                    self.unknown.append(data[k:k + 12])
                    k += 1
                    continue
                self.sequence(match)
                k = match.end()
                continue
            end = k + 1
            while data[k] >= 0xc0 and end < len(data) and data[end] & 0xc0 == 0x80:
                end += 1
            # a character that another byte cuts short is shown as one that is none
            if end == len(data) and data[k] >= 0xc0 and end - k < (2 if data[k] < 0xe0 else 3 if data[k] < 0xf0 else 4):
                self.held = data[k:]
                return
            self.put(data[k:end].decode('utf-8', 'replace'))
            k = end

    def put(self, char):
        row, col = self.at
        if char == '\r':
            self.at[1] = 0
        elif char == '\n':
            self.at[0] = min(row + 1, self.rows - 1)
        elif char == '\b':
            self.at[1] = max(min(col, self.cols - 1) - 1, 0)
        elif char >= ' ':
            if col >= self.cols:
                row, col = min(row + 1, self.rows - 1), 0
            self.cell[row][col] = self.last = char
            self.at = [row, col + 1]
        elif char not in '\a\0\x0e\x0f':
            self.unknown.append(char.encode())

    def sequence(self, match):
        if match.group(4):
            return
        mark, numbers, final = match.group(1), match.group(2), match.group(3)
        n = [int(x or 0) for x in numbers.split(b';')]
        one = n[0] or 1
        row, col = self.at[0], min(self.at[1], self.cols - 1)
        if final in b'hl':
            for mode in n:
                (self.modes.add if final == b'h' else self.modes.discard)(mode)
        elif final == b't' or mark == b'>':
            pass
        elif final == b'H':
            self.at = [min(one, self.rows) - 1, min((n + [1])[1] or 1, self.cols) - 1]
        elif final in b'ABCD':
            self.at = [max(0, min(self.rows - 1, row + one * {b'A': -1, b'B': 1}.get(final, 0))),
                       max(0, min(self.cols - 1, col + one * {b'C': 1, b'D': -1}.get(final, 0)))]
        elif final == b'G':
            self.at[1] = min(one, self.cols) - 1
        elif final == b'd':
            self.at[0] = min(one, self.rows) - 1
        elif final == b'K':
            a, b = {0: (col, self.cols), 1: (0, col + 1), 2: (0, self.cols)}[n[0]]
            self.cell[row][a:b] = [' '] * (b - a)
        elif final == b'J':
            if n[0] == 0:
                self.cell[row][col:] = [' '] * (self.cols - col)
            for k in range(0 if n[0] else row + 1, self.rows):
                self.cell[k] = [' '] * self.cols
        elif final == b'X':
            self.cell[row][col:col + one] = [' '] * len(self.cell[row][col:col + one])
        elif final == b'b':
            for _ in range(one):
                self.put(self.last)
        elif final == b'm':
            self.styles += 1
        elif final == b'n' and n == [5]:
            self.questions += 1
        else:
            self.unknown.append(match.group(0))

    def row(self, k):
        return ''.join(self.cell[k]).rstrip()

    def text(self):
        return '\n'.join(self.row(k) for k in range(self.rows))


class Terminal:
    """A program and the terminal it sees.

    rate: bytes a second of the line, 0: all; rtt: seconds there and back; buffer: bytes the line takes in before the
    program waits; answers: what is answered to status reports, True: all, or a number of them.
    """

    def __init__(self, argv, rows=24, cols=80, env=None, rate=0, rtt=0.0, buffer=4096, answers=True):
        self.screen = Screen(rows, cols)
        self.rate, self.half, self.buffer, self.answers = rate, rtt / 2, buffer, answers
        env = dict(os.environ, **(env or {}))
        for name in ('COLUMNS', 'LINES', 'TMUX', 'STY'):
            env.pop(name, None)
        env = {name: value for name, value in env.items() if value is not None}
        # the size is there before the program is
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', rows, cols, 0, 0))
        self.pid = os.fork()
        if self.pid == 0:
            os.close(master)
            os.login_tty(slave) if hasattr(os, 'login_tty') else login_tty(slave)
            try:
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)
        os.close(slave)
        self.fd = master
        self.status = None
        self.alive = True           # the program's end of the pty is open
        self.reading = True
        self.free = time.monotonic()
        self.down = collections.deque()     # (when it arrives, bytes)
        self.up = collections.deque()
        self.waiting = self.most_waiting = 0
        self.bytes = 0              # that came to the screen
        self.wrote = 0              # that the program wrote
        self.arrived = 0.0          # when the newest of those came, before the screen was made of them
        self.log = []               # (when, bytes) that came to the screen
        self.keep = False

    def resize(self, rows, cols):
        self.screen.resize(rows, cols)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, cols, 0, 0))

    def send(self, data):
        if self.half:
            self.up.append((time.monotonic() + self.half, data))
        else:
            self.write(data)

    def write(self, data):
        try:
            os.write(self.fd, data)
        except OSError:
            self.alive = False

    def type(self, *keys):
        for key in keys:
            self.send(KEYS.get(key, key).encode())

    def line(self, text):
        """A line at the prompt."""
        self.type(':')
        self.until(lambda: self.row(-1).startswith(':'))
        self.type(text, 'Enter')

    def draw(self, data, now):
        asked = self.screen.questions
        self.bytes += len(data)
        self.arrived = now
        if self.keep:
            self.log.append((now, data))
        self.screen.feed(data)
        for _ in range(self.screen.questions - asked):
            if self.answers is True or self.answers > 0:
                if self.answers is not True:
                    self.answers -= 1
                self.send(b'\x1b[0n')

    def step(self, wait):
        """Moves bytes for up to `wait` seconds, or until some came."""
        end = time.monotonic() + wait
        while True:
            now = time.monotonic()
            while self.up and self.up[0][0] <= now:
                self.write(self.up.popleft()[1])
            came = False
            while self.down and self.down[0][0] <= now:
                arrived, data = self.down.popleft()
                self.waiting -= len(data)
                self.draw(data, arrived)
                came = True
            if came or now >= end:
                return
            times = [end] + [q[0][0] for q in (self.up, self.down) if q]
            room = min(self.buffer - self.waiting, 512 if self.rate or self.half else 65536)
            if not self.alive or not self.reading or room <= 0:
                time.sleep(max(0, min(times) - now))
                continue
            ready, _, _ = select.select([self.fd], [], [], max(0, min(times) - now))
            if not ready:
                continue
            try:
                data = os.read(self.fd, room)
            except OSError:
                data = b''
            now = time.monotonic()
            if not data:
                self.alive = False
                continue
            self.wrote += len(data)
            if not self.rate and not self.half:
                self.draw(data, now)
                return
            self.waiting += len(data)
            self.most_waiting = max(self.most_waiting, self.waiting)
            self.free = max(now, self.free) + (len(data) / self.rate if self.rate else 0)
            self.down.append((self.free + self.half, data))

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.step(end - time.monotonic())

    def until(self, condition, limit=20):
        """Seconds until it was so; None: it was not within the limit."""
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > limit:
                return None
            self.step(0.05)
        return time.monotonic() - begun

    def row(self, k):
        return self.screen.row(k % self.screen.rows)

    def text(self):
        return self.screen.text()

    def ended(self):
        """The exit status once the program is gone, negative for a signal; None before."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status) if hasattr(os, 'waitstatus_to_exitcode') else status
        return self.status

    def cpu(self, thread=None):
        """Seconds of a thread (its id), None: of all."""
        path = '/proc/%d/stat' % self.pid if thread is None else '/proc/%d/task/%d/stat' % (self.pid, thread)
        with open(path, encoding='utf-8') as f:
            fields = f.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def hang_up(self):
        """The line drops: the pty is closed."""
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1
        self.alive = False

    def close(self):
        """Kills what is left."""
        self.hang_up()
        if self.ended() is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = -9


def login_tty(slave):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    if slave > 2:
        os.close(slave)
