#include "control/presets.h"

#include <stddef.h>

/*
 * Points to begin from, not ends: filters out of the way of what lies below, cuts where close microphones and rooms
 * pile up, compressors slow enough to let attacks through. Thresholds suit stems that peak around -6 dBFS.
 */
const struct preset presets[] = {
    {"kick", "kick drum: weight at 60, less box at 350, click at 4k",
     "hpf/on on\nhpf/freq 30\nhpf/slope 24\neq/1/type bell\neq/1/freq 60\neq/1/gain 3\neq/1/q 1.2\n"
     "eq/3/freq 350\neq/3/gain -5\neq/3/q 1.4\neq/5/freq 4000\neq/5/gain 3\neq/5/q 1\n"
     "comp/on on\ncomp/threshold -16\ncomp/ratio 4\ncomp/attack 25\ncomp/release 90"},
    {"snare", "snare: body at 200, less ring at 700, crack at 5k",
     "hpf/on on\nhpf/freq 90\nhpf/slope 18\neq/2/freq 200\neq/2/gain 2\neq/3/freq 700\neq/3/gain -3\neq/3/q 2\n"
     "eq/5/freq 5000\neq/5/gain 3\ncomp/on on\ncomp/threshold -18\ncomp/ratio 4\ncomp/attack 15\ncomp/release 120"},
    {"tom", "tom: gated, round below, less cardboard at 450",
     "hpf/on on\nhpf/freq 50\ngate/on on\ngate/threshold -32\ngate/range 20\ngate/attack 1\ngate/hold 120\n"
     "gate/release 300\neq/2/freq 110\neq/2/gain 3\neq/3/freq 450\neq/3/gain -5\neq/3/q 1.2\neq/5/freq 4500\neq/5/gain "
     "2"},
    {"overheads", "overheads: cymbals, the drums left to their own microphones",
     "hpf/on on\nhpf/freq 250\nhpf/slope 12\neq/3/freq 450\neq/3/gain -2\neq/6/freq 11000\neq/6/gain 2"},
    {"room", "room microphones: squeezed to swell between the hits",
     "hpf/on on\nhpf/freq 80\nlpf/on on\nlpf/freq 10000\ncomp/on on\ncomp/threshold -30\ncomp/ratio 8\ncomp/attack 3\n"
     "comp/release 180\ncomp/makeup 6"},
    {"drum-bus", "drum bus: glue, its attacks left alone, a third of the dry sound",
     "eq/1/freq 70\neq/1/gain 1\neq/6/freq 10000\neq/6/gain 1\ncomp/on on\ncomp/threshold -14\ncomp/ratio 2\n"
     "comp/knee 9\ncomp/attack 30\ncomp/release 100\ncomp/makeup 1.5\ncomp/mix 70"},
    {"bass", "bass guitar: even, room for the kick at 60, string at 1.2k",
     "hpf/on on\nhpf/freq 32\nhpf/slope 18\neq/1/type bell\neq/1/freq 60\neq/1/gain -2\neq/1/q 1.2\neq/2/freq 110\n"
     "eq/2/gain 2\neq/3/freq 280\neq/3/gain -2\neq/4/freq 1200\neq/4/gain 2\ncomp/on on\ncomp/threshold -22\n"
     "comp/ratio 4\ncomp/attack 20\ncomp/release 150\ncomp/makeup 2"},
    {"bass-grit", "bass that speaks on small speakers: tube harmonics",
     "sat/on on\nsat/type tube\nsat/drive 9\nsat/level -5\nsat/mix 40"},
    {"electric-guitar", "electric guitar: rumble and fizz out, less bark at 2.8k",
     "hpf/on on\nhpf/freq 90\nhpf/slope 18\nlpf/on on\nlpf/freq 9000\neq/3/freq 350\neq/3/gain -2\neq/5/freq 2800\n"
     "eq/5/gain -1.5\neq/5/q 1.2"},
    {"acoustic-guitar", "acoustic guitar: less boom at 180, strings at 8k, lightly held",
     "hpf/on on\nhpf/freq 90\neq/2/freq 180\neq/2/gain -3\neq/2/q 1.2\neq/6/freq 8000\neq/6/gain 2\ncomp/on on\n"
     "comp/threshold -20\ncomp/ratio 2.5\ncomp/attack 20\ncomp/release 160\ncomp/makeup 1"},
    {"piano", "piano: less mud at 300, air, a light hand",
     "hpf/on on\nhpf/freq 40\neq/3/freq 300\neq/3/gain -2\neq/6/freq 9000\neq/6/gain 1.5\ncomp/on on\n"
     "comp/threshold -18\ncomp/ratio 2\ncomp/knee 9\ncomp/attack 30\ncomp/release 250"},
    {"strings", "strings and pads: room below, a softened edge",
     "hpf/on on\nhpf/freq 130\neq/5/freq 3200\neq/5/gain -2\neq/6/freq 11000\neq/6/gain 1.5"},
    {"vocal", "lead voice: rumble out, mud down, sibilants held, presence and air",
     "hpf/on on\nhpf/freq 85\nhpf/slope 18\ndeess/on on\ndeess/freq 6800\ndeess/threshold -28\ndeess/range 7\n"
     "eq/3/freq 280\neq/3/gain -2.5\neq/3/q 1\neq/5/freq 3500\neq/5/gain 1.5\neq/6/freq 11000\neq/6/gain 2\n"
     "comp/on on\ncomp/threshold -22\ncomp/ratio 3\ncomp/attack 12\ncomp/release 110\ncomp/makeup 3"},
    {"backing-vocals", "backing voices: thin, soft above, behind the lead",
     "hpf/on on\nhpf/freq 160\nhpf/slope 18\ndeess/on on\ndeess/threshold -32\ndeess/range 9\neq/3/freq 350\n"
     "eq/3/gain -3\neq/5/freq 3000\neq/5/gain -1.5\ncomp/on on\ncomp/threshold -26\ncomp/ratio 4\ncomp/attack 6\n"
     "comp/release 100\ncomp/makeup 3"},
    {"speech", "speech: clear and even",
     "hpf/on on\nhpf/freq 90\nhpf/slope 24\ngate/on on\ngate/ratio 2\ngate/threshold -45\ngate/range 12\ngate/attack "
     "5\n"
     "gate/hold 150\ngate/release 300\ndeess/on on\neq/3/freq 250\neq/3/gain -2\neq/5/freq 4000\neq/5/gain 2\n"
     "comp/on on\ncomp/threshold -24\ncomp/ratio 3\ncomp/attack 8\ncomp/release 140\ncomp/makeup 4"},
    {"brass", "brass: body kept, bite at 2.5k tamed",
     "hpf/on on\nhpf/freq 110\neq/4/freq 2500\neq/4/gain -2\neq/4/q 1.2\ncomp/on on\ncomp/threshold -18\ncomp/ratio 3\n"
     "comp/attack 15\ncomp/release 140\ncomp/makeup 1"},
    {"mix-glue", "the mix bus: a decibel or two of slow compression",
     "comp/on on\ncomp/threshold -14\ncomp/ratio 1.8\ncomp/knee 12\ncomp/attack 30\ncomp/release 180\ncomp/makeup 1\n"
     "comp/key-hpf 90"},
    {"telephone", "a voice on the telephone",
     "hpf/on on\nhpf/freq 400\nhpf/slope 24\nlpf/on on\nlpf/freq 3200\nlpf/slope 24\nsat/on on\nsat/drive 8\n"
     "sat/level -4"},
    {"room-reverb", "a bus: a small room for drums and guitars",
     "hpf/on on\nhpf/freq 150\nreverb/on on\nreverb/time 0.7s\nreverb/size 35\nreverb/predelay 5\nreverb/high 0.6"},
    {"plate-reverb", "a bus: a bright plate for voices",
     "hpf/on on\nhpf/freq 250\nreverb/on on\nreverb/time 1.6s\nreverb/size 45\nreverb/predelay 30\nreverb/low 0.8\n"
     "reverb/high 0.8"},
    {"hall-reverb", "a bus: a hall, dark and far",
     "hpf/on on\nhpf/freq 180\nlpf/on on\nlpf/freq 7000\nreverb/on on\nreverb/time 2.8s\nreverb/size 90\n"
     "reverb/predelay 25"},
    {"slap-echo", "a bus: one short repeat", "echo/on on\necho/time 110\necho/feedback 8\necho/hpf 200\necho/lpf 4000"},
    {NULL, NULL, NULL},
};
