"""Prints as JSON what the Python tools read in files: python_read.py FILE...

Needs numpy, tifffile and mibilib on PYTHONPATH.
"""
import hashlib
import json
import sys
import warnings

import numpy as np
from mibidata import tiff


def seen(array):
    """Tells an array's type, shape and samples."""
    if array is None:
        return None
    samples = np.ascontiguousarray(array, array.dtype.newbyteorder('<')).tobytes()
    return {'dtype': str(array.dtype), 'shape': array.shape, 'sha256': hashlib.sha256(samples).hexdigest()}


def attempt(read):
    """Returns what read returns, or what it raises."""
    try:
        return read()
    except Exception as error:  # pylint: disable=broad-except
        return f'{type(error).__name__}: {error}'


def image(path):
    """Reads all of a file."""
    sims, sed, optical, label = tiff.read(path, sed=True, optical=True, label=True)
    return {'channels': sims.channels, 'metadata': sims.metadata(), 'sims': [seen(sims.data[:, :, i]) for i in range(sims.data.shape[2])],
            'sed': seen(sed), 'optical': seen(optical), 'label': seen(label)}


warnings.simplefilter('ignore')
found = [{'info': attempt(lambda p=path: tiff.info(p)), 'image': attempt(lambda p=path: image(p))} for path in sys.argv[1:]]
# What JSON proper cannot say becomes text.
json.dump(json.loads(json.dumps(found, default=str), parse_constant=str), sys.stdout)
