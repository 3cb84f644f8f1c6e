"""Exports PNGs with MIBItracker's Python tools, and compares folders of PNGs.

python_png.py export FOLDER: standard input holds a list of images: the dtype,
height and width of the planes in FOLDER/N.raw, their channels, and the size
wanted, or null. Their PNGs go to FOLDER/N; what is refused is printed.
python_png.py compare ONE OTHER: fails unless both hold the same files (their
names begin with the image's number), of the same samples and each image's type.
"""
import json
import os
import sys
import warnings

import numpy as np
from skimage import io

warnings.simplefilter('ignore')


def export(folder):
    from mibidata import mibi_image
    refused = {}
    for n, case in enumerate(json.load(sys.stdin)):
        shape = (-1, case['height'], case['width'])
        planes = np.fromfile(os.path.join(folder, f'{n}.raw'), case['dtype']).reshape(shape)
        channels = [(i + 1, c) for i, c in enumerate(case['channels'])]
        image = mibi_image.MibiImage(np.moveaxis(planes, 0, 2), channels)
        os.mkdir(os.path.join(folder, str(n)))
        try:
            image.export_pngs(os.path.join(folder, str(n)), case['size'])
        except TypeError as e:
            refused[str(n)] = str(e)
    json.dump(refused, sys.stdout)


def compare(one, other):
    assert sorted(os.listdir(one)) == sorted(os.listdir(other)), (os.listdir(one), os.listdir(other))
    ours, theirs = ({name: io.imread(os.path.join(folder, name)) for name in os.listdir(folder)} for folder in (one, other))
    for name, a in ours.items():
        b = theirs[name]
        # The library that the tools write PNGs with makes 8 bits of a channel
        # that fits, whatever the image's other channels need; a file of 16 bits
        # says what the tools asked for.
        image = name.split('-')[0] + '-'
        wanted = max((p.dtype for n, p in theirs.items() if n.startswith(image)), key=lambda d: d.itemsize)
        assert a.dtype == wanted, (name, a.dtype, wanted)
        assert a.shape == b.shape, (name, a.shape, b.shape)
        assert np.array_equal(a, b), (name, np.argwhere(a != b)[:5])


{'export': export, 'compare': compare}[sys.argv[1]](*sys.argv[2:])
