"""Brings channels one by one, and writes each as a TIFF."""
import json
import os
import sys

from mibitracker.request_helpers import MibiRequests
from skimage import io

order = json.load(sys.stdin)
client = MibiRequests(order['url'], order['email'], order['password'])
for image in order['images']:
    folder = os.path.join(order['dir'], str(image))
    os.makedirs(folder)
    for channel in order['channels']:
        data = client.get_channel_data(image, channel)
        io.imsave(os.path.join(folder, channel.replace('/', '-') + '.tiff'), data,
                  check_contrast=False)
