"""Prints what tifffile and zarr see in OME-TIFFs, as JSON."""
import hashlib
import json
import logging
import sys
import warnings
from xml.etree import ElementTree

import tifffile

OME = '{http://www.openmicroscopy.org/Schemas/OME/2016-06}'

warnings.simplefilter('error')
logging.basicConfig(level=logging.WARNING)


def digests(array):
    little = array.astype(array.dtype.newbyteorder('<'))
    return [hashlib.sha256(plane.tobytes()).hexdigest() for plane in little]


def zarr_levels(path):
    """The levels as zarr reads them, None where it is not installed."""
    try:
        import zarr
    except ImportError:
        return None
    with tifffile.imread(path, aszarr=True) as store:
        node = zarr.open(store, mode='r')
        if isinstance(node, zarr.core.Array):
            return [digests(node[:])]
        return [digests(array[:]) for _, array in sorted(node.arrays())]


def look(path):
    with tifffile.TiffFile(path) as tif:
        series = tif.series[0]
        pixels = ElementTree.fromstring(tif.ome_metadata).find(f'.//{OME}Pixels')
        return {
            'ome': tif.is_ome, 'big': tif.is_bigtiff, 'series': len(tif.series), 'kind': series.kind,
            'axes': series.axes, 'dtype': str(series.dtype), 'pyramidal': series.is_pyramidal,
            'shapes': [list(level.shape) for level in series.levels],
            'levels': [digests(level.asarray()) for level in series.levels],
            'zarr': zarr_levels(path),
            'names': [channel.get('Name') for channel in pixels.iter(f'{OME}Channel')],
            'pixel': [float(pixels.get('PhysicalSizeX')), float(pixels.get('PhysicalSizeY')), pixels.get('PhysicalSizeXUnit')],
        }


json.dump([look(path) for path in sys.argv[1:]], sys.stdout)
