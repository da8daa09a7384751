"""Stems for tests: stems.py FOLDER SECONDS makes the 24 of a song, 16 bits, stereo, at 8 kHz."""
import array
import random
import struct
import sys

RATE = 8000
NAMES = ('Kick', 'Snare', 'Hat', 'Tom Hi', 'Tom Lo', 'Overheads', 'Room', 'Shaker', 'Bass DI', 'Bass Amp', 'Gtr L', 'Gtr R',
         'Gtr Solo', 'Piano', 'Organ', 'Pad', 'Strings', 'Brass', 'Synth', 'Lead Vox', 'Double Vox', 'BVox L', 'BVox R',
         'Crowd')


def write_stem(path, seed, seconds):
    """Busy music: beats of random loudness that die away, each side by itself, so that no meter ever rests."""
    chance = random.Random(seed)
    frames = array.array('h')
    loud = [0.0, 0.0]
    half = chance.choice((4, 5, 8, 10, 20, 40))
    for _ in range(seconds * 100):
        for side in range(2):
            if chance.random() < 0.05:
                loud[side] = 10 ** (chance.uniform(-40, -1) / 20)
        tone = [int(32767 * x) for x in loud]
        frames.extend((tone * half + [-x for x in tone] * half) * (RATE // 200 // half))
        loud = [x * 0.95 for x in loud]
    data = frames.tobytes()
    with open(path, 'wb') as f:
        f.write(b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ' +
                struct.pack('<IHHIIHH', 16, 1, 2, RATE, RATE * 4, 4, 16) + b'data' + struct.pack('<I', len(data)))
        f.write(data)


if __name__ == '__main__':
    for number, stem in enumerate(NAMES, 1):
        write_stem('%s/%02d_%s.wav' % (sys.argv[1], number, stem), number, int(sys.argv[2]))
