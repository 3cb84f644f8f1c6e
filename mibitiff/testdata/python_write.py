"""Writes images with the Python tools: python_write.py CASES.json FOLDER.

Needs numpy, tifffile and mibilib on PYTHONPATH. CASES.json lists the images:
the metadata as JSON, and files of little-endian samples. Each becomes
FOLDER/NAME.tiff, or a folder of single channels, or NAME.error with the reason
why the Python tools refuse it.
"""
import datetime
import functools
import json
import os
import sys
import warnings

import numpy as np
import tifffile
from mibidata import mibi_image, tiff


def load(array):
    """Returns the samples that a case names, or None."""
    if array is None:
        return None
    return np.fromfile(array['path'], np.dtype(array['dtype']).newbyteorder('<')).reshape(array['shape'])


def write(case, folder):
    """Writes one image."""
    target = os.path.join(folder, case['name'] + '.tiff')
    if case['single']:
        target = os.path.join(folder, case['name'])
        os.mkdir(target)
    planes = load(case['planes'])
    # JSON does not tell a list from a tuple, and the tools want neither.
    image = mibi_image.MibiImage(
        np.moveaxis(planes, 0, 2), [tuple(c) for c in case['channels']],
        date=datetime.datetime.fromisoformat(case['date']), **case['metadata'])
    tiff.TiffWriter = functools.partial(tifffile.TiffWriter, bigtiff=case['big'])
    forced = case['force'] and {'uint16': np.uint16, 'float32': np.float32}[case['force']]
    tiff.write(target, image, sed=load(case['sed']), optical=load(case['optical']),
               ranges=case['ranges'], multichannel=not case['single'], dtype=forced)


def main(cases, folder):
    """Writes all images."""
    warnings.simplefilter('ignore')
    with open(cases, encoding='utf-8') as file:
        listed = json.load(file)
    for case in listed:
        try:
            write(case, folder)
        except Exception as error:  # pylint: disable=broad-except
            with open(os.path.join(folder, case['name'] + '.error'), 'w', encoding='utf-8') as file:
                file.write(f'{type(error).__name__}: {error}')


main(*sys.argv[1:])
