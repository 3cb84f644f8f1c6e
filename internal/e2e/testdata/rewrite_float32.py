"""Writes a MIBItiff again with tifffile, in float32: rewrite_float32.py FROM TO CODEC."""
import sys

import numpy as np
import tifffile

codec = None if sys.argv[3] == 'none' else sys.argv[3]
with tifffile.TiffFile(sys.argv[1]) as old, tifffile.TiffWriter(sys.argv[2]) as new:
    for page in old.pages:
        tags = {code: page.tags[code].value for code in (270, 282, 283, 285, 286, 287, 305, 306)}
        new.write(
            page.asarray().astype(np.float32), compression=codec, contiguous=False, metadata=None,
            description=tags[270].encode(), software=tags[305], datetime=tags[306],
            resolution=(tags[282], tags[283], 'CENTIMETER'),
            extratags=[(285, 's', 0, tags[285], True), (286, '2i', 1, tags[286], True), (287, '2i', 1, tags[287], True)])
