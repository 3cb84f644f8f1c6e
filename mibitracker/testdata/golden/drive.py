"""Calls the field's Python client, one call a line.

Each line of the input is a JSON object: the call's name, the address of a
backend, and a folder with files to send. Each line of the output is what the
call returned, in short, or what it raised. PYTHONPATH leads to the client.
"""
import io
import json
import os
import sys
import time
import warnings

from mibitracker.request_helpers import MibiRequests

EMAIL, PASSWORD = 'a@example.org', 'a-password'
CALLS = {}


def call(name):
    def keep(function):
        CALLS[name] = function
        return function
    return keep


class Job:
    def __init__(self, order):
        self.url, self.dir = order['url'], order['dir']

    def client(self, **options):
        return MibiRequests(self.url, EMAIL, PASSWORD, **options)

    def path(self, name):
        return os.path.join(self.dir, name)


def ids(objects):
    return [o['id'] for o in objects]


def chars(buffer):
    return len(buffer.read())


# The session.

@call('login-password')
def _(job):
    job.client()


@call('login-password-wrong')
def _(job):
    MibiRequests(job.url, EMAIL, 'not-a-password')


@call('login-token')
def _(job):
    MibiRequests(job.url, token='given-token')


@call('login-token-bad')
def _(job):
    MibiRequests(job.url, token='bad-token')


@call('login-token-and-password')
def _(job):
    MibiRequests(job.url, EMAIL, PASSWORD, token='given-token')


@call('login-nothing')
def _(job):
    MibiRequests(job.url)


@call('login-url-with-slash')
def _(job):
    MibiRequests(job.url + '/', EMAIL, PASSWORD).get('/runs/')


@call('refresh')
def _(job):
    client = job.client()
    client.refresh()
    client.get('/runs/')


@call('refresh-expired')
def _(job):
    job.client().refresh()


@call('refresh-by-itself')
def _(job):
    client = job.client(refresh=0.001)
    time.sleep(0.02)
    client.get('/runs/')


@call('refresh-off')
def _(job):
    client = job.client(refresh=0)
    time.sleep(0.02)
    client.get('/runs/')


@call('cookie')
def _(job):
    client = job.client()
    client.get('/odd/')
    client.get('/runs/')


# Any route.

@call('get')
def _(job):
    return job.client().get('/runs/', params={'name': 'a b&c=d/é+1', 'limit': 3}).json()


@call('get-without-slashes')
def _(job):
    return job.client().get('images/12').json()


@call('get-query-in-route')
def _(job):
    return job.client().get('/tissues/?organ=tonsil').json()


@call('post-json')
def _(job):
    return job.client().post('/slides/1/', json={'a': [1, 2.5, None, 'é']}).json()


@call('post-form')
def _(job):
    return job.client().post('slides/', data={'name': 'a b&c', 'lot': 7}).json()


@call('post-files')
def _(job):
    with open(job.path('point1.tiff'), 'rb') as file:
        return job.client().post('/slides/', data={'lot': 7}, files={'file': ('p.tiff', file, 'image/tiff')}).json()


@call('put-json')
def _(job):
    return job.client().put('/images/12/', json={'tissue': None, 'fov_size': 500.0}).json()


@call('put-files')
def _(job):
    with open(job.path('point1.tiff'), 'rb') as file:
        return job.client().put('images/12', data={'tissue': 1}, files={'attachment': ('p.tiff', file, 'image/tiff')}).json()


@call('delete')
def _(job):
    job.client().delete('/imagesets/4/')


@call('options')
def _(job):
    client = job.client()
    client.session.options(client.url + '/runs/')


@call('redirect-elsewhere')
def _(job):
    job.client().get('/odd/')


@call('redirect-of-a-post')
def _(job):
    job.client().post('/odd/', json={'a': 1})


for status in '400', '401', '403', '404', '409', '429', '500':
    @call('status-' + status)
    def _(job):
        job.client().get('/odd/')


for method in 'get', 'put', 'delete':
    @call('retry-' + method)
    def _(job, method=method):
        getattr(job.client(), method)('/odd/')


@call('retry-post')
def _(job):
    job.client().post('/odd/', json={'a': 1})


for method in 'get', 'put', 'post':
    @call('broken-' + method)
    def _(job, method=method):
        getattr(job.client(), method)('/odd/', json={'a': 1})


@call('retry-codes')
def _(job):
    job.client(retry_codes=(500,), retries=1).get('/odd/')


@call('retry-methods')
def _(job):
    job.client(retry_methods=('GET',), retries=1).put('/odd/')


@call('retry-in-vain')
def _(job):
    job.client(retries=1).get('/odd/')


# Files, runs and images.

@call('download_file')
def _(job):
    return chars(job.client().download_file('old-run-uuid/Point 1/a+b µ.txt'))


@call('download_file-missing')
def _(job):
    return chars(job.client().download_file('none'))


@call('download_file-lost')
def _(job):
    return chars(job.client().download_file('lost'))


@call('download_file-storage-busy')
def _(job):
    return chars(job.client().download_file('busy'))


@call('search_runs-name')
def _(job):
    return ids(job.client().search_runs('20190308_2169_2170'))


@call('search_runs-label')
def _(job):
    return ids(job.client().search_runs('20190308_2169_2170', 'old run'))


for variant in ('', '-nulls', '-empty', '-code', '-lost', '-none', '-two'):
    @call('copy_run' + variant)
    def _(job):
        return ids(job.client().copy_run('old run', 'new run'))


@call('copy_run-overrides')
def _(job):
    return ids(job.client().copy_run('old run', 'new run', project=12, fov_size=200.5, description='cropped', operator=None))


@call('copy_run-odd-label')
def _(job):
    return ids(job.client().copy_run('old+run & more', 'new run'))


for variant in ('', '-older-backend', '-nulls', '-code', '-missing', '-two', '-lost', '-gif', '-empty'):
    @call('copy_run_image_metadata' + variant)
    def _(job):
        made = job.client().copy_run_image_metadata('old run', 'new run')
        return {str(old): image['id'] for old, image in made.items()}


@call('copy_run_image_metadata-overrides')
def _(job):
    made = job.client().copy_run_image_metadata('old run', 'new run', frame=512, tissue=77, imaging_preset=None)
    return {str(old): image['id'] for old, image in made.items()}


@call('run_images')
def _(job):
    return ids(job.client().run_images('old run'))


for variant in ('', '-none'):
    @call('image_conjugates' + variant)
    def _(job):
        return [c['target'] for c in job.client().image_conjugates(11)]


for variant in ('', '-by-name', '-none', '-two'):
    @call('image_id' + variant)
    def _(job):
        return job.client().image_id('old run', 'Point11')


@call('get_mibi_image')
def _(job):
    image = job.client().get_mibi_image(11)
    return {'channels': list(image.targets), 'rows': image.data.shape[0], 'columns': image.data.shape[1],
            'sums': [int(image.data[:, :, i].sum()) for i in range(image.data.shape[2])]}


for variant in ('', '-unknown'):
    @call('get_channel_data' + variant)
    def _(job):
        plane = job.client().get_channel_data(11, 'HLA class 1 A, B, and C')
        return {'rows': plane.shape[0], 'columns': plane.shape[1], 'sum': int(plane.sum())}


# Uploads and image sets.

for variant in ('', '-refused', '-refused-by-storage'):
    @call('upload_mibitiff' + variant)
    def _(job):
        return job.client().upload_mibitiff(job.path('point1.tiff'), run_id=26).json()


@call('upload_mibitiff-object')
def _(job):
    with open(job.path('point1.tiff'), 'rb') as file:
        file.read()
        return job.client().upload_mibitiff(file, run_id=26).json()


@call('upload_mibitiff-without-run')
def _(job):
    job.client().upload_mibitiff(job.path('point1.tiff'))


for name in 'CD3.png', 'CD8.TIF', 'cells.tiff':
    @call('upload_channel-' + name)
    def _(job, name=name):
        return job.client().upload_channel(11, job.path(name)).json()


@call('upload_channel-named')
def _(job):
    with open(job.path('CD3.png'), 'rb') as file:
        return job.client().upload_channel(11, file, 'HLA class 1 A, B, and C.PNG').json()


@call('upload_channel-odd-name')
def _(job):
    with open(job.path('CD3.png'), 'rb') as file:
        return job.client().upload_channel(11, file, 'A/B µ "x".png').json()


@call('upload_channel-without-name')
def _(job):
    job.client().upload_channel(11, io.BytesIO(b'content'))


@call('create_imageset')
def _(job):
    job.client().create_imageset([10, 11], 'the set', 7)


@call('create_imageset-described')
def _(job):
    job.client().create_imageset([10], 'the set', 7, 'what is in it')


def main():
    warnings.simplefilter('ignore')
    for line in sys.stdin:
        order = json.loads(line)
        result = {}
        try:
            returned = CALLS[order['call']](Job(order))
            if returned is not None:
                result['returned'] = returned
        except Exception as e:
            result['raised'] = type(e).__name__
            response = getattr(e, 'response', None)
            if response is not None:
                result['raised'] += ' {}'.format(response.status_code)
        print(json.dumps(result), flush=True)


if __name__ == '__main__':
    main()
