package api

import "time"

// maxBuckets is how many buckets, and how many known places, are kept: some
// 4 MB of each.
const maxBuckets = 1 << 16

// buckets are how full each bucket is: the time at which it will have drained.
type buckets map[bucketKey]time.Time

// wait is how long until the bucket has room for a failure; 0 if it has.
func (b buckets) wait(k bucketKey, l limit, now time.Time) time.Duration {
	empty, found := b[k]
	if !found {
		return 0
	}
	return max(0, empty.Sub(now)-time.Duration(l.burst-1)*l.drain)
}

// fill adds a failure.
func (b buckets) fill(k bucketKey, l limit, now time.Time) {
	empty, found := b[k]
	if !found {
		dropEarliest(b)
	}
	if empty.Before(now) {
		empty = now
	}
	b[k] = empty.Add(l.drain)
}

// knownPlaces are the accounts at the addresses where they have proved
// themselves, and when they did last.
type knownPlaces map[bucketKey]time.Time

// knownFor is how long an account is known at an address.
const knownFor = 30 * 24 * time.Hour

func (p knownPlaces) add(k bucketKey, now time.Time) {
	if _, found := p[k]; !found {
		dropEarliest(p)
	}
	p[k] = now
}

func (p knownPlaces) has(k bucketKey, now time.Time) bool {
	at, found := p[k]
	return found && now.Sub(at) < knownFor
}

// dropEarliest makes room in a full map: of a few entries that the map's
// random order names it drops the one of the earliest time. Who fills the map
// with buckets of one failure each drops those, and hardly ever a full one.
func dropEarliest[M ~map[bucketKey]time.Time](m M) {
	const look = 32
	if len(m) < maxBuckets {
		return
	}
	var earliest bucketKey
	var at time.Time
	n := 0
	for k, t := range m {
		if n == 0 || t.Before(at) {
			earliest, at = k, t
		}
		if n++; n == look {
			break
		}
	}
	delete(m, earliest)
}
