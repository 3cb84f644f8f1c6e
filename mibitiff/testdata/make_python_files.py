"""Makes the python-*.tiff files with the Python tools.

Needs numpy, tifffile 2023.2 and mibilib on PYTHONPATH. The Go tests write the
same images and compare the files byte for byte, strips apart.
"""
import datetime
import functools

import numpy as np
import tifffile
from mibidata import mibi_image, tiff

COMMON = dict(
    run='20191016_run', slide='5', fov_id='FOV1', fov_name='R1C3', folder='FOV1/RowNumber0',
    scans='0,5', aperture='B', instrument='MIBIscope', tissue=None, panel='P \u00b5 \U0001f600',
    mass_gain=0.2, miscalibrated=False, check_reg=None, filename='20191016_run',
    description='line\nbreak "quoted" \\ \x7f', version='alpha',
    date=datetime.datetime(2019, 10, 16, 14, 48, 12))
CHANNELS = ((147, 'CD8'), (12, 'b/x'), (2, 'A\u00b5'), (3, '\U0001d6fc'), (23, '23'), (197, 'CD45'))


def samples(rows, cols, dtype):
    index = np.arange(rows * cols * len(CHANNELS)).reshape(rows, cols, len(CHANNELS))
    return (index * 7 % 11 * (index % 3 == 0)).astype(dtype)


tiff.write('python-uint16.tiff', mibi_image.MibiImage(
    samples(16, 16, np.uint16), CHANNELS, coordinates=(-241.0, -14967.999999999998), size=400.,
    dwell=4, mass_offset=0.1, time_resolution=0.5, tag='user', nested=[1, {'k': None, 'f': 1e-7}],
    **COMMON), sed=samples(8, 8, np.uint8)[:, :, 0])
tiff.write('python-float32.tiff', mibi_image.MibiImage(
    samples(16, 24, np.float32), CHANNELS, coordinates=(1234.56789, 0.1), size=333.3,
    dwell=0.25, mass_offset=1e-05, time_resolution=500, **COMMON))

# An optical image small enough to end within the slide's label.
rows, cols = np.indices((600, 400))
optical = np.stack([rows // 9 % 256, cols // 9 % 256, (rows // 9 + cols // 9) % 256], axis=2).astype(np.uint8)
tiff.write('python-optical.tiff', mibi_image.MibiImage(
    samples(6, 6, np.uint16), CHANNELS, coordinates=(-0.5, 1e-05), size=1e6 / 3,
    dwell=4, mass_offset=0.1, time_resolution=0.5, **COMMON),
    sed=samples(5, 3, np.int16)[:, :, 0], optical=optical, ranges=[(i, 1000 * i) for i in range(len(CHANNELS))])
# The tools themselves never write a BigTIFF.
tiff.TiffWriter = functools.partial(tifffile.TiffWriter, bigtiff=True)
tiff.write('python-big.tiff', mibi_image.MibiImage(
    samples(6, 6, np.uint16), CHANNELS, coordinates=(1, -2), size=400,
    dwell=4, mass_offset=0.1, time_resolution=0.5, **COMMON),
    sed=samples(5, 3, np.float64)[:, :, 0], dtype=np.float32)
