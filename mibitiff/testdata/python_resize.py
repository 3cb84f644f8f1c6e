"""Resizes planes as MIBItracker's Python tools do.

Standard input holds a list of cases: dtype, height and width of the planes in
FOLDER/N.raw, one after the other, and the height and width wanted. The answers
go to FOLDER/N.float (float64) and FOLDER/N.kept (the planes' own type).
"""
import json
import os
import sys

import numpy as np
from skimage import transform

folder = sys.argv[1]
for n, case in enumerate(json.load(sys.stdin)):
    shape = (-1, case['height'], case['width'])
    planes = np.fromfile(os.path.join(folder, f'{n}.raw'), case['dtype']).reshape(shape)
    data = np.moveaxis(planes, 0, 2)
    resized = transform.resize(
        data, (case['to_height'], case['to_width'], data.shape[2]), order=3,
        mode='edge', preserve_range=True, anti_aliasing=False)
    resized = np.moveaxis(resized, 2, 0)
    resized.astype(float).tofile(os.path.join(folder, f'{n}.float'))
    resized.astype(case['dtype']).tofile(os.path.join(folder, f'{n}.kept'))
