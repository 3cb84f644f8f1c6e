"""Drives the field's Python client against a server and checks its answers.

    python_client.py URL EMAIL PASSWORD RUN.xml FOV.tiff LABEL

The client is imported from PYTHONPATH, unmodified. The run XML's file name
without its extension must be the run that the TIFF names. Prints one JSON
object: what each call returned, in short. Any surprise is an exception.
"""
import io
import json
import os
import sys
import tempfile
import time
import warnings

import numpy as np
from requests.exceptions import HTTPError
from skimage import io as skio

from mibidata import tiff
from mibitracker.mibitracker_exceptions import MibiTrackerError
from mibitracker.request_helpers import MibiRequests

warnings.simplefilter('ignore')
URL, EMAIL, PASSWORD, XML, TIFF, LABEL = sys.argv[1:]
NAME = os.path.splitext(os.path.basename(XML))[0]
answers = {}


def refused(error, call, status=None):
    """The call must fail with this error, and this HTTP status."""
    try:
        call()
    except error as e:
        if status is not None:
            assert e.response.status_code == status, (e.response.status_code, e.response.text)
            assert e.response.headers['Content-Type'].startswith('application/json'), e.response.headers
        return
    raise AssertionError('not refused')


def wait(mr, image_id, code):
    """The image must get a status within a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        image = mr.get('/images/{}/'.format(image_id)).json()
        if image['status'] == [code]:
            return image
        assert code == 'E' or image['status'] != ['E'], image['processing_error']
        time.sleep(0.1)
    raise AssertionError('image {} is {}'.format(image_id, image['status']))


# Logging in.
refused(HTTPError, lambda: MibiRequests(URL, EMAIL, 'not ' + PASSWORD), 400)
refused(HTTPError, lambda: MibiRequests(URL, token='a.b.c'), 401)
mr = MibiRequests(URL, EMAIL, PASSWORD)
token = mr.session.headers['Authorization'][4:]
by_token = MibiRequests(URL, token=token)
assert by_token.get('runs/?limit=1').json()['count'] >= 0
answers['login by token'] = 'ok'
mr.refresh()
assert mr.session.headers['Authorization'].startswith('JWT ')
impatient = MibiRequests(URL, token=token, refresh=0.0001)
time.sleep(0.01)
impatient.get('/runs/')
assert impatient.session.headers['Authorization'] != ''
answers['refresh'] = 'new token of {} characters'.format(len(mr.session.headers['Authorization']) - 4)

# What a run lies on.
instrument = mr.get('/instruments/?paging=no').json()[0]
apertures = {a['code']: a for a in mr.get('/apertures/', params={'paging': 'no'}).json()}
assert sorted(apertures) == ['A', 'B', 'C', 'D', 'E'], apertures
project = mr.post('/projects/', json={'name': 'Project ' + LABEL}).json()
tissue = mr.post('/tissues/', json={'organ': 'Tonsil', 'diagnosis': 'Unremarkable'}).json()
slide = mr.post('/slides/', json={'name': 'Slide ' + LABEL, 'project': project['id']}).json()
panel = mr.post('/panels/', json={'name': 'Panel ' + LABEL, 'project': project['id'], 'conjugates': [
    {'target': 'CD3', 'mass': 159, 'element': 'Tb'}, {'target': 'CD45', 'mass': 169, 'element': 'Tm'}]}).json()
section = mr.post('/sections/', json={'tissue': tissue['id'], 'slide': slide['id'], 'panel': panel['id'],
                                      'project': project['id'], 'position': 'Top'}).json()
with open(XML, 'rb') as fh:
    run = mr.post('/runs/', data={
        'instrument': instrument['id'], 'slides': str(slide['id']), 'label': LABEL, 'fov_size': 500,
        'aperture': apertures['B']['id'], 'project': project['id'], 'description': 'made by a test',
    }, files={'xml': (os.path.basename(XML), fh, 'application/xml')}).json()
assert run['label'] == LABEL and run['name'] == NAME, run
folder = tiff.info(TIFF)['folder']
fov = folder.split('/')[0]

# Runs and images.
found = mr.search_runs(NAME)
assert LABEL in [r['label'] for r in found['results']], found
found = mr.search_runs(NAME, LABEL)
assert found['count'] == 1 and found['results'][0]['id'] == run['id'], found
assert mr.search_runs('no such run')['count'] == 0
answers['search_runs'] = 'count {}, label {}'.format(found['count'], found['results'][0]['label'])
images = mr.run_images(LABEL)
assert [i['folder'] for i in sorted(images, key=lambda i: i['id'])] == [i['folder'] for i in run['imageset']['images']]
assert all(i['status'] == ['U'] for i in images)
answers['run_images'] = '{} images: {}'.format(len(images), ', '.join(i['number'] for i in images))
image_id = mr.image_id(LABEL, fov)
assert image_id == [i['id'] for i in images if i['folder'] == folder][0]
refused(MibiTrackerError, lambda: mr.image_id(LABEL, 'Point999'))
answers['image_id'] = image_id

# Conjugates: none without a section, then the panel's.
assert mr.image_conjugates(image_id) == []
updated = mr.put('/images/{}'.format(image_id), json={'section': section['id'], 'tissue': tissue['id']}).json()
assert updated['section']['panel']['name'] == panel['name'] and updated['fov_size'] == 500
conjugates = mr.image_conjugates(image_id)
assert [(c['mass'], c['target']) for c in conjugates] == [(159, 'CD3'), (169, 'CD45')], conjugates
answers['image_conjugates'] = ['{} ({})'.format(c['target'], c['mass']) for c in conjugates]

# Uploading: refused first, then by path, then by file object.
refused(HTTPError, lambda: mr.upload_mibitiff(io.BytesIO(b'no TIFF at all'), run['id']), 400)
with open(TIFF, 'rb') as fh:
    whole = fh.read()
refused(HTTPError, lambda: mr.upload_mibitiff(io.BytesIO(whole[:len(whole) // 2]), run['id']), 400)
assert mr.get('/images/{}/'.format(image_id)).json()['status'] == ['U']
response = mr.upload_mibitiff(TIFF, run['id'])
answers['upload_mibitiff'] = '{} {}'.format(response.status_code, response.text.strip()[:100])
image = wait(mr, image_id, 'A')
mr.upload_mibitiff(io.BytesIO(whole), run['id'])

# Reading back.
want = tiff.read(TIFF)
got = mr.get_mibi_image(image_id)
assert got == want and got.data.dtype == want.data.dtype and np.array_equal(got.data, want.data)
assert got.metadata() == want.metadata()
answers['get_mibi_image'] = 'equal to tiff.read: {} {} {}'.format(got.data.shape, got.data.dtype, len(got.channels))
names = mr.get('/images/{}/channelnames/'.format(image_id)).json()
assert sorted(names) == sorted(want.targets), names
types = set()
for name in names:
    plane = mr.get_channel_data(image_id, name)
    assert np.array_equal(plane, want[name]), name
    types.add(str(plane.dtype))
refused(MibiTrackerError, lambda: mr.get_channel_data(image_id, 'no such channel'))
answers['get_channel_data'] = '{} channels equal, as {}'.format(len(names), ', '.join(sorted(types)))

# Extra channels.
rows, cols = want.data.shape[:2]
mask = (np.arange(rows * cols).reshape(rows, cols) % 251).astype(np.uint8)
with tempfile.TemporaryDirectory() as folder_:
    for file, data in (('cell_boundaries.png', mask), ('Labels.TIF', mask.astype(np.uint16) * 257)):
        path = os.path.join(folder_, file)
        if file.endswith('.png'):
            skio.imsave(path, data, check_contrast=False)
        else:
            import tifffile
            tifffile.imwrite(path, data)
        response = mr.upload_channel(image_id, path)
        name = os.path.splitext(file)[0]
        assert np.array_equal(mr.get_channel_data(image_id, name), data), file
    wrong = os.path.join(folder_, 'wrong_size.png')
    skio.imsave(wrong, mask[:7, :7], check_contrast=False)
    refused(HTTPError, lambda: mr.upload_channel(image_id, wrong), 400)
    sims = os.path.join(folder_, 'x.png')
    skio.imsave(sims, mask, check_contrast=False)
    with open(sims, 'rb') as fh:
        refused(HTTPError, lambda: mr.upload_channel(image_id, fh, names[0] + '.png'), 400)
    with open(sims, 'rb') as fh:
        mr.put('/images/{}/'.format(image_id), files={'attachment': ('sed.png', fh, 'image/png')},
               data={'fov_size': 501})
image = mr.get('/images/{}/'.format(image_id)).json()
assert sorted(image['extra_pngs']) == ['Labels', 'cell_boundaries'] and image['sed'] == 'sed.png', image
assert image['fov_size'] == 501 and image['tissue']['id'] == tissue['id']
answers['upload_channel'] = '{} {}; extra_pngs {}'.format(response.status_code, response.text.strip()[:60], image['extra_pngs'])

# Copying.
old, new = mr.copy_run(LABEL, LABEL + '-copy', description='a copy')
assert old['id'] == run['id'] and new['label'] == LABEL + '-copy' and new['run_date'] == old['run_date']
assert new['description'] == 'a copy' and new['aperture'] == old['aperture'] and new['project']['id'] == project['id']
assert [s['id'] for s in new['slide_ids']] == [slide['id']]
answers['copy_run'] = 'run {} to {}, {} images'.format(old['id'], new['id'], len(new['imageset']['images']))
refused(HTTPError, lambda: mr.copy_run(LABEL, LABEL + '-copy'), 400)
refused(MibiTrackerError, lambda: mr.copy_run('no such label', 'x'))
copies = mr.copy_run_image_metadata(LABEL, LABEL + '-copy')
assert len(copies) == len(images)
copied = copies[image_id]
assert copied['tissue']['id'] == tissue['id'] and copied['section']['id'] == section['id']
assert copied['fov_size'] == 501 and copied['sed'] == 'sed.png' and copied['status'] == ['U']
sed = skio.imread(mr.download_file('/'.join((copied['run']['path'], copied['folder'], 'sed.png'))))
assert np.array_equal(sed, mask)
answers['copy_run_image_metadata'] = {str(k): v['id'] for k, v in copies.items()}

# Image sets.
assert mr.create_imageset([image_id, copied['id']], 'Set ' + LABEL, project['id'], 'both') is None
sets = mr.get('/imagesets/', params={'name': 'Set ' + LABEL}).json()['results']
assert len(sets) == 1 and sorted(i['id'] for i in sets[0]['images']) == sorted([image_id, copied['id']]), sets
answers['create_imageset'] = 'set {} of {} images'.format(sets[0]['id'], len(sets[0]['images']))

# Errors carry the server's words.
refused(HTTPError, lambda: mr.get('/images/999999/'), 404)
refused(HTTPError, lambda: mr.get('/images/?no_such_filter=1'), 400)
refused(HTTPError, lambda: mr.get('/download/', params={'path': '../secrets.json'}), 400)
found = mr.get('/images/search_advanced/', params={'run': LABEL[:-1], 'status': ['A', 'E'], 'antibodyTarget': want.targets[0][:3]}).json()
assert found['count'] == 1 and found['results'][0]['id'] == image_id, found
wait(mr, image_id, 'A')
json.dump(answers, sys.stdout, indent=1)
print()
