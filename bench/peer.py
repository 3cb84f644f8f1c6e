"""A task of the Python tool: peer.py TASK FILE [FILE]. Prints its seconds."""

import sys
import time

from mibidata import tiff


def main(task, *paths):
    image = tiff.read(paths[0]) if task == 'write' else None
    begin = time.perf_counter()
    if task == 'read':
        tiff.read(paths[0])
    elif task == 'channel':
        tiff.read(paths[0], targets=[paths[1]])
    elif task == 'info':
        tiff.info(paths[0])
    elif task == 'write':
        tiff.write(paths[1], image)
    print(time.perf_counter() - begin)


main(*sys.argv[1:])
