"""Does to MibiImages what standard input lists, and prints what comes of it.

Standard input holds a list of steps, each for an image of its own: channels
(strings, or pairs of mass and target), metadata, then what to do by its name
and arguments. Plane i counts up from 100*i in 2 rows of 3 columns.
"""
import hashlib
import json
import sys
import warnings

import numpy as np
from mibidata import mibi_image

warnings.simplefilter('ignore')


def image(channels, metadata):
    planes = [np.arange(6, dtype=np.uint16).reshape(2, 3) + 100 * i for i in range(len(channels))]
    channels = [tuple(c) if isinstance(c, list) else c for c in channels]
    return mibi_image.MibiImage(np.stack(planes, axis=2).astype(np.uint16), channels, **metadata)


def do(im, name, args):
    if name == 'make':
        return None
    if name == 'inds':
        return int(im.channel_inds(args[0]))
    if name == 'pixel_size':
        return im.pixel_size
    if name == 'equal':
        return bool(im == image(*args))
    if name == 'slice':
        return im.slice_image(args)
    if name == 'copy':
        return im.copy()
    if name == 'append':
        im.append(image(*args))
    elif name == 'remove':
        im.remove_channels(args)
    elif name == 'without':
        return im.remove_channels(args, copy=True)
    elif name == 'rename':
        im.rename_targets(args[0])
    elif name == 'set_channels':
        im.channels = [tuple(c) if isinstance(c, list) else c for c in args[0]]
    elif name == 'set_fov_id':
        im.set_fov_id(*args)
    elif name == 'add':
        im.add_attr(**args[0])
    elif name == 'remove_attr':
        im.remove_attr(args)
    elif name == 'resize':
        im.resize(tuple(args[0]), preserve_type=args[1])
    else:
        raise AssertionError(name)
    return None


def state(im):
    metadata = {k: v for k, v in im.metadata().items() if k != 'date' and v is not None}
    return {
        'channels': im.channels,
        'dtype': str(im.data.dtype),
        'planes': [hashlib.sha256(np.ascontiguousarray(im.data[:, :, i]).tobytes()).hexdigest()
                   for i in range(im.data.shape[2])],
        'metadata': metadata,
    }


answers = []
for step in json.load(sys.stdin):
    answer = {}
    try:
        im = image(step['channels'], step['metadata'])
        try:
            value = do(im, step['do'], step['args'])
            if isinstance(value, mibi_image.MibiImage):
                answer['new'] = state(value)
            elif value is not None:
                answer['value'] = value
        except (KeyError, ValueError, TypeError) as e:
            answer['refused'] = repr(e)
        answer['image'] = state(im)
    except ValueError as e:
        answer['refused'] = repr(e)
    answers.append(answer)
json.dump(answers, sys.stdout)
