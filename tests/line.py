"""What the console asks of the line to its terminal, and what it stands of it: run by test-line.sh.

Nothing here depends on the speed of the machine: a slow one draws fewer frames.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

from stems import write_stem
from terminal import Terminal

PROGRAM = sys.argv[1]
STRIPS = 24
faults = 0


def check(good, what, terminal=None):
    global faults
    if not good:
        faults += 1
        print('FAILED: ' + what)
        if terminal:
            print(terminal.text())


def desk(song, rows=24, cols=80, term='xterm-256color', locale='C.UTF-8', play=True, options=(), env=None, **line):
    """A console, at the beginning of the song and playing."""
    t = Terminal([PROGRAM, '-D', 'null', *options, song], rows, cols, dict({'TERM': term, 'LC_ALL': locale}, **(env or {})),
                 **line)
    check(t.until(lambda: 'stop' in t.row(0)) is not None, 'the console comes up with TERM=%s' % term, t)
    if play:
        t.line('locate 0s')
        t.type(' ')
        check(t.until(lambda: 'play' in t.row(0)) is not None, 'it plays', t)
    return t


def leave(t):
    t.type(':')
    t.type('quit!', 'Enter')
    check(t.until(lambda: t.ended() is not None) is not None, 'it is left', t)
    t.close()


def rate_of(t, seconds):
    """Bytes a second that come to the screen."""
    before, begun = t.bytes, time.monotonic()
    t.run(seconds)
    return (t.bytes - before) / (time.monotonic() - begun)


def check_bytes(song):
    for cols, rows, locale, most in ((80, 24, 'C.UTF-8', 12000), (160, 45, 'C.UTF-8', 24000), (80, 24, 'C', 4000)):
        t = desk(song, rows, cols, locale=locale)
        t.run(1)
        rate = rate_of(t, 3)
        print('%d strips at %dx%d, %s: %.0f bytes/s' % (STRIPS, cols, rows, locale, rate))
        check(300 < rate <= most, 'at most %d bytes/s at %dx%d in %s' % (most, cols, rows, locale), t)
        check(not t.screen.unknown, 'only what terminals know: %s' % t.screen.unknown[:3])
        if cols > 80:
            leave(t)
            continue
        t.type(' ')
        check(t.until(lambda: 'stop' in t.row(0)) is not None, 'it stops', t)
        # what falls has come down
        for _ in range(20):
            if rate_of(t, 1) == 0:
                break
        rate = rate_of(t, 3)
        print('    stopped: %.0f bytes/s' % rate)
        check(rate <= 200, 'at most 200 bytes/s while it is stopped', t)
        leave(t)


def check_pace(song):
    """No more than two frames of meters without an answer, for a second; then it goes on, and edits go at once."""
    t = desk(song)
    t.run(0.5)
    t.answers = 5
    t.until(lambda: t.answers == 0)
    asked, begun = t.screen.questions, time.monotonic()
    t.run(0.5)
    if time.monotonic() - begun < 0.9:
        check(t.screen.questions - asked <= 2, 'at most two frames without an answer, not %d' %
              (t.screen.questions - asked))
    t.type('m')
    check(t.until(lambda: 'mute on' in t.row(-1)) is not None, 'an edit is shown without answers', t)
    asked = t.screen.questions
    check(t.until(lambda: t.screen.questions >= asked + 4) is not None, 'frames go on without answers', t)
    t.answers = True
    t.type(' ')
    check(t.until(lambda: 'stop' in t.row(0)) is not None, 'it goes on when the terminal answers again', t)
    leave(t)

    t = desk(song, answers=0)
    asked, clock = t.screen.questions, t.row(0)
    check(t.until(lambda: t.row(0) != clock and 'play' in t.row(0)) is not None, 'a terminal that never answers', t)
    t.run(3)
    bytes_then = t.bytes
    check(t.until(lambda: t.bytes > bytes_then + 2000) is not None, 'frames go to a terminal that never answers', t)
    check(t.screen.questions - asked < 12, 'it is not asked all the time')
    leave(t)

    t = desk(song, rate=8000, rtt=0.06)
    t.run(2)
    t.most_waiting = 0
    t.run(3)
    check(0 < t.most_waiting < 2500, 'no more than a few frames wait on a slow line, not %d bytes' % t.most_waiting)
    leave(t)


def check_unread(song):
    """A terminal that is not read: nothing spins, nothing is lost, and the end comes."""
    t = desk(song)
    t.line('strip/1/fader -3')
    check(t.until(lambda: 'fader -3.0' in t.row(-1)) is not None, 'an edit', t)
    t.reading = False
    t.run(0.5)
    spent = t.cpu(t.pid)
    t.type('J', 'J', 'J', 'J')
    t.run(3)
    spent = t.cpu(t.pid) - spent
    check(spent < 1, 'waiting for the terminal takes no time of the processor, not %.2f s' % spent)
    os.kill(t.pid, signal.SIGTERM)
    check(t.until(lambda: t.ended() is not None) is not None, 'SIGTERM ends it')
    check(t.ended() == 0, 'it ends well: %s' % t.ended())
    t.close()
    t = desk(song, play=False)
    t.line('get strip/1/fader')
    check(t.until(lambda: 'strip/1/fader -7' in t.text() or 'fader -7' in t.row(-1)) is not None,
          'edits made before a terminal that is not read are there', t)
    leave(t)

    t = desk(song)
    t.hang_up()
    check(t.until(lambda: t.ended() is not None) is not None, 'a terminal that is closed ends it')
    t.close()


def check_keep_playing(song):
    """A desk that goes on without its terminal, reached by its socket, and taken over with all that was."""
    options = os.environ['XDG_CONFIG_HOME'] + '/stemdesk/options'
    os.makedirs(os.path.dirname(options), exist_ok=True)
    with open(options, 'w', encoding='utf-8') as f:
        f.write('# always\non-hangup keep-playing\n')
    first = desk(song)
    first.line('strip/1/fader -9')
    check(first.until(lambda: 'fader -9.0' in first.row(-1)) is not None, 'an edit', first)
    first.type('ge', 'l')
    check(first.until(lambda: first.row(-2).startswith('2 Stem2')) is not None, 'the next strip', first)
    first.run(1.5)
    first.hang_up()
    time.sleep(1)
    check(first.ended() is None, 'the desk goes on without its terminal')
    spent = first.cpu(first.pid)
    time.sleep(1)
    check(first.cpu(first.pid) - spent < 0.3, 'and does not spin')
    said = subprocess.run([PROGRAM, 'set', song, 'strip/2/fader -5'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    check(said.returncode == 0 and 'fader -5.0' in said.stdout, 'it is reached by its socket: ' + said.stdout)
    second = desk(song, play=False)
    check('in use by pid %d, ' % first.pid in second.text(),
          'the next console is told who has it', second)
    second.line('takeover')
    check(second.until(lambda: first.ended() is not None) is not None, 'the first leaves')
    check(second.until(lambda: 'recovered' in second.row(-1)) is not None, 'the next console takes it over', second)
    check(second.row(-2).startswith('2 Stem2'), 'with the strip that was chosen', second)
    check('equal' in second.text() or 'EQ on' in second.text(), 'with the view that was there', second)
    check(re.search(r'0:0[1-9]', second.row(0)), 'with the playhead', second)
    second.type('u')
    check(second.until(lambda: 'undone: 2 Stem2 fader' in second.row(-1)) is not None, 'with its undo steps', second)
    second.type('u')
    check(second.until(lambda: 'undone: 1 Stem1 fader' in second.row(-1)) is not None, 'all of them', second)
    leave(second)
    first.close()
    os.remove(options)


def check_still(song):
    """Without meters nothing moves but the clock, by the second; the cursor stands on what has the focus."""
    t = desk(song, options=('--no-meters',))
    t.run(1)
    rate = rate_of(t, 4)
    check(0 < rate <= 60, 'at most 60 bytes/s without meters, not %.0f' % rate, t)
    t.type('l')
    check(t.until(lambda: t.row(-2).startswith('2 ')) is not None, 'it answers at once', t)
    row, col = t.screen.at
    check(t.screen.rows - 2 == row or ' 0' in t.row(row)[col:col + 4], 'the cursor stands on the value', t)
    leave(t)


def check_mouse(song):
    """A click chooses, a drag moves the fader and is one step of undo, the wheel turns it."""
    t = desk(song, play=False, options=('--mouse',))
    check({1002, 1006} <= t.screen.modes, 'the mouse is listened to', t)
    col = t.row(1).index(' 4 ') + 2
    t.send(b'\x1b[<0;%d;15M' % col)
    check(t.until(lambda: t.row(-2).startswith('4 Stem4')) is not None, 'a click chooses a strip', t)
    for row in (14, 13, 12):
        t.send(b'\x1b[<32;%d;%dM' % (col, row))
    t.send(b'\x1b[<0;%d;12m' % col)
    check(t.until(lambda: 'fader +3.0' in t.row(-2)) is not None, 'a drag moves its fader', t)
    t.send(b'\x1b[<65;%d;12M' % (t.row(1).index(' 7 ') + 2))
    check(t.until(lambda: '7 Stem7 fader -1.0' in t.row(-1)) is not None, 'the wheel moves the fader under it', t)
    t.type('u')
    check(t.until(lambda: 'undone: 7 Stem7' in t.row(-1)) is not None, 'it is undone', t)
    t.type('u')
    check(t.until(lambda: 'undone: 4 Stem4 fader 0.0' in t.row(-1)) is not None, 'a drag is one step of undo', t)
    leave(t)
    check(t.screen.modes.isdisjoint({1002, 1006}), 'the mouse is given back')


def check_sizes(song):
    t = desk(song)
    for k in range(1000):
        t.resize(3 + k % 60, 10 + k % 190)
        if k % 50 == 0:
            t.step(0)
    t.resize(30, 100)
    check(t.until(lambda: 'play' in t.row(0) and t.row(-2).startswith('1 ')) is not None, '1000 changes of size', t)
    leave(t)


def check_late_keys(song):
    """What comes late of an arrow key is no key of its own; on a machine under load it may come in time."""
    t = desk(song, play=False)
    for k in range(5):
        t.type('x')
        t.send(b'\x1b')
        t.run(0.15)
        t.send(b'[A' if k % 2 else b'OA')
        t.run(0.3)
        if 'fader +0.0' in t.row(-2) and 'no key' not in t.row(-1):
            break
    else:
        check(False, 'the late rest of an arrow key does nothing', t)
    t.type('Up')
    check(t.until(lambda: 'fader +1.0' in t.row(-2) or 'fader 1.0' in t.row(-1)) is not None, 'an arrow key', t)
    leave(t)


def check_terminals(song):
    for term, locale, plain in (('vt100', 'C', '1'), ('linux', 'C.UTF-8', None), ('screen', 'C.UTF-8', None),
                                ('tmux-256color', 'C.UTF-8', None), ('xterm', 'C.UTF-8', '1'),
                                ('xterm-256color', 'C', None)):
        name = 'TERM=%s LC_ALL=%s NO_COLOR=%s: ' % (term, locale, plain or '')
        t = desk(song, term=term, locale=locale, play=False, env={'NO_COLOR': plain})
        t.keep = True
        flags = termios.tcgetattr(t.fd)
        check(not flags[0] & termios.IXON, name + 'no flow control')
        t.type(' ')
        check(t.until(lambda t=t: 'play' in t.row(0)) is not None, name + 'Space plays', t)
        t.type('Up')
        check(t.until(lambda t=t: '1.0 dB' in t.row(-1)) is not None, name + 'an arrow key moves the fader', t)
        t.type('u')
        check(t.until(lambda t=t: 'undone' in t.row(-1)) is not None, name + 'u takes it back', t)
        check(not t.screen.unknown, name + 'only what terminals know: %s' % t.screen.unknown[:3])
        drawn = b''.join(data for _, data in t.log)
        check(locale != 'C' or all(byte < 128 for byte in drawn), name + 'only ASCII')
        check(not plain or not re.search(rb'\x1b\[([0-9]+;)*[34][0-7]m', drawn), name + 'no colours')
        check(t.screen.modes.isdisjoint({1000, 1002, 1006}), name + 'no mouse unless asked for')
        leave(t)
    for term in ('dumb', 'no-such-terminal', ''):
        t = Terminal([PROGRAM, '-D', 'null', song], env={'TERM': term or None, 'LC_ALL': 'C.UTF-8'})
        t.until(lambda t=t: t.ended() is not None)
        t.run(0.2)
        check(t.ended() == 1 and '--plain' in t.text(), 'TERM=%s is told what to do instead' % term, t)
        t.close()


def main():
    folder = tempfile.mkdtemp(prefix='stemdesk-line-')
    os.environ.update(XDG_CONFIG_HOME=folder + '/config', XDG_CACHE_HOME=folder + '/cache', XDG_RUNTIME_DIR=folder + '/run')
    os.mkdir(folder + '/run', 0o700)
    os.mkdir(folder + '/song')
    try:
        for k in range(STRIPS):
            write_stem('%s/song/%02d_Stem%d.wav' % (folder, k + 1, k + 1), k, 30)
        song = folder + '/song/song.desk'
        subprocess.run([PROGRAM, 'new', folder + '/song', '-o', song], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        only = sys.argv[2:]
        for part in (check_bytes, check_pace, check_unread, check_keep_playing, check_still, check_mouse, check_sizes, check_late_keys, check_terminals):
            if only and part.__name__ not in only:
                continue
            begun = time.monotonic()
            part(song)
            print('%s: %.1f s' % (part.__name__, time.monotonic() - begun), flush=True)
    finally:
        shutil.rmtree(folder, True)
    return 1 if faults else 0


sys.exit(main())
